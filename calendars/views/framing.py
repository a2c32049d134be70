"""Public pages in frames on the sites that a sub-account names, and on no others.

Nothing on these pages asks who is signed in. What a form does there follows from its signed key or
from the secret in its address: a frame, a forged request or a missing cookie changes nothing.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import SubAccount
from accounts.origins import origins_in


def public_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the `sub_account` in its context."""
    response = render(request, template, context, status=status)
    return let_frame(response, context["sub_account"])


def _sites(sub_account: SubAccount) -> list[str]:
    # Read again and not taken as it stands: it becomes part of a header.
    try:
        return origins_in(sub_account.framed_by)
    except ValidationError:
        return []


def let_frame(response: HttpResponse, sub_account: SubAccount) -> HttpResponse:
    """Tell browsers where else it may be shown. X-Frame-Options cannot name sites: it goes."""
    sites = _sites(sub_account)
    if sites:
        # What django-csp's decorator does; a view knows its sub-account later than a decorator.
        setattr(response, "_csp_replace", {"frame-ancestors": sites})  # noqa: B010 -- not typed
        setattr(response, "xframe_options_exempt", True)  # noqa: B010 -- the same
    return response
