"""What a booking page shows: a month of days, and the times of one of them."""

from calendar import Calendar as MonthTable
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, get_format

from calendars.engine.hours import ONE_DAY, instant
from calendars.engine.notice import Unit, later
from calendars.engine.slots import Slot
from calendars.services.availability import Offer, bookable_time, load
from calendars.services.combining import Offered, combination
from calendars.services.offering import by_date, first_bookable_date
from calendars.services.seats import Moving


@dataclass(frozen=True, slots=True)
class Time:
    """An offered time: its start as the form sends it, the reader's clock, where that shows a time
    twice on one day, which of the two it is, and how many seats are left, where that is shown."""

    value: str
    label: str
    note: str
    seats_left: int | None = None


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of the weeks that a month touches; a few are of the months around it."""

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
    calendar: Offered,
    *,
    zone: ZoneInfo,
    now: datetime,
    day: date | None = None,
    month: date | None = None,
    host: int | None = None,
    moving: Moving | None = None,
    to_guests: bool = True,
) -> Openings:
    """The asked day, else the first one with times of the asked month, else of all.

    With `moving`, the times to which that seat or meeting can go. Staff see all, guests only those
    shown.

    Days and months that cannot be booked count as not asked.
    """
    first, last = bookable_dates(calendar, zone, now=now)
    day = day if day and first <= day <= last else None
    month = month if month and first.replace(day=1) <= month <= last else None
    look = partial(load, calendar, now=now, host=host, moving=moving)
    shown = (day or month or first).replace(day=1)
    offer, offered = _month(shown, zone, look, to_guests=to_guests)
    # Nobody asked for this month: it is the first, and mostly has a time.
    if not (day or month or _days_in(offered, shown)) and (
        day := first_bookable_date(
            calendar, zone, now=now, host=host, moving=moving, to_guests=to_guests
        )
    ):
        shown = day.replace(day=1)
        offer, offered = _month(shown, zone, look, to_guests=to_guests)
    day = day or min(_days_in(offered, shown), default=None)
    following = later(shown, 1, Unit.MONTHS)
    return Openings(
        day=day,
        month=shown,
        previous=(shown - ONE_DAY).replace(day=1) if shown > first else None,
        following=following if following <= last else None,
        weeks=_weeks(shown, offered.keys()),
        times=_times(offered.get(day, []) if day else [], zone, _seats_shown(calendar, offer)),
    )


def _month(
    first: date, zone: ZoneInfo, look: Callable[..., Offer], *, to_guests: bool
) -> tuple[Offer, Mapping[date, Sequence[Slot]]]:
    """What is offered in the weeks of the month that begins on that date, and the same by date."""
    weeks = _table_of(first)
    offer = look(asked=(instant(zone, weeks[0][0]), instant(zone, weeks[-1][-1] + ONE_DAY)))
    return offer, by_date(offer.shown() if to_guests else offer.slots(), zone)


def _days_in(offered: Iterable[date], month: date) -> list[date]:
    return [day for day in offered if day.replace(day=1) == month]


def bookable_dates(calendar: Offered, zone: ZoneInfo, *, now: datetime) -> tuple[date, date]:
    """The first and the last date of the zone that notice and horizon leave."""
    bookable = bookable_time(calendar, now=now)
    first, last = (
        datetime.fromtimestamp(at, zone).date() for at in (bookable.opens, bookable.closes - 1)
    )
    return first, max(first, last)


def sent_as(start: datetime) -> str:
    """A start as forms send it: UTC, to the second."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _table_of(month: date) -> list[list[date]]:
    """Its weeks, which begin as the reader's do."""
    sunday_is_0 = int(get_format("FIRST_DAY_OF_WEEK"))
    return MonthTable((sunday_is_0 - 1) % 7).monthdatescalendar(month.year, month.month)


def _weeks(month: date, available: Container[date]) -> tuple[tuple[DayCell, ...], ...]:
    weeks = _table_of(month)
    return tuple(
        tuple(DayCell(day, day.month == month.month, day in available) for day in week)
        for week in weeks
    )


def _seats_shown(calendar: Offered, offer: Offer) -> Callable[[Slot], int | None]:
    """How many seats a slot has left, where its calendar says so."""
    if combination(calendar).first.shows_seats_left and offer.capacity > 1:
        return offer.seats_left
    return lambda slot: None


def _times(
    slots: Sequence[Slot], zone: ZoneInfo, seats_left: Callable[[Slot], int | None]
) -> tuple[Time, ...]:
    # Meetings that were booked while the calendar's were of another length begin at times of their
    # own, or at the same: a form sends the start alone, and gets the first.
    by_start = {slot.start: slot for slot in reversed(slots)}
    starts = [datetime.fromtimestamp(at, zone) for at in sorted(by_start)]
    labels = [date_format(start, "TIME_FORMAT") for start in starts]
    shown = Counter(labels)
    return tuple(
        Time(
            value=sent_as(start),
            label=label,
            note=f"{start:%Z}" if shown[label] > 1 else "",
            seats_left=seats_left(by_start[int(start.timestamp())]),
        )
        for start, label in zip(starts, labels, strict=True)
    )
