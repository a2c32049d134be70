from zoneinfo import ZoneInfo

from calendars.engine.limits import full_days
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
