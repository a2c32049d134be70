from datetime import date
from zoneinfo import ZoneInfo

import pytest

from calendars.engine.notice import Horizon, Notice, Unit, bookable_range, later
from tests.calendars.engine.clock import at

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")
TWO_MONTHS = Horizon(2, Unit.MONTHS)
NO_NOTICE = Notice(0, Unit.MINUTES)


@pytest.mark.parametrize(
    ("now", "notice", "opens"),
    [
        ("2026-03-02 14:10", NO_NOTICE, "2026-03-02 14:10"),
        ("2026-03-02 14:10", Notice(30, Unit.MINUTES), "2026-03-02 14:40"),
        ("2026-03-02 14:10", Notice(24, Unit.HOURS), "2026-03-03 14:10"),
        # One day: tomorrow is closed, at whatever time of day somebody asks.
        ("2026-03-02 00:00", Notice(1, Unit.DAYS), "2026-03-04 00:00"),
        ("2026-03-02 23:59", Notice(1, Unit.DAYS), "2026-03-04 00:00"),
        ("2026-03-02 14:10", Notice(1, Unit.WEEKS), "2026-03-10 00:00"),
        ("2026-01-31 14:10", Notice(1, Unit.MONTHS), "2026-03-01 00:00"),
        ("2028-01-31 14:10", Notice(1, Unit.MONTHS), "2028-03-01 00:00"),
        # Hours elapse, days are read from the calendar.
        ("2026-03-28 12:00", Notice(24, Unit.HOURS), "2026-03-29 13:00"),
        ("2026-03-28 12:00", Notice(1, Unit.DAYS), "2026-03-30 00:00"),
    ],
)
def test_notice(now: str, notice: Notice, opens: str) -> None:
    bookable = bookable_range(at(now, BERLIN), BERLIN, notice, TWO_MONTHS)

    assert bookable.opens == at(opens, BERLIN)


@pytest.mark.parametrize(
    ("now", "horizon", "closes"),
    [
        # The last bookable date is included, so bookings close at the midnight that ends it.
        ("2026-03-02 14:10", Horizon(0, Unit.DAYS), "2026-03-03 00:00"),
        ("2026-03-02 14:10", Horizon(1, Unit.DAYS), "2026-03-04 00:00"),
        ("2026-03-02 14:10", Horizon(2, Unit.WEEKS), "2026-03-17 00:00"),
        ("2026-01-31 14:10", Horizon(1, Unit.MONTHS), "2026-03-01 00:00"),
        ("2028-01-31 14:10", Horizon(1, Unit.MONTHS), "2028-03-01 00:00"),
        ("2028-01-30 14:10", Horizon(1, Unit.MONTHS), "2028-03-01 00:00"),
        ("2026-12-15 14:10", Horizon(1, Unit.MONTHS), "2027-01-16 00:00"),
        ("2026-03-20 14:10", Horizon(1, Unit.WEEKS), "2026-03-28 00:00"),
    ],
)
def test_horizon(now: str, horizon: Horizon, closes: str) -> None:
    bookable = bookable_range(at(now, BERLIN), BERLIN, NO_NOTICE, horizon)

    assert bookable.closes == at(closes, BERLIN)


def test_today_is_the_date_in_the_calendars_zone() -> None:
    now = at("2026-03-02 23:00", BERLIN)  # 3 March, 11:00 in Auckland

    bookable = bookable_range(now, AUCKLAND, Notice(1, Unit.DAYS), Horizon(3, Unit.DAYS))

    assert bookable.now == now
    assert bookable.opens == at("2026-03-05 00:00", AUCKLAND)
    assert bookable.closes == at("2026-03-07 00:00", AUCKLAND)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert later(day, months, Unit.MONTHS) == expected


def test_dates_do_not_move_by_hours() -> None:
    with pytest.raises(ValueError, match="days, weeks or months"):
        later(date(2026, 1, 1), 1, Unit.HOURS)


@pytest.mark.parametrize(("amount", "unit"), [(-1, Unit.DAYS), (1, Unit.HOURS), (1, Unit.MINUTES)])
def test_a_horizon_is_in_days_weeks_or_months(amount: int, unit: Unit) -> None:
    with pytest.raises(ValueError, match="horizon"):
        Horizon(amount, unit)


def test_notice_is_not_negative() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        Notice(-1, Unit.HOURS)
