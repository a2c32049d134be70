from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from integrations.models import Connection


def connections(request: HttpRequest) -> dict[str, Any]:
    """Whether Calendar Configuration has something to configure. Asked only where it is shown."""
    if not hasattr(request, "member"):
        return {}

    def has_connection() -> bool:
        mine = Connection.objects.of(request.member.user, request.sub_account)
        return bool(mine.exists())

    return {"has_connection": SimpleLazyObject(has_connection)}
