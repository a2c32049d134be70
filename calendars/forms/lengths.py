"""Lengths of time as people write them: minutes, or a number with its unit."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from calendars.models import Calendar
from calendars.models.offers import NOTHING

A_WEEK_IN_MINUTES = 7 * 24 * 60
MOST = 65_534  # as a huge number it would not fit a length; so much is refused by any column
UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}


class MinutesField(forms.IntegerField):
    """A length of time in whole minutes."""

    def __init__(self, *, least: int, label: StrOrPromise, help_text: StrOrPromise = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            min_value=least,
            max_value=A_WEEK_IN_MINUTES,
            error_messages={
                "invalid": _("Enter a whole number of minutes."),
                "min_value": _("%(limit_value)s is the least."),
                "max_value": _("A week (10080 minutes) is the most."),
            },
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, timedelta):
            return value
        minutes, rest = divmod(value, timedelta(minutes=1))
        # A part of a minute is shown, and then refused: it is not dropped without a word.
        return minutes + rest / timedelta(minutes=1) if rest else minutes

    def clean(self, value: Any) -> timedelta | None:
        minutes = super().clean(value)
        return None if minutes is None else timedelta(minutes=minutes)


def unit_field(label: StrOrPromise) -> forms.ChoiceField:
    """The unit of the number in the field before it."""
    return forms.ChoiceField(
        label=label, choices=[(unit, Calendar.NoticeUnit(unit).label) for unit in UNITS]
    )


def length_of(amount: int, unit: str) -> timedelta:
    """The length; what is too long for a column stays too long, and fits a `timedelta`."""
    return min(amount, MOST) * UNITS[unit]


def as_written(length: timedelta | None) -> tuple[int | None, str]:
    """A number and the largest unit that needs no fraction."""
    if length is None or length == NOTHING:
        return (None if length is None else 0), "hours"
    unit = next((unit for unit, one in UNITS.items() if not length % one), "minutes")
    return length // UNITS[unit], unit
