"""Time zones by all the names calendars give them."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.caldav.clock import to_utc, to_wall
from integrations.caldav.parsing import Component, read_file
from integrations.caldav.zones import FileZone, Zones, known_zone

EU_RULES = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR
"""


def definitions(text: str) -> list[Component]:
    return read_file(text).zones


def office(text: str = EU_RULES) -> tzinfo | None:
    return Zones(definitions(text)).named("Office")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("europe/berlin", ZoneInfo("Europe/Berlin")),
        ("America/Argentina/Buenos_Aires", ZoneInfo("America/Argentina/Buenos_Aires")),
        ("Etc/GMT+5", ZoneInfo("Etc/GMT+5")),
        ("UTC", UTC),
        ("Z", UTC),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("/freeassociation.sourceforge.net/Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("/softwarestudio.org/Olson_20011030_5/America/New_York", ZoneInfo("America/New_York")),
        ("/citadel.org/1/America/Indiana/Knox", ZoneInfo("America/Indiana/Knox")),
        ("W. Europe Standard Time", ZoneInfo("Europe/Berlin")),
        ("eastern standard time", ZoneInfo("America/New_York")),
        ("GMT+0100", timezone(timedelta(hours=1))),
        ("GMT-0330", timezone(-timedelta(hours=3, minutes=30))),
        ("UTC+05:45", timezone(timedelta(hours=5, minutes=45))),
        ("+0200", timezone(timedelta(hours=2))),
        ("GMT+9900", None),
        ("tzone://Microsoft/Utc", UTC),
        ("Nowhere", None),
        ("localtime", None),  # the server's own zone
        ("Factory", None),
        ("../../etc/passwd", None),
        ("", None),
    ],
)
def test_a_name_finds_its_zone(name: str, expected: tzinfo | None) -> None:
    assert known_zone(name) == expected


@pytest.mark.parametrize("name", ['"Europe/Berlin"', " Europe/Berlin ", "'Europe/Berlin'"])
def test_quotes_and_spaces_around_a_name_do_not_matter(name: str) -> None:
    assert Zones().named(name) == ZoneInfo("Europe/Berlin")


@settings(deadline=None)
@given(st.text())
def test_no_name_raises(name: str) -> None:
    zone = Zones().named(name)

    assert zone is None or isinstance(zone, tzinfo)


def test_a_definition_serves_only_the_name_it_has() -> None:
    zones = Zones(definitions(EU_RULES))

    assert isinstance(zones.named("Office"), FileZone)
    assert zones.named("Other office") is None


def test_a_standard_name_beats_the_definition() -> None:
    zones = Zones(definitions(EU_RULES.replace("TZID:Office", "TZID:Asia/Tokyo")))

    assert zones.named("Asia/Tokyo") == ZoneInfo("Asia/Tokyo")


def test_a_definition_that_names_its_location_is_that_location() -> None:
    text = EU_RULES.replace("TZID:Office", "TZID:Office\nX-LIC-LOCATION:Asia/Tokyo")

    assert office(text) == ZoneInfo("Asia/Tokyo")


@settings(deadline=None)
@given(st.datetimes(datetime.fromisoformat("1996-11-01"), datetime.fromisoformat("2037-01-01")))
def test_a_definition_with_the_rules_of_berlin_is_berlin(wall: datetime) -> None:
    zone, berlin = office(), ZoneInfo("Europe/Berlin")
    assert zone is not None
    instant = wall.replace(tzinfo=UTC)

    # Wall clock times in the gap and the repeated hour are among those drawn, too.
    assert to_utc(wall, zone) == to_utc(wall, berlin)
    assert to_wall(instant, zone) == to_wall(instant, berlin)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-03-29T01:59", "2026-03-29T00:59"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # in the gap: the offset before it
        ("2026-03-29T03:00", "2026-03-29T01:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # repeated: the first
        ("2026-10-25T03:00", "2026-10-25T02:00"),
        ("1950-07-01T12:00", "1950-07-01T11:00"),  # before the definition begins
        ("2099-07-01T12:00", "2099-07-01T10:00"),
        ("2150-07-01T12:00", "2150-07-01T11:00"),  # after the last change looked at
    ],
)
def test_a_defined_zone_at_its_clock_changes(wall: str, instant: str) -> None:
    zone = office()
    assert zone is not None

    assert to_utc(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(instant + "Z")


def test_a_definition_by_dates_alone() -> None:
    text = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:20251026T030000
RDATE:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR
"""
    zone = office(text)
    assert zone is not None

    hours = [
        to_utc(datetime.fromisoformat(f"2026-{month}-01T12:00"), zone).hour
        for month in ("01", "07", "12")
    ]
    assert hours == [11, 10, 11]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("STANDARD", "X"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:soon"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+9900"),
        ("DTSTART:19701025T030000", "DTSTART:once"),
        ("FREQ=YEARLY", "FREQ=DAILY"),
        ("FREQ=YEARLY", "FREQ=SECONDLY"),
    ],
)
def test_a_definition_that_cannot_be_read_is_none(old: str, new: str) -> None:
    assert office(EU_RULES.replace(old, new).replace("DAYLIGHT", "X")) is None
