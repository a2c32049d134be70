"""What is told of a page that failed."""

import sys
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views import defaults
from django.views.debug import SafeExceptionReporterFilter

from accounts.database_errors import is_transient
from accounts.try_again import try_again


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error that no view met with: of a database that does not answer before there
    is one, as where it is looked up who asks, or of a mistake of ours."""
    error = sys.exc_info()[1]
    if isinstance(error, DatabaseError) and is_transient(error):
        return try_again(request)
    return defaults.server_error(request)


class WithoutValues(SafeExceptionReporterFilter):
    """Where it failed and how; neither what was sent with a form nor the variables of the code.

    Django hides what a view calls sensitive: not what fails before the view, with the form as it
    was typed, nor the names that a password has in the code beneath. On a development server
    (`DEBUG`) all is shown.
    """

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        if request is None or not self.is_active(request):
            return super().get_post_parameters(request)
        named = QueryDict(mutable=True)
        named.update(dict.fromkeys(request.POST, self.cleansed_substitute))
        return named

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict[str, Any]().items()
