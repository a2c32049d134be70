from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)


class ReadersLanguage:
    """Answer in the language that the browser asks for, as Django's `LocaleMiddleware` does.

    No cookie is set for it: booking pages are embedded where cookies are refused. One address
    serves every language, and caches are told so. What is done after the request, as in a worker
    that shares the thread, is in no reader's language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _language_for(request)
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", language)
        return response


def _language_for(request: HttpRequest) -> str:
    found = _supported(request)
    # Times on staff pages stand in tables and grids: they are on a clock of 24 hours.
    return found.partition("-")[0] if request.path_info.startswith("/s/") else found


def _supported(request: HttpRequest) -> str:
    if request.path_info.startswith("/admin/"):
        # It is not translated. By itself Django would put its own words and its dates among it.
        return settings.LANGUAGE_CODE
    # Django's own way obeys a cookie first, which another application of the domain may have set.
    for asked, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        with suppress(LookupError):
            return get_supported_language_variant(asked)
    return settings.LANGUAGE_CODE
