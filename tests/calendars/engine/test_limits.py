from zoneinfo import ZoneInfo

import pytest

from calendars.engine.limits import full_days, months
from tests.calendars.engine.clock import at

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_day_is_full_once_it_holds_as_many_meetings_as_its_limit() -> None:
    starts = [
        at(text, BERLIN)
        for text in ("2026-03-02 09:00", "2026-03-03 09:00", "2026-03-03 23:30", "2026-03-04 00:00")
    ]

    days = full_days(starts, 2, BERLIN)

    assert days == [(at("2026-03-03 00:00", BERLIN), at("2026-03-04 00:00", BERLIN))]


def test_days_are_counted_in_the_calendars_zone() -> None:
    # Two dates in Berlin, but one and the same in New York.
    starts = [at("2026-03-02 23:30", BERLIN), at("2026-03-03 00:30", BERLIN)]
    new_york = ZoneInfo("America/New_York")

    assert full_days(starts, 2, BERLIN) == []
    assert full_days(starts, 2, new_york) == [
        (at("2026-03-02 00:00", new_york), at("2026-03-03 00:00", new_york))
    ]


@pytest.mark.parametrize(
    ("start", "zone", "month"),
    [
        ("2026-03-31 23:59", "Europe/Berlin", ("2026-03-01 00:00", "2026-04-01 00:00")),
        ("2026-04-01 00:00", "Europe/Berlin", ("2026-04-01 00:00", "2026-05-01 00:00")),
        ("2026-12-31 12:00", "Europe/Berlin", ("2026-12-01 00:00", "2027-01-01 00:00")),
        # The same moment is March in New York and April in Auckland.
        ("2026-04-01 00:30", "America/New_York", ("2026-03-01 00:00", "2026-04-01 00:00")),
        ("2026-03-31 14:00", "Pacific/Auckland", ("2026-04-01 00:00", "2026-05-01 00:00")),
    ],
)
def test_months_are_those_of_the_calendars_zone(
    start: str, zone: str, month: tuple[str, str]
) -> None:
    second = at(start, BERLIN)
    there = ZoneInfo(zone)

    assert months((second, second + 1), there) == [(at(month[0], there), at(month[1], there))]
