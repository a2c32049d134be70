"""What a booking page shows: a month of days, and the times of one of them."""

from calendar import Calendar as MonthTable
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from calendars.engine.hours import ONE_DAY
from calendars.engine.notice import Unit, later
from calendars.engine.slots import Slot
from calendars.models import Calendar, Meeting
from calendars.services.availability import bookable_time, first_bookable_date, slots_by_date


@dataclass(frozen=True, slots=True)
class Time:
    """An offered time: its start as the form sends it, the guest's clock, and, where that shows
    a time twice on one day, which of the two it is."""

    value: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class DayCell:
    date: date
    is_in_month: bool
    is_available: bool


@dataclass(frozen=True, slots=True)
class Openings:
    """`day` is None when the month offers none; months are given by their first day."""

    day: date | None
    month: date
    previous: date | None
    following: date | None
    weeks: tuple[tuple[DayCell, ...], ...]
    times: tuple[Time, ...]


def openings(
    calendar: Calendar,
    *,
    zone: ZoneInfo,
    now: datetime,
    day: date | None = None,
    month: date | None = None,
    host: int | None = None,
    moving: Meeting | None = None,
    to_guests: bool = True,
) -> Openings:
    """The asked day, else the first one with times of the asked month, else of all.

    With `moving`, the times to which that meeting can go. Staff see all, guests only those shown.

    Days and months that cannot be booked count as not asked.
    """
    first, last = bookable_dates(calendar, zone, now=now)
    day = day if day and first <= day <= last else None
    month = month if month and first.replace(day=1) <= month <= last else None
    if day is None and month is None:
        day = first_bookable_date(
            calendar, zone, now=now, host=host, moving=moving, to_guests=to_guests
        )
    shown = (day or month or first).replace(day=1)
    following = later(shown, 1, Unit.MONTHS)
    by_date = slots_by_date(
        calendar,
        first=shown,
        last=following - ONE_DAY,
        zone=zone,
        now=now,
        host=host,
        moving=moving,
        to_guests=to_guests,
    )
    day = day or min(by_date, default=None)
    return Openings(
        day=day,
        month=shown,
        previous=(shown - ONE_DAY).replace(day=1) if shown > first else None,
        following=following if following <= last else None,
        weeks=_weeks(shown, by_date.keys()),
        times=_times(by_date.get(day, []) if day else [], zone),
    )


def bookable_dates(calendar: Calendar, zone: ZoneInfo, *, now: datetime) -> tuple[date, date]:
    """The first and the last date of the zone that notice and horizon leave."""
    bookable = bookable_time(calendar, now=now)
    first, last = (
        datetime.fromtimestamp(at, zone).date() for at in (bookable.opens, bookable.closes - 1)
    )
    return first, max(first, last)


def sent_as(start: datetime) -> str:
    """A start as forms send it: UTC, to the second."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _weeks(month: date, available: Container[date]) -> tuple[tuple[DayCell, ...], ...]:
    weeks = MonthTable().monthdatescalendar(month.year, month.month)
    return tuple(
        tuple(DayCell(day, day.month == month.month, day in available) for day in week)
        for week in weeks
    )


def _times(slots: Sequence[Slot], zone: ZoneInfo) -> tuple[Time, ...]:
    starts = [datetime.fromtimestamp(slot.start, zone) for slot in slots]
    shown = Counter(f"{start:%H:%M}" for start in starts)
    return tuple(
        Time(
            value=sent_as(start),
            label=f"{start:%H:%M}",
            note=f"{start:%Z}" if shown[f"{start:%H:%M}"] > 1 else "",
        )
        for start in starts
    )
