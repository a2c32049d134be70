from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from accounts.database_errors import is_transient
from accounts.models import Member, SubAccount, User
from accounts.try_again import try_again


class SignedInRequest(HttpRequest):
    user: User


class TenantRequest(SignedInRequest):
    """A request that went through the gate: the sub-account is the user's to enter."""

    sub_account: SubAccount
    member: Member


class TenantGate:
    """Let a request for `/s/<sub_account>/…` pass for that sub-account's members only.

    Outsiders get the same 404 as for a sub-account that does not exist. Membership is read at each
    request: someone removed is out at once. What staff see is kept by no browser and no proxy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info == "/" or request.path_info.startswith(("/s/", "/accounts/")):
            add_never_cache_headers(response)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if not request.path_info.startswith("/s/"):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        member = (
            Member.objects.select_related("sub_account", "user")
            .filter(user=request.user, sub_account__slug=kwargs["sub_account"])
            .first()
        )
        if member is None:
            raise Http404("No such sub-account.")
        request.member = member  # type: ignore[attr-defined]
        request.sub_account = member.sub_account  # type: ignore[attr-defined]
        return None


class TryAgain:
    """Say so where the database takes nothing just now, in place of a page about our mistakes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DatabaseError) or not is_transient(error):
            return None
        return try_again(request)
