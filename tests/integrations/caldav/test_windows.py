"""A window only cuts: what a file blocks in it is what a wider window shows there.

That needs no second opinion, and holds whatever the file says. It fails where an occurrence begins
before the window and lasts into it, where a rule is entered in the middle, or where an occurrence
was moved over the window's edge.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.caldav.recurrence import Occurrence, expand

CASES = sorted((Path(__file__).parents[2] / "ics").glob("*.ics"))
WIDEST = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
SECOND = timedelta(seconds=1)
FIRST = datetime(2026, 3, 23, 9)  # noqa: DTZ001 - wall clock, in the week of a clock change
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY;BYDAY=MO,TH,SU;INTERVAL=2",
    "FREQ=MONTHLY;BYDAY=-1SU,2TU",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    "FREQ=HOURLY;INTERVAL=7;COUNT=40",
]
LENGTHS = ["PT30M", "PT24H", "P1D", "P9D", "P40D"]
PROPERTIES = ["", "X-APPLE-TRAVEL-DURATION:PT3H", "X-APPLE-TRAVEL-RETURN-DURATION:PT5H"]


def occurrences(ics: str, start: datetime, end: datetime) -> list[Occurrence]:
    owner = frozenset({"mailto:owner@example.org"})
    zone = ZoneInfo("Europe/Berlin")
    return list(expand(ics, zone=zone, start=start, end=end, owner=owner).occurrences)


def edges(found: Sequence[Occurrence]) -> list[datetime]:
    """Instants at which a window may cut the first of these wrongly: around starts and ends."""
    instants = {
        instant
        for one in found[:4]
        for instant in (one.starts_at, one.starts_at + SECOND, one.ends_at - SECOND, one.ends_at)
    }
    return sorted(at for at in instants if WIDEST[0] <= at <= WIDEST[1])


def assert_windows_only_cut(ics: str) -> None:
    everything = occurrences(ics, *WIDEST)
    for start, end in pairwise(edges(everything)):
        there = [one for one in everything if one.starts_at < end and one.ends_at > start]
        assert occurrences(ics, start, end) == there


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_file_shows_in_a_narrow_window_what_a_wide_one_shows_there(path: Path) -> None:
    assert_windows_only_cut(path.read_bytes().decode())


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:a", *filter(None, lines), "END:VEVENT"])


@st.composite
def long_and_changed_series(draw: st.DrawFn) -> str:
    """Series whose occurrences overlap, with what may move them far: all kinds of change."""
    named = f";TZID={draw(st.sampled_from(ZONES))}:"

    def stamp(most_days: int) -> str:
        days, hours = draw(st.integers(0, most_days)), draw(st.sampled_from([0, 0, 0, 7, -7]))
        return f"{FIRST + timedelta(days=days, hours=hours):%Y%m%dT%H%M%S}"

    extra = [
        f"RDATE{named}{stamp(60)}",
        f"RDATE;VALUE=PERIOD{named}{stamp(60)}/{draw(st.sampled_from(LENGTHS))}",
        f"EXDATE{named}{stamp(60)}",
        f"EXDATE;VALUE=DATE:{stamp(60)[:8]}",
    ]
    master = event(
        f"DTSTART{named}{FIRST:%Y%m%dT%H%M%S}",
        f"DURATION:{draw(st.sampled_from(LENGTHS))}",
        f"RRULE:{draw(st.sampled_from(RULES))}",
        draw(st.sampled_from(PROPERTIES)),
        *draw(st.lists(st.sampled_from(extra), max_size=3, unique=True)),
    )
    changes = [
        event(
            f"RECURRENCE-ID{draw(st.sampled_from(['', ';RANGE=THISANDFUTURE']))}{named}{stamp(60)}",
            f"DTSTART{named}{stamp(400)}",
            f"DURATION:{draw(st.sampled_from(LENGTHS))}",
            draw(st.sampled_from([*PROPERTIES, "STATUS:CANCELLED"])),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    blocks = "\r\n".join([master, *changes])
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}\r\nEND:VCALENDAR\r\n"


@settings(max_examples=60, deadline=None)
@given(long_and_changed_series())
def test_a_series_shows_in_a_narrow_window_what_a_wide_one_shows_there(ics: str) -> None:
    assert_windows_only_cut(ics)
