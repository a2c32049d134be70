"""What staff send about appointments: which ones to list, a time and a guest, a reason."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import Member, User
from calendars.forms.booking import FORM_ID, InstantField, TimesWidget
from calendars.forms.guests import GuestFields
from calendars.forms.texts import LinesField, plain_lines
from calendars.forms.wall_clock import WallClockField
from calendars.models import Calendar
from calendars.services.listing import Show
from calendars.services.openings import Time

LONGEST_REASON = 500
LARGEST_KEY = 2**63 - 1


class FilterForm(forms.Form):
    """Which appointments the list shows. Sent by GET; what cannot be read is left out."""

    template_name = "calendars/appointments/filter.html"

    calendar = forms.TypedChoiceField(
        label=_("Calendar"), coerce=int, empty_value=None, required=False
    )
    host = forms.TypedChoiceField(label=_("Host"), coerce=int, empty_value=None, required=False)
    q = forms.CharField(
        label=_("Guest’s name, e-mail or phone"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    show = forms.ChoiceField(
        choices=[(show, show) for show in Show], required=False, widget=forms.HiddenInput
    )

    def __init__(
        self, data: Any, *, calendars: Iterable[Calendar], members: Iterable[Member]
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        named = [(calendar.pk, calendar.name) for calendar in calendars]
        people = [(member.user_id, str(member.user)) for member in members]
        self.fields["calendar"].choices = [("", gettext("All")), *named]  # type: ignore[attr-defined]
        self.fields["host"].choices = [("", pgettext("whoever it is", "Anyone")), *people]  # type: ignore[attr-defined]

    @property
    def shown(self) -> Show:
        return Show(self.cleaned_data.get("show") or Show.UPCOMING)


class TimeForm(forms.Form):
    """A time: one that is offered, or any other; and who serves it, if that matters.

    `zone` is the reader's, in whose clock another time is written.
    """

    template_name = "calendars/booking_form.html"

    start = InstantField(
        label=_("Time"),
        required=False,
        widget=TimesWidget(attrs={"form": FORM_ID}),
    )
    other = WallClockField(
        is_exact=True,
        required=False,
        help_text=_("Counts in place of the times above. You are told what is in the way."),
    )
    host = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_KEY, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other: Any = self.fields["other"]
        other.zone = zone
        other.label = gettext("Another time (%(zone)s)") % {"zone": zone.key}

    def offer(self, times: Sequence[Time]) -> None:
        """Show these times to choose from. What was chosen is not checked against them."""
        widget: Any = self.fields["start"].widget
        widget.choices = [(time.value, time) for time in times]

    def clean_start(self) -> datetime | None:
        """The chosen time, else the one that staff insist on: what was refused is not among the
        times to choose from any more."""
        chosen: datetime | None = self.cleaned_data["start"]
        return chosen or self._insisted_on()

    def _insisted_on(self) -> datetime | None:
        try:
            at: datetime | None = self.fields["start"].to_python(self.data.get("anyway"))
        except forms.ValidationError:
            return None
        return at

    def clean(self) -> dict[str, Any]:
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (clean["other"] or clean["start"]):
            self.add_error("start", gettext("Please choose a time, or write another one."))
        return clean

    def sent_time(self) -> datetime | None:
        """The time that was sent, if it is one, whatever else is wrong."""
        self.full_clean()
        sent: datetime | None = self.cleaned_data.get("other") or self.cleaned_data.get("start")
        return sent

    @property
    def wanted_at(self) -> datetime:
        """The time that a valid form asks for."""
        wanted: datetime = self.cleaned_data["other"] or self.cleaned_data["start"]
        return wanted

    @property
    def is_anyway(self) -> bool:
        """Whether staff read what is in the way of just this time, and want it all the same."""
        return self.data.get("anyway") == anyway_value(self.wanted_at)


def anyway_value(at: datetime) -> str:
    """What the button to book anyway sends: the time it was shown for."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class MoveForm(TimeForm):
    """A time for an appointment, and, where it has company, for all who come."""

    everybody = forms.BooleanField(
        required=False, help_text=_("All of them are told. Off: the others stay.")
    )

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            label = gettext("Move all %(number)s guests")
            self.fields["everybody"].label = label % {"number": others + 1}
        else:
            del self.fields["everybody"]

    def moves_all(self) -> bool:
        """Whether everybody moves, whatever else is wrong with what was sent."""
        if self.is_bound:
            self.full_clean()
            return bool(self.cleaned_data.get("everybody"))
        return False


class GuestForm(GuestFields, TimeForm):
    """A time, and for whom."""

    # One-time: sent twice, it books once.
    key = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)

    def take_key(self, key: str) -> None:
        """Show it with this one-time key, whatever was sent."""
        self.initial["key"] = key
        if self.is_bound:
            self.data = {**self.data.dict(), "key": key}  # type: ignore[attr-defined]


class HostForm(forms.Form):
    """Whose times are shown. Sent by GET; never a reason to fail."""

    host = forms.ChoiceField(label=_("With"))
    date = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *, hosts: Sequence[User], host: int | None, day: str, anyone: StrOrPromise
    ) -> None:
        super().__init__(auto_id="look_%s", initial={"host": host or "", "date": day})
        people = [(user.pk, str(user)) for user in hosts]
        self.fields["host"].choices = [("", anyone), *people]  # type: ignore[attr-defined]


class CancelForm(forms.Form):
    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=_("The guest reads it in the e-mail."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reason(self) -> str:
        return plain_lines(self.cleaned_data["reason"])
