"""The page in place of another one while the database takes nothing."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

TRY_AGAIN_AFTER = 30  # seconds


def try_again(request: HttpRequest) -> HttpResponse:
    """Status 503, with `Retry-After` in seconds. A form that was sent is kept in it, with a button
    that sends the same again.

    Whatever was to be written was not: a transaction exists whole or not at all. The page reads
    nothing from the database, so it says nothing of the sub-account. A form with a password or a
    file in it is not kept: the one must stand in no page, the other can't.
    """
    kept = _kept(request) if request.method == "POST" else None
    # Without the request: what stands around a page is read from the database.
    page = render_to_string(
        "503.html",
        {
            "was_sent": request.method == "POST",
            "kept": kept,
            "csrf_token": get_token(request) if _needs_token(request) else "",
        },
    )
    return HttpResponse(page, status=503, headers={"Retry-After": str(TRY_AGAIN_AFTER)})


def _needs_token(request: HttpRequest) -> bool:
    """Guests' forms carry none: their pages use no cookie, and a token would set one."""
    view = request.resolver_match.func if request.resolver_match else None
    return request.method == "POST" and not getattr(view, "csrf_exempt", False)


def _kept(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The names and values of the form that was sent, in their order. None: it can't be kept."""
    if request.FILES or any("password" in name.lower() for name in request.POST):
        return None
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
