"""Case files with random damage: whatever comes out, nothing but Unreadable is raised."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.caldav.ics import fingerprint, uid_of
from integrations.caldav.parsing import Unreadable
from integrations.caldav.recurrence import Occurrence, expand
from integrations.caldav.series import OCCURRENCE_LIMIT

FILES = [
    path.read_bytes().decode() for path in sorted((Path(__file__).parents[2] / "ics").glob("*.ics"))
]
PIECES = [
    *("\r", "\n", "\r\n ", ":", ";", ",", "=", '"', "\\", "/", "-", "0", "9", "99999999", "Z", "P"),
    *("00010101T000000", "99991231T235959Z", "20260329T023000", "-P9999999W", "PT999999999H"),
    *("BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "BEGIN:VCALENDAR\r\n", "END:VCALENDAR\r\n"),
    *("\r\nRRULE:FREQ=YEARLY;BYWEEKNO=-53\r\n", "\r\nEXRULE:FREQ=HOURLY;COUNT=5\r\n"),
    *("\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260112T080000Z\r\n", "\r\nUID\r\n", ";TZID=\r\n"),
    *("\r\nRRULE:FREQ=DAILY;UNTIL=00010101\r\n", "\r\nX-APPLE-TRAVEL-DURATION:P9D\r\n", "\x00"),
]
HORIZON_START = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON_END = datetime(2027, 1, 1, tzinfo=UTC)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    ics = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(ics)))
        length = draw(st.sampled_from([0, 0, 1, 3, 10, 60]))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.sampled_from(FILES), st.text()))
        ics = ics[:at] + piece + ics[at + length :]
    return ics


def is_sound(occurrence: Occurrence) -> bool:
    return (
        occurrence.starts_at.tzinfo is UTC
        and occurrence.ends_at.tzinfo is UTC
        and occurrence.starts_at < occurrence.ends_at
        and occurrence.starts_at < HORIZON_END
        and occurrence.ends_at > HORIZON_START
    )


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_a_damaged_file_gives_sound_occurrences_or_is_unreadable(ics: str) -> None:
    occurrences: tuple[Occurrence, ...] = ()
    with suppress(Unreadable):
        occurrences = expand(
            ics, zone=ZoneInfo("Europe/Berlin"), start=HORIZON_START, end=HORIZON_END
        ).occurrences

    assert [one for one in occurrences if not is_sound(one)] == []
    assert list(occurrences) == sorted(occurrences, key=lambda one: one.starts_at)
    assert len(occurrences) <= OCCURRENCE_LIMIT


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_a_damaged_file_has_a_steady_fingerprint_or_is_unreadable(ics: str) -> None:
    with suppress(Unreadable):
        assert fingerprint(ics) == fingerprint(ics.replace("\r\n", "\n"))

    assert isinstance(uid_of(ics), str)
