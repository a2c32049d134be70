"""Time that repeats by the wall clock: the same hour on each of its days, whatever the offset."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MOST_TIMES = 100
FURTHEST = timedelta(days=366)
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
SATURDAY = 5


class Repeat(StrEnum):
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"

    @property
    def step(self) -> timedelta:
        """The least time from one to the next."""
        return A_WEEK if self is Repeat.WEEKLY else A_DAY


def days_later(first: date, repeat: Repeat, *, until: date) -> list[timedelta]:
    """How much later than the first date each one begins, up to the last date; both included."""
    last = (until - first).days
    days = [first + A_DAY * number for number in range(0, last + 1, repeat.step.days)]
    if repeat is Repeat.WEEKDAYS:
        days = [day for day in days if day.weekday() < SATURDAY]
    return [day - first for day in days]


def shifted(
    starts_at: datetime, ends_at: datetime, *, by: timedelta, longer: timedelta, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """The span begun that much later, and that much longer, by the wall clock of the zone; in UTC.

    A time that the clock skips moves forward by as much as is skipped. Where nothing is left of
    the span so, it lasts as long as it did.
    """
    start, end = _shifted(starts_at, by, zone), _shifted(ends_at, by + longer, zone)
    return start, end if end > start else start + (ends_at - starts_at) + longer


def wall_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock of the zone shows then."""
    return at.astimezone(zone).replace(tzinfo=None)


def _shifted(at: datetime, by: timedelta, zone: ZoneInfo) -> datetime:
    # As it was: an hour that the clock shows twice would come back as the first of the two.
    if not by:
        return at
    return (wall_clock(at, zone) + by).replace(tzinfo=zone).astimezone(UTC)
