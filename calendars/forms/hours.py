"""Hours on one page: a zone, spans of each weekday, and dates that differ. No script is needed."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict

from calendars.engine.hours import DAY_IN_MINUTES, Hours, OpenTime
from calendars.forms.zones import zone_field
from calendars.models import WeeklyHours
from calendars.models.offers import clock

MOST_SPANS = 12
MOST_DATES = 150  # a browser may send a thousand values
WEEKDAYS = [f"day{weekday.value}" for weekday in WeeklyHours.Weekday]
DATES = "dates"
COPIED_TO = WEEKDAYS[1:5]  # Tuesday to Friday
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")


class Problem(NamedTuple):
    """What is wrong, and the id of what is to be changed."""

    text: str
    where: str


class ClockField(forms.Field):
    """A time by the clock, written 9, 9:30, 09.30 or 0930; cleans to the minute of the day.

    24:00, or minute 1440, is the midnight that ends the day.
    """

    default_error_messages = {"invalid": "Write a time such as 09:30."}

    def __init__(self, *, label: str) -> None:
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

    opens = ClockField(label="From")
    closes = ClockField(label="To")

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        opens, closes = self.cleaned_data["opens"], self.cleaned_data["closes"]
        if (opens is None) != (closes is None):
            self.add_error("opens" if opens is None else "closes", "Write both times, or neither.")
        elif opens is not None and opens >= closes:
            self.add_error("closes", "It has to close after it opens; a day ends at 24:00.")
        return self.cleaned_data

    @property
    def span(self) -> OpenTime | None:
        """Of a valid form."""
        opens, closes = (self.cleaned_data.get(name) for name in ("opens", "closes"))
        return None if opens is None or closes is None else OpenTime(opens, closes)


class DateForm(SpanForm):
    """Hours of a date, or that it is closed. Several rows give a date several spans."""

    day = forms.DateField(
        label="Date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Write a date such as 2026-12-24."},
    )
    closed = forms.BooleanField(label="Closed", required=False)

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
                yield "day", "Choose the date that these hours are for."
        elif day < self._today:
            yield "day", "This date has passed."
        elif has_hours and closed:
            yield "closed", "Write hours or tick “Closed”, not both."
        elif not has_hours and not closed:
            yield "opens", "Write the hours of this date, or tick “Closed”."


class _Rows(BaseFormSet[Any]):
    """Rows of which empty ones say nothing."""

    def filled(self) -> Iterator[Any]:
        """The forms that say something and are not ticked to be removed."""
        for form in self.forms:
            said = {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            if any(value not in (None, False) for value in said.values()) and not _is_removed(form):
                yield form


class DayRows(_Rows):
    def clean(self) -> None:
        if not any(self.errors):
            refuse_meeting_spans(self.spans())

    def spans(self) -> list[OpenTime]:
        return _in_order(form.span for form in self.filled())


class DateRows(_Rows):
    def clean(self) -> None:
        if any(form.errors for form in self.forms if not _is_removed(form)):
            return
        for day, spans in self.by_date().items():
            if None in spans and len(spans) > 1:
                raise forms.ValidationError(f"{day:%-d %B %Y} is there as closed and once more.")
            refuse_meeting_spans(_in_order(spans), where=f"On {day:%-d %B %Y}, ")

    def by_date(self) -> dict[date, list[OpenTime | None]]:
        found: defaultdict[date, list[OpenTime | None]] = defaultdict(list)
        for form in self.filled():
            found[form.cleaned_data["day"]].append(form.span)
        return found


def refuse_meeting_spans(spans: Sequence[OpenTime], *, where: str = "") -> None:
    """Raise a ValidationError where two of one day's spans, in order, touch or overlap."""
    for one, other in pairwise(spans):
        if other.opens <= one.closes:
            how = "touch" if other.opens == one.closes else "overlap"
            together = OpenTime(one.opens, max(one.closes, other.closes))
            raise forms.ValidationError(
                f"{where}{_words(one)} and {_words(other)} {how}. "
                f"Write them as one span: {_words(together)}."
            )


