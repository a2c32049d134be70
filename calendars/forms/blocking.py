"""Time to block by hand, by the clock of its owner."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars.forms.texts import validate_one_line
from calendars.forms.wall_clock import WallClockField
from calendars.models import BlockedSlot
from calendars.services.blocking_by_hand import Wanted

LONGEST = timedelta(days=366)


def tell_by(zone: ZoneInfo, form: forms.BaseForm) -> None:
    """Have both times of the form read and written by the clock of that zone."""
    for name in ("starts_at", "ends_at"):
        field: Any = form.fields[name]
        field.zone = zone
        field.help_text = gettext("By the clock of %(zone)s.") % {"zone": zone.key}


def check_span(form: forms.BaseForm, *, longest: timedelta, too_long: str) -> None:
    """Say on the form what is wrong with its span."""
    starts_at, ends_at = (form.cleaned_data.get(name) for name in ("starts_at", "ends_at"))
    if starts_at and ends_at and ends_at <= starts_at:
        form.add_error("ends_at", _("It has to end after it begins."))
    elif starts_at and ends_at and ends_at - starts_at > longest:
        form.add_error("ends_at", too_long)


class BlockForm(forms.ModelForm[BlockedSlot]):
    starts_at = WallClockField(label=_("From"))
    ends_at = WallClockField(label=_("To"))

    class Meta:
        model = BlockedSlot
        fields = ["starts_at", "ends_at", "title"]
        labels = {"title": _("Title")}
        help_texts = {"title": _("What it is for. Guests never see it.")}

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        tell_by(zone, self)
        self.fields["title"].validators.append(validate_one_line)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            # As it was: an hour that the clock shows twice would come back as the first of the two.
            if self.instance.pk and name in cleaned and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
        too_long = gettext("A year is the most that can be blocked at once.")
        check_span(self, longest=LONGEST, too_long=too_long)
        return cleaned

    def wanted(self) -> Wanted:
        """Of a valid form."""
        return Wanted(
            starts_at=self.cleaned_data["starts_at"],
            ends_at=self.cleaned_data["ends_at"],
            title=self.cleaned_data.get("title", ""),
        )
