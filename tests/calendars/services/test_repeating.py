from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.services.repeating import Repeat, days_later, shifted

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = date(2026, 3, 26)  # the clock goes forward on Sunday the 29th
NOTHING = timedelta(0)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026, UTC."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("repeat", "days"),
    [
        (Repeat.DAILY, [0, 1, 2, 3, 4, 5, 6, 7]),
        (Repeat.WEEKDAYS, [0, 1, 4, 5, 6, 7]),
        (Repeat.WEEKLY, [0, 7]),
    ],
)
def test_it_begins_on_each_day_up_to_the_last(repeat: Repeat, days: list[int]) -> None:
    found = days_later(THURSDAY, repeat, until=THURSDAY + timedelta(days=7))

    assert [one.days for one in found] == days


def test_the_hour_stays_the_same_when_the_clock_changes() -> None:
    found = [
        shifted(at(26, 8), at(26, 9), by=timedelta(days=days), longer=NOTHING, zone=BERLIN)
        for days in (0, 2, 3, 4)
    ]

    assert found == [
        (at(26, 8), at(26, 9)),
        (at(28, 8), at(28, 9)),
        (at(29, 7), at(29, 8)),
        (at(30, 7), at(30, 8)),
    ]


def test_a_night_is_an_hour_shorter_when_the_clock_goes_forward() -> None:
    night = at(27, 22), at(28, 5)  # 23:00 to 06:00

    found = shifted(*night, by=timedelta(days=1), longer=NOTHING, zone=BERLIN)

    assert found == (at(28, 22), at(29, 4))


def test_what_the_clock_skips_moves_forward_and_never_turns_around() -> None:
    inside = at(28, 1, 15), at(28, 1, 45)  # 02:15 to 02:45
    across = at(28, 1, 15), at(28, 2)  # 02:15 to 03:00
    next_day = timedelta(days=1)

    assert shifted(*inside, by=next_day, longer=NOTHING, zone=BERLIN) == (
        at(29, 1, 15),
        at(29, 1, 45),
    )
    assert shifted(*across, by=next_day, longer=NOTHING, zone=BERLIN) == (at(29, 1, 15), at(29, 2))


def test_what_stays_where_it_is_keeps_an_hour_that_the_clock_shows_twice() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    end = second + timedelta(hours=2)

    assert shifted(second, end, by=NOTHING, longer=NOTHING, zone=BERLIN) == (second, end)
