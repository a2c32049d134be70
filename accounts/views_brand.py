"""What public pages look like: files for everybody, kept by browsers for good."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.brand import is_colour
from accounts.models import Logo
from accounts.services.branding import sheet_for, version_of

YEAR = 31_536_000


@require_safe
@gzip_page
def sheet(request: HttpRequest, colour: str, version: str) -> HttpResponse:
    """The address holds all that the sheet follows from. One of another version is answered too,
    so that no page stands undressed while servers are replaced, and kept by nobody."""
    if not is_colour(f"#{colour}"):
        raise Http404("No such colour.")
    text = sheet_for(f"#{colour}")
    response = HttpResponse(text, content_type="text/css; charset=utf-8")
    if version == version_of(text):
        _keep(response)
    else:
        patch_cache_control(response, no_cache=True)
    return response


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """By what it holds, not by whose it is: the same address is always the same picture."""
    found = get_object_or_404(Logo.objects.filter(digest=digest)[:1])
    response = HttpResponse(bytes(found.content), content_type=found.kind)
    _keep(response)
    return response


def _keep(response: HttpResponse) -> None:
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
