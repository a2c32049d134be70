from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Member
from integrations.models import Connection


def connections(request: HttpRequest) -> dict[str, Any]:
    """Whether Calendar Configuration has something to configure. Asked only where it is shown."""
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return {}

    def has_connection() -> bool:
        mine = Connection.objects.of(member.user, member.sub_account)
        return bool(mine.exists())

    return {"has_connection": SimpleLazyObject(has_connection)}
