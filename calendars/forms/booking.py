"""What a guest sends to book, and how the page is shown to them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from calendars.forms.texts import LinesField, plain_lines, validate_ascii, validate_one_line
from calendars.forms.zone_select import ZoneSelect
from calendars.forms.zones import zone_choices
from calendars.models import Calendar
from calendars.services.booking import BookingRequest
from calendars.services.openings import Time

YEARS = range(1970, 2200)  # any time zone can show these
FORM_ID = "booking"  # the times stand outside of the form element, and name it


class InstantField(forms.Field):
    """An instant in ISO 8601 with its offset, on a full second; cleans to UTC."""

    def to_python(self, value: Any) -> Any:
        return _instant(str(value)) if value not in self.empty_values else None


def _instant(text: str) -> datetime:
    refusal = forms.ValidationError(_("Please choose one of the times shown."))
    try:
        at = datetime.fromisoformat(text)
        utc = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal from error
    if at.tzinfo is None or at.microsecond or utc.year not in YEARS or not text.isprintable():
        raise refusal
    return utc


class TimesWidget(forms.RadioSelect):
    """Stands in a form with autocomplete off: the back button would tick whatever time stands now
    where the chosen one stood."""

    template_name = "calendars/times_widget.html"

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["time"] = option["label"]
        return option


class BookingForm(forms.Form):
    template_name = "calendars/booking_form.html"

    start = InstantField(
        label=_("Time"),
        widget=TimesWidget(attrs={"form": FORM_ID}),
        error_messages={"required": _("Please choose a time.")},
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        validators=[validate_one_line],
        error_messages={"required": _("Please enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        validators=[validate_ascii],
        error_messages={"required": _("Please enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    notes = LinesField(
        label=_("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "on"}),
    )
    host = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )
    key = forms.CharField(max_length=300, widget=forms.HiddenInput)

    def offer(self, times: Sequence[Time]) -> None:
        """Show these times to choose from. What was chosen is not checked against them."""
        widget: Any = self.fields["start"].widget
        widget.choices = [(time.value, time) for time in times]

    def clean_notes(self) -> str:
        return plain_lines(self.cleaned_data["notes"])

    def wanted(self, calendar: Calendar, *, zone: ZoneInfo) -> BookingRequest:
        clean = self.cleaned_data
        return BookingRequest(
            calendar=calendar,
            starts_at=clean["start"],
            name=clean["name"],
            email=clean["email"],
            phone=clean["phone"],
            notes=clean["notes"],
            time_zone=zone.key,
            key=clean["key"],
            host=clean["host"],
            language=get_language() or settings.LANGUAGE_CODE,
        )


class LookForm(forms.Form):
    """In whose clock, and with whom, the times are shown. Sent by GET; never a reason to fail."""

    use_required_attribute = False
    with_whom: StrOrPromise = ""  # whose times they are, where that is a guest's to choose

    tz = forms.ChoiceField(label=_("Time zone"), widget=ZoneSelect)
    host = forms.ChoiceField(label=_("With"))
    date = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *, zone: ZoneInfo, hosts: Sequence[User], host: int | None, day: str
    ) -> None:
        super().__init__(
            auto_id="look_%s", initial={"tz": zone.key, "host": host or "", "date": day}
        )
        choices: Any = zone_choices()
        if not any(zone.key in dict(names) for _, names in choices[1:]) and zone.key != "UTC":
            choices = [(zone.key, zone.key), *choices]
        self.fields["tz"].choices = choices  # type: ignore[attr-defined]
        if len(hosts) > 1:
            people = [(user.pk, user.full_name or _("A member of the team")) for user in hosts]
            self.fields["host"].choices = [("", _("Anyone")), *people]  # type: ignore[attr-defined]
            self.with_whom = dict(people).get(host or 0, _("Anyone"))
        else:
            del self.fields["host"]
