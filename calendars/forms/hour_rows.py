"""Rows of hours: the spans of a weekday, and dates with spans of their own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from calendars.engine.hours import DAY_IN_MINUTES, OpenTime
from calendars.models.hours import clock

_TOUCH = gettext_noop("%(one)s and %(other)s touch. Write them as one span: %(together)s.")
_OVERLAP = gettext_noop("%(one)s and %(other)s overlap. Write them as one span: %(together)s.")
_TOUCH_ON = gettext_noop(
    "On %(day)s, %(one)s and %(other)s touch. Write them as one span: %(together)s."
)
_OVERLAP_ON = gettext_noop(
    "On %(day)s, %(one)s and %(other)s overlap. Write them as one span: %(together)s."
)
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")


class ClockField(forms.Field):
    """A time by the clock, written 9, 9:30, 09.30 or 0930; cleans to the minute of the day.

    24:00, or minute 1440, is the midnight that ends the day.
    """

    default_error_messages = {"invalid": _("Write a time such as 09:30.")}

    def __init__(self, *, label: StrOrPromise) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "size": "5", "maxlength": "5"}
        super().__init__(label=label, required=False, widget=forms.TextInput(attrs=attrs))

    def prepare_value(self, value: Any) -> Any:
        return clock(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        found = _CLOCK.fullmatch(text)
        hour, minute = (int(part or 0) for part in found.groups()) if found else (0, 60)
        if minute > 59 or hour * 60 + minute > DAY_IN_MINUTES:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return hour * 60 + minute


class SpanForm(forms.Form):
    """From when until when; left empty, it says nothing."""

    use_required_attribute = False

    opens = ClockField(label=_("From"))
    closes = ClockField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        opens, closes = self.cleaned_data["opens"], self.cleaned_data["closes"]
        if (opens is None) != (closes is None):
            missing = "opens" if opens is None else "closes"
            self.add_error(missing, gettext("Write both times, or neither."))
        elif opens is not None and opens >= closes:
            backwards = gettext("It has to close after it opens; a day ends at 24:00.")
            self.add_error("closes", backwards)
        return self.cleaned_data

    @property
    def span(self) -> OpenTime | None:
        """Of a valid form."""
        opens, closes = (self.cleaned_data.get(name) for name in ("opens", "closes"))
        return None if opens is None or closes is None else OpenTime(opens, closes)


class DateForm(SpanForm):
    """Hours of a date, or that it is closed. Several rows give a date several spans."""

    day = forms.DateField(
        label=_("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Write a date such as 2026-12-24.")},
    )
    closed = forms.BooleanField(label=_("Closed"), required=False)

    field_order = ["day", "opens", "closes", "closed"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            for where, text in self._objections(**cleaned):
                self.add_error(where, text)
        return cleaned

    def _objections(
        self, *, day: date | None, opens: int | None, closed: bool, **_: Any
    ) -> Iterator[tuple[str, str]]:
        has_hours = opens is not None
        if day is None:
            if has_hours or closed:
                yield "day", gettext("Choose the date that these hours are for.")
        elif day < self._today:
            yield "day", gettext("This date has passed.")
        elif has_hours and closed:
            yield "closed", gettext("Write hours or tick “Closed”, not both.")
        elif not has_hours and not closed:
            yield "opens", gettext("Write the hours of this date, or tick “Closed”.")


class Rows(BaseFormSet[Any]):
    """Rows of which empty ones say nothing."""

    def filled(self) -> Iterator[Any]:
        """The forms that say something and are not ticked to be removed."""
        for form in self.forms:
            said = {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            if any(value not in (None, False) for value in said.values()) and not is_removed(form):
                yield form


class DayRows(Rows):
    def clean(self) -> None:
        if not any(self.errors):
            refuse_meeting_spans(self.spans())

    def spans(self) -> list[OpenTime]:
        return in_order(form.span for form in self.filled())


class DateRows(Rows):
    def clean(self) -> None:
        if any(form.errors for form in self.forms if not is_removed(form)):
            return
        for day, spans in self.by_date().items():
            if None in spans and len(spans) > 1:
                said = gettext("%(day)s is there as closed and once more.")
                raise forms.ValidationError(said % {"day": _in_words(day)})
            refuse_meeting_spans(in_order(spans), on=day)

    def by_date(self) -> dict[date, list[OpenTime | None]]:
        found: defaultdict[date, list[OpenTime | None]] = defaultdict(list)
        for form in self.filled():
            found[form.cleaned_data["day"]].append(form.span)
        return found


def refuse_meeting_spans(spans: Sequence[OpenTime], *, on: date | None = None) -> None:
    """Raise a ValidationError where two of one day's spans, in order, touch or overlap."""
    for one, other in pairwise(spans):
        if other.opens <= one.closes:
            raise forms.ValidationError(_meeting(one, other, on))


def _meeting(one: OpenTime, other: OpenTime, on: date | None) -> str:
    touches = other.opens == one.closes
    together = OpenTime(one.opens, max(one.closes, other.closes))
    said = {"one": _clocks(one), "other": _clocks(other), "together": _clocks(together)}
    if on is None:
        return gettext(_TOUCH if touches else _OVERLAP) % said
    return gettext(_TOUCH_ON if touches else _OVERLAP_ON) % {**said, "day": _in_words(on)}


def is_removed(form: forms.Form) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


def in_order(spans: Iterable[OpenTime | None]) -> list[OpenTime]:
    """The spans that are there, by the clock."""
    return sorted(
        (span for span in spans if span is not None), key=lambda span: (span.opens, span.closes)
    )


def _in_words(day: date) -> str:
    return date_format(day, gettext("j F Y"))


def _clocks(span: OpenTime) -> str:
    return f"{clock(span.opens)}–{clock(span.closes)}"
