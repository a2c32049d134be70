"""Dates, times and durations of iCalendar (RFC 5545 3.3.4 – 3.3.6), as values.

A wall clock time is kept apart from its zone: repetitions are counted on the wall clock, spans
are compared as instants in UTC.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(microsecond=0, tzinfo=UTC)

_STAMP = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?", re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:([0-9]{1,7})W)?(?:([0-9]{1,8})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A DATE or DATE-TIME as it is written, before anyone says in which zone."""

    wall: datetime
    is_date: bool
    is_utc: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall clock time in its zone; for a date, the midnight it starts with.

    One that is floating was written without a zone, and `zone` is whose calendar it stands in.
    """

    wall: datetime
    zone: tzinfo
    is_date: bool
    is_floating: bool = False

    @property
    def at(self) -> datetime:
        """The instant, in UTC."""
        return to_utc(self.wall, self.zone)

    def on(self, wall: datetime) -> "Moment":
        """The same zone and kind at another wall clock time."""
        return Moment(wall, self.zone, self.is_date, self.is_floating)


@dataclass(frozen=True, slots=True)
class Length:
    """How long an event lasts: days on the wall clock first, then elapsed time (RFC 5545 3.3.6)."""

    days: int = 0
    elapsed: timedelta = timedelta(0)

    @property
    def is_negative(self) -> bool:
        return self.days < 0 or self.elapsed < timedelta(0)

    @property
    def roughly(self) -> timedelta:
        """At least the longest this length can last."""
        return moved(EARLIEST, timedelta(days=self.days + 1) + self.elapsed) - EARLIEST

    def end_from(self, start: Moment) -> datetime:
        """The end in UTC of something of this length that starts at `start`."""
        if not self.days:
            return moved(start.at, self.elapsed)
        try:
            wall = start.wall + timedelta(days=self.days)
        except OverflowError:
            return LATEST
        return moved(to_utc(wall, start.zone), self.elapsed)


NO_LENGTH = Length()


def read_stamp(value: str) -> Stamp:
    """Read `20260105`, `20260105T090000` or `20260105T090000Z`. Raises ValueError.

    24:00:00, which ISO 8601 has and RFC 5545 has not, is the midnight a day ends with.
    """
    matched = _STAMP.fullmatch(value.strip())
    if matched is None:
        raise ValueError("This is no date and no time.")
    year, month, day, hour, minute, second, utc = matched.groups()
    if hour is None:
        return Stamp(datetime(int(year), int(month), int(day)), is_date=True, is_utc=False)  # noqa: DTZ001
    if (hour, minute, second) == ("24", "00", "00"):
        return Stamp(
            _midnight_after(int(year), int(month), int(day)), is_date=False, is_utc=bool(utc)
        )
    wall = datetime(  # noqa: DTZ001 - wall clock, see the module's text
        int(year), int(month), int(day), int(hour), int(minute), min(int(second), 59)
    )
    return Stamp(wall, is_date=False, is_utc=bool(utc))


def _midnight_after(year: int, month: int, day: int) -> datetime:
    try:
        return datetime(year, month, day) + timedelta(days=1)  # noqa: DTZ001 - wall clock
    except OverflowError as error:
        raise ValueError("No day follows this one.") from error


def read_length(value: str) -> Length:
    """Read a DURATION: weeks and days are nominal, the rest is elapsed time. Raises ValueError."""
    matched = _DURATION.fullmatch(value.strip())
    if matched is None:
        raise ValueError("This is no duration.")
    sign = -1 if matched[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in matched.groups()[1:])
    elapsed = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Length(sign * (weeks * 7 + days), sign * elapsed)


def to_utc(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall clock time, in UTC.

    A time in the gap of a clock change is read with the offset before the gap, one that occurs
    twice is the first (RFC 5545 3.3.5). Outside the years Python knows: the nearest it does.
    """
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return EARLIEST if wall.year < 1000 else LATEST


def to_wall(instant: datetime, zone: tzinfo) -> datetime:
    """The wall clock time of an instant in that zone, naive."""
    try:
        return instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return instant.replace(tzinfo=None)


def moved(instant: datetime, by: timedelta) -> datetime:
    """The instant later (or earlier) by so much elapsed time, within the years Python knows."""
    try:
        return instant + by
    except OverflowError:
        return LATEST if by > timedelta(0) else EARLIEST


def midnight(day: date) -> datetime:
    """The wall clock time a date starts with, naive."""
    return datetime.combine(day, time.min)
