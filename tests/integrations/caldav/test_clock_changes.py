"""Series around the clock changes of some zones; `make sweep-dst` does it in all."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.integrations.caldav.clock_changes import Case, Change, changes, wrong

# fmt: off
ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Asuncion",
    "America/Havana", "America/Los_Angeles", "America/New_York", "America/Nuuk",
    "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll",
    "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu",
    "Asia/Tokyo", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin",
    "Europe/Dublin", "Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham",
]
# fmt: on


@pytest.mark.parametrize("name", ZONES)
def test_no_span_is_missing_doubled_or_shifted_around_a_clock_change(name: str) -> None:
    number, odd = wrong(name)

    assert number > 100
    assert odd == []


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("Pacific/Apia", 2011),  # without the 30th of December
        ("Pacific/Kwajalein", 1993),  # without the 21st of August
        ("Asia/Pyongyang", 2018),
        ("Asia/Kathmandu", 1986),
    ],
)
def test_no_span_is_wrong_around_the_changes_of_other_years(name: str, year: int) -> None:
    number, odd = wrong(name, year)

    assert number > 100
    assert odd == []


def test_the_sweep_finds_the_changes_and_knows_a_wrong_span() -> None:
    minutes = timedelta(minutes=30)
    start = datetime(2026, 4, 4, tzinfo=UTC)
    shifted = Case(
        "DTSTART:20260404T000000Z\nDURATION:PT1H", ZoneInfo("UTC"), (start, start + 2 * minutes), []
    )

    found = list(changes(ZoneInfo("Australia/Lord_Howe"), 2026, 1))

    assert found == [
        Change(datetime(2026, 4, 4, 15, tzinfo=UTC), 22 * minutes, 21 * minutes),
        Change(datetime(2026, 10, 3, 15, 30, tzinfo=UTC), 21 * minutes, 22 * minutes),
    ]
    assert shifted.found == [(start, start + 2 * minutes)]
