"""Hours on one page: a zone, spans of each weekday, and dates that differ. No script is needed."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from django import forms
from django.forms.formsets import formset_factory
from django.http import QueryDict
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext

from calendars.engine.hours import Hours, OpenTime
from calendars.forms.hour_rows import (
    DateForm,
    DateRows,
    DayRows,
    Rows,
    SpanForm,
    in_order,
    is_removed,
)
from calendars.forms.zones import zone_field
from calendars.models import WeeklyHours

MOST_SPANS = 12
MOST_DATES = 150  # a browser may send a thousand values
WEEKDAYS = [f"day{weekday.value}" for weekday in WeeklyHours.Weekday]
DATES = "dates"
COPIED_TO = WEEKDAYS[1:5]  # Tuesday to Friday


class Problem(NamedTuple):
    """What is wrong, and the id of what is to be changed."""

    text: str
    where: str


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
        return [(str(WEEKDAY_NAMES[weekday]), rows) for weekday, rows in enumerate(self.days)]

    def is_valid(self) -> bool:
        parts: list[Any] = [self.zone, *self.days, self.dates]
        return all(part.is_valid() for part in parts)

    def wanted(self) -> Hours:
        """Of a valid form."""
        weekly = {
            weekday: tuple(rows.spans()) for weekday, rows in enumerate(self.days) if rows.spans()
        }
        dates = {day: tuple(in_order(spans)) for day, spans in self.dates.by_date().items()}
        return Hours(ZoneInfo(self.zone.cleaned_data["time_zone"]), weekly, dates)

    def problems(self) -> list[Problem]:
        """All that is wrong, in the order of the page; empty before it was sent."""
        if not self.zone.is_bound:
            return []
        return [
            *_problems_of_form(self.zone, gettext("Time zone")),
            *(
                problem
                for label, rows in self.labelled_days
                for problem in _problems_of_rows(rows, label)
            ),
            *_problems_of_rows(self.dates, gettext("Dates")),
        ]


class ZoneForm(forms.Form):
    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = zone_field(
            current=current, help_text=gettext("The hours below are read by its clock.")
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
    words = {"too_many_forms": gettext("At most %(num)d rows fit here.")}
    return factory(data, prefix=prefix, initial=shown.get(prefix), error_messages=words, **kwargs)


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


def _problems_of_rows(rows: Rows, label: str) -> Iterator[Problem]:
    for error in rows.non_form_errors():
        yield Problem(f"{label}: {error}", str(rows.prefix))
    for form in rows.forms:
        if form.errors and not is_removed(form):
            yield from _problems_of_form(form, label)


def _problems_of_form(form: forms.Form, label: str) -> Iterator[Problem]:
    for name, errors in form.errors.items():
        for error in errors:
            yield Problem(f"{label}: {error}", str(form[name].auto_id))