class HoursForm:
    """A zone, seven days of rows with spans, and rows with dates."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        zone: str,
        today: date,
        shown: Mapping[str, Any] | None = None,
        roomy: str = "",
    ) -> None:
        """Bound to `data`, or showing rows: one more than is `shown`, two in the `roomy` part.

        `zone` is the zone so far, `today` the first date that can have hours of its own.
        """
        shown = shown or {}
        self.zone = ZoneForm(data, current=zone, initial=shown)
        self.days: list[DayRows] = [
            _rows(DayRows, SpanForm, data, prefix, shown, roomy) for prefix in WEEKDAYS
        ]
        self.dates: DateRows = _rows(
            DateRows, DateForm, data, DATES, shown, roomy, form_kwargs={"today": today}
        )

    @classmethod
    def showing(cls, hours: Hours, *, today: date) -> Self:
        return cls(zone=hours.zone.key, today=today, shown=_as_typed(hours))

    @classmethod
    def redrawn(cls, data: QueryDict, *, zone: str, today: date) -> Self:
        """What was typed, unchecked, with the room or the copy that was asked for."""
        shown: dict[str, Any] = {prefix: _typed(data, prefix) for prefix in (*WEEKDAYS, DATES)}
        if "copy" in data:
            shown |= dict.fromkeys(COPIED_TO, shown[WEEKDAYS[0]])
        shown["time_zone"] = data.get("time_zone", "")
        return cls(zone=zone, today=today, shown=shown, roomy=data.get("more", ""))

    @property
    def labelled_days(self) -> list[tuple[str, DayRows]]:
        return [
            (weekday.label, rows)
            for weekday, rows in zip(WeeklyHours.Weekday, self.days, strict=True)
        ]

    def is_valid(self) -> bool:
        parts: list[Any] = [self.zone, *self.days, self.dates]
        return all(part.is_valid() for part in parts)

    def wanted(self) -> Hours:
        """Of a valid form."""
        weekly = {
            weekday: tuple(rows.spans()) for weekday, rows in enumerate(self.days) if rows.spans()
        }
        dates = {day: tuple(_in_order(spans)) for day, spans in self.dates.by_date().items()}
        return Hours(ZoneInfo(self.zone.cleaned_data["time_zone"]), weekly, dates)

    def problems(self) -> list[Problem]:
        """All that is wrong, in the order of the page; empty before it was sent."""
        if not self.zone.is_bound:
            return []
        return [
            *_problems_of_form(self.zone, "Time zone"),
            *(
                problem
                for label, rows in self.labelled_days
                for problem in _problems_of_rows(rows, label)
            ),
            *_problems_of_rows(self.dates, "Dates"),
        ]


class ZoneForm(forms.Form):
    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = zone_field(
            current=current, help_text="The hours below are read by its clock."
        )


def _rows(
    rows: type[Any],
    form: type[forms.Form],
    data: QueryDict | None,
    prefix: str,
    shown: Mapping[str, Any],
    roomy: str,
    **kwargs: Any,
) -> Any:
    most = MOST_DATES if prefix == DATES else MOST_SPANS
    factory = formset_factory(
        form,
        formset=rows,
        extra=2 if prefix == roomy else 1,
        max_num=most,
        absolute_max=most + 1,
        validate_max=True,
        can_delete=prefix == DATES,
        can_delete_extra=False,
    )
    return factory(data, prefix=prefix, initial=shown.get(prefix), **kwargs)


def _as_typed(hours: Hours) -> dict[str, Any]:
    shown: dict[str, Any] = {"time_zone": hours.zone.key}
    for weekday, prefix in enumerate(WEEKDAYS):
        shown[prefix] = [_span_as_typed(span) for span in hours.weekly.get(weekday, ())]
    shown[DATES] = [
        {"day": day, **row}
        for day, spans in sorted(hours.dates.items())
        for row in ([_span_as_typed(span) for span in spans] or [{"closed": True}])
    ]
    return shown


def _span_as_typed(span: OpenTime) -> dict[str, Any]:
    return {"opens": span.opens, "closes": span.closes}


def _typed(data: QueryDict, prefix: str) -> list[dict[str, str]]:
    """The rows of a part in which something was typed."""
    names = ("day", "opens", "closes", "closed", "DELETE")
    rows = (
        {name: data.get(f"{prefix}-{number}-{name}", "") for name in names}
        for number in range(MOST_DATES)
    )
    return [row for row in rows if any(row.values())]


def _is_removed(form: forms.Form) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


def _in_order(spans: Any) -> list[OpenTime]:
    return sorted(
        (span for span in spans if span is not None), key=lambda span: (span.opens, span.closes)
    )


def _words(span: OpenTime) -> str:
    return f"{clock(span.opens)}–{clock(span.closes)}"


def _problems_of_rows(rows: _Rows, label: str) -> Iterator[Problem]:
    for error in rows.non_form_errors():
        yield Problem(f"{label}: {error}", str(rows.prefix))
    for form in rows.forms:
        if form.errors and not _is_removed(form):
            yield from _problems_of_form(form, label)


def _problems_of_form(form: forms.Form, label: str) -> Iterator[Problem]:
    for name, errors in form.errors.items():
        for error in errors:
            yield Problem(f"{label}: {error}", str(form[name].auto_id))
