from typing import Any

from django.http import HttpRequest

from accounts.models import Member


def memberships(request: HttpRequest) -> dict[str, Any]:
    """The user's sub-accounts, for the switcher. Lazy: public pages never ask."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    mine = Member.objects.filter(user=request.user).select_related("sub_account")
    return {"memberships": mine.order_by("sub_account__name")}
