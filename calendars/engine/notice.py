"""How soon and how far ahead a calendar can be booked."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from calendars.engine.hours import ONE_DAY, instant


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


SECONDS = {Unit.MINUTES: 60, Unit.HOURS: 3600}


@dataclass(frozen=True, slots=True)
class Notice:
    """The least time between booking and meeting. Raises ValueError if negative."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("Notice is zero or more.")


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead bookings go, in days, weeks or months. Raises ValueError otherwise."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("A horizon is zero or more.")
        if self.unit in SECONDS:
            raise ValueError("A horizon is in days, weeks or months.")


@dataclass(frozen=True, slots=True)
class Bookable:
    """Meetings can begin from `opens` up to, not at, `closes`; epoch seconds, as is `now`."""

    now: int
    opens: int
    closes: int


WHENEVER = Bookable(now=-(1 << 62), opens=-(1 << 62), closes=1 << 62)


def bookable_range(now: int, zone: ZoneInfo, notice: Notice, horizon: Horizon) -> Bookable:
    """When meetings can begin, as seen at `now` by a calendar in that zone.

    Notice in minutes or hours counts from now. In days, weeks or months the
    first bookable date is the one after today and the notice: with 1 day,
    tomorrow is closed. The last bookable date is today plus the horizon.
    """
    today = datetime.fromtimestamp(now, zone).date()
    if notice.unit in SECONDS:
        opens = now + notice.amount * SECONDS[notice.unit]
    else:
        opens = instant(zone, later(today, notice.amount, notice.unit) + ONE_DAY)
    closes = instant(zone, later(today, horizon.amount, horizon.unit) + ONE_DAY)
    return Bookable(now, opens, closes)


def later(day: date, amount: int, unit: Unit) -> date:
    """The date that many days, weeks or months later; 31 January + 1 month is 28 or 29 February.

    Raises ValueError for minutes and hours, which dates don't have.
    """
    match unit:
        case Unit.DAYS:
            return day + timedelta(days=amount)
        case Unit.WEEKS:
            return day + timedelta(weeks=amount)
        case Unit.MONTHS:
            months = day.month - 1 + amount
            year, month = day.year + months // 12, months % 12 + 1
            return date(year, month, min(day.day, monthrange(year, month)[1]))
        case _:
            raise ValueError("Dates move by days, weeks or months.")
