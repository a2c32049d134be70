"""The gate to what sub-account admins alone may do. Roles are read at each request: a change counts
from the next one on. ARCHITECTURE.md, "Who may do what", has the whole table."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.middleware import TenantRequest

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[TenantRequest, Arguments], HttpResponse]


def sub_account_admin_required(view: View[Arguments]) -> View[Arguments]:
    """Let the sub-account's admins through the view; its other members get a 403."""

    @wraps(view)
    def gated(
        request: TenantRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if not request.member.is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return gated
