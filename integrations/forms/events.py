"""An owner's own event."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars.forms.blocking import check_span, tell_by
from calendars.forms.texts import validate_one_line
from calendars.forms.wall_clock import WallClockField
from integrations.caldav.editing import MOST, Said, plain_title
from integrations.caldav.events import TITLE_LIMIT


class EventForm(forms.Form):
    """Title and time of an event, by the clock of its owner. `shown` is what it begins with, and
    `version` which state of the event that is."""

    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LIMIT,
        required=False,
        validators=[validate_one_line],
    )
    starts_at = WallClockField(label=_("From"))
    ends_at = WallClockField(label=_("To"))
    version = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(
        self, data: QueryDict | None, *, shown: Said, version: str, zone: ZoneInfo
    ) -> None:
        times = {"starts_at": shown.starts_at, "ends_at": shown.ends_at}
        super().__init__(data, initial={"title": shown.title, "version": version, **times})
        tell_by(zone, self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            # As it was: seconds, and an hour that the clock shows twice, are not in the field.
            if name in cleaned and name not in self.changed_data:
                cleaned[name] = self.initial[name]
        too_long = gettext("A month is the most that an event may last here.")
        check_span(self, longest=MOST, too_long=too_long)
        return cleaned

    @property
    def seen(self) -> str:
        """The version of the event that its owner saw."""
        return str(self.cleaned_data["version"])

    @property
    def wanted(self) -> Said:
        """What the owner wants it to say, once the form is valid."""
        chosen = self.cleaned_data
        return Said(plain_title(chosen["title"]), chosen["starts_at"], chosen["ends_at"])
