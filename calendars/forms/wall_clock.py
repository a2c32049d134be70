"""A date and a time as a reader's clock shows them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.forms.booking import YEARS

WALL_CLOCK = "%Y-%m-%dT%H:%M"


class WallClockField(forms.Field):
    """A date and a time by the clock of `zone`; cleans to UTC.

    A time that the clock shows twice is the first of the two. One that it skips moves forward by as
    much as is skipped, and seconds are dropped; `is_exact` refuses both.
    """

    zone: ZoneInfo  # set by the form: the reader's
    default_error_messages = {
        "invalid": _("Enter a date and a time, such as 2026-03-02T09:00."),
        "skipped": _("The clocks in %(zone)s are put forward then: there is no such time."),
    }

    def __init__(self, *, is_exact: bool = False, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WALL_CLOCK)
        super().__init__(widget=widget, **kwargs)
        self.is_exact = is_exact

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.astimezone(self.zone).strftime(WALL_CLOCK)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            written = datetime.fromisoformat(str(value).strip())
        except ValueError as error:
            raise self._refusal("invalid") from error
        shown = written.replace(second=0, microsecond=0)
        if written.tzinfo or written.year not in YEARS or (self.is_exact and written != shown):
            raise self._refusal("invalid")
        at = shown.replace(tzinfo=self.zone).astimezone(UTC)
        if self.is_exact and at.astimezone(self.zone).replace(tzinfo=None) != shown:
            raise self._refusal("skipped")
        return at

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)

    def _refusal(self, code: str) -> forms.ValidationError:
        message = self.error_messages[code]
        return forms.ValidationError(message, code=code, params={"zone": self.zone.key})
