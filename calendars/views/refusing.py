"""Public pages that are shown again, because what was sent could not be done."""

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django_stubs_ext import StrOrPromise

from accounts.database_errors import is_transient
from accounts.try_again import TRY_AGAIN_AFTER
from calendars.views.framing import public_page


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the page is shown again, with which status. `will_pass`: the same form can be sent again,
    with the same key, so that what was booked after all is not booked twice."""

    status: int
    text: StrOrPromise
    will_pass: bool = False


def unsaved(error: DatabaseError, text: StrOrPromise) -> Refusal:
    """The database takes nothing just now. Raises the error where something is wrong with it."""
    if not is_transient(error):
        raise error
    return Refusal(503, text, will_pass=True)


def page_with(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refusal | None
) -> HttpResponse:
    """The page, which says what was refused, if anything was."""
    context = {**context, "refusal": refusal}
    response = public_page(request, template, context, status=refusal.status if refusal else 200)
    if refusal and refusal.will_pass:
        response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response
