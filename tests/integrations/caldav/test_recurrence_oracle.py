"""The case files and random series against recurring-ical-events.

What the library does otherwise is kept out of the random series; on case files it is asserted.
"""

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.caldav.clock import midnight
from integrations.caldav.recurrence import expand
from tests.integrations.caldav.oracle import BERLIN, DIFFERENT, UNASKED, Span, oracle
from tests.integrations.caldav.spans import SPANS

CASES = Path(__file__).parents[2] / "ics"
ZONES = [
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo"),
    *("America/Los_Angeles", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "UTC"),
]
WINDOW_START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW_END = datetime(2027, 1, 1, tzinfo=UTC)

WEEKDAYS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
).map(",".join)
PATTERNS = st.one_of(
    st.just("FREQ=DAILY"),
    st.just("FREQ=WEEKLY"),
    WEEKDAYS.map(lambda days: f"FREQ=WEEKLY;BYDAY={days}"),
    WEEKDAYS.map(lambda days: f"FREQ=DAILY;BYDAY={days}"),
    st.just("FREQ=MONTHLY"),
    st.integers(1, 31).map(lambda day: f"FREQ=MONTHLY;BYMONTHDAY={day}"),
    st.just("FREQ=MONTHLY;BYMONTHDAY=-1"),
    st.sampled_from(["1MO", "-1FR", "2TU,4TU", "3WE"]).map(lambda day: f"FREQ=MONTHLY;BYDAY={day}"),
    st.just("FREQ=YEARLY"),
    st.integers(1, 12).map(lambda month: f"FREQ=YEARLY;BYMONTH={month};BYDAY=-1SU"),
)


@dataclass(frozen=True)
class Clock:
    """The zone of a series, and what stands around its times in a line."""

    zone: ZoneInfo
    before: str
    after: str

    @property
    def is_anchored(self) -> bool:
        return self.before != ":" or self.after == "Z"

    def line(self, name: str, wall: datetime) -> str:
        return f"{name}{self.before}{wall:%Y%m%dT%H%M%S}{self.after}"

    def utc(self, wall: datetime) -> str:
        return f"{wall.replace(tzinfo=self.zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


@st.composite
def rules(draw: st.DrawFn, start: date) -> str:
    rule: str = draw(PATTERNS) + draw(st.sampled_from(["", ";INTERVAL=2", ";INTERVAL=3"]))
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        return f"{rule};COUNT={draw(st.integers(1, 60))}"
    if end == "UNTIL":
        last = draw(st.dates(start, date(2027, 1, 1)))
        return f"{rule};UNTIL={last:%Y%m%d}T235959Z"
    return rule


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:a", "DTSTAMP:20250101T000000Z", *lines, "END:VEVENT"])


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", ""])


def spans_of(ics: str) -> list[Span]:
    expansion = expand(ics, zone=BERLIN, start=WINDOW_START, end=WINDOW_END)
    return sorted({(one.starts_at, one.ends_at) for one in expansion.occurrences})


def agrees(ics: str) -> bool:
    """Whether the library gives the same spans; raising for the whole file is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return oracle(ics, WINDOW_START, WINDOW_END) == spans_of(ics)
        except (ValueError, KeyError, AttributeError, TypeError):
            return False


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """How a series writes its times: in a zone, in UTC, or floating."""
    kind = draw(st.sampled_from(["zoned", "zoned", "zoned", "utc", "floating"]))
    if kind == "utc":
        return Clock(ZoneInfo("UTC"), ":", "Z")
    if kind == "floating":
        return Clock(BERLIN, ":", "")
    name = draw(st.sampled_from(ZONES))
    return Clock(ZoneInfo(name), f";TZID={name}:", "")


@st.composite
def lasting(draw: st.DrawFn, clock: Clock, start: datetime) -> str:
    """An end or a duration; short enough never to reach a clock change of the night."""
    minutes = draw(st.integers(1, 180))
    if draw(st.booleans()):
        return f"DURATION:PT{minutes}M"
    return clock.line("DTEND", start + timedelta(minutes=minutes))


@st.composite
def excluded(draw: st.DrawFn, clock: Clock, start: datetime, days: list[int]) -> list[str]:
    """Dates taken out, each in a way that calendars write it."""
    lines = []
    for day in days:
        moment = start + timedelta(days=day)
        forms = [clock.line("EXDATE", moment), f"EXDATE;VALUE=DATE:{moment:%Y%m%d}"]
        if clock.is_anchored:
            forms.append(f"EXDATE:{clock.utc(moment)}")
        lines.append(draw(st.sampled_from(forms)))
    return lines


@st.composite
def added(draw: st.DrawFn, clock: Clock, start: datetime, days: list[int]) -> list[str]:
    """Extra dates, some with a length of their own, beside every time the rule can have."""
    lines = []
    for day in days:
        moment = start + timedelta(days=day, minutes=25)
        forms = [clock.line("RDATE", moment)]
        if clock.is_anchored:
            length = draw(st.integers(10, 200))
            forms.append(f"RDATE;VALUE=PERIOD:{clock.utc(moment)}/PT{length}M")
        lines.append(draw(st.sampled_from(forms)))
    return lines


@st.composite
def timed_series(draw: st.DrawFn) -> str:
    clock = draw(clocks())
    day = draw(st.dates(date(2015, 1, 1), date(2026, 6, 1)))
    start = midnight(day) + timedelta(minutes=draw(st.integers(6 * 60, 20 * 60)))
    # Days on which the series may or may not have an occurrence.
    offsets = st.lists(st.integers(0, 400), max_size=4, unique=True)
    out, extra = draw(offsets), draw(offsets)
    return calendar(
        event(
            clock.line("DTSTART", start),
            draw(lasting(clock, start)),
            f"RRULE:{draw(rules(day + timedelta(days=2)))}",
            *draw(excluded(clock, start, out)),
            # A date takes out all of its day; the library lets it miss extra dates there.
            *draw(added(clock, start, [one for one in extra if one not in out])),
        )
    )


@st.composite
def all_day_series(draw: st.DrawFn) -> str:
    """Days, also several at a time, with days put in, taken out, moved and cancelled."""
    start = draw(st.dates(date(2015, 1, 1), date(2026, 6, 1)))
    days = draw(st.integers(1, 4))
    rule = draw(rules(start)).replace("T235959Z", "")
    offsets = st.lists(st.integers(1, 400), max_size=4, unique=True)
    lines = [
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
        draw(
            st.sampled_from(
                [f"DTEND;VALUE=DATE:{start + timedelta(days=days):%Y%m%d}", f"DURATION:P{days}D"]
            )
        ),
        f"RRULE:{rule}",
    ]
    for name in ("EXDATE", "RDATE"):
        dates = [start + timedelta(days=offset) for offset in draw(offsets)]
        lines += [f"{name};VALUE=DATE:{one:%Y%m%d}" for one in dates]
    return calendar(event(*lines))


@st.composite
def changed_days(draw: st.DrawFn) -> str:
    """A day each week since the start of 2026, some moved, made longer or cancelled."""
    start = date(2026, 1, 5)
    master = event(f"DTSTART;VALUE=DATE:{start:%Y%m%d}", "RRULE:FREQ=WEEKLY;COUNT=30")
    changes = []
    for week in draw(st.lists(st.integers(0, 29), max_size=5, unique=True)):
        original = start + timedelta(weeks=week)
        moved = original + timedelta(days=draw(st.integers(-9, 9)))
        changes.append(
            event(
                f"RECURRENCE-ID;VALUE=DATE:{original:%Y%m%d}",
                f"DTSTART;VALUE=DATE:{moved:%Y%m%d}",
                f"DURATION:P{draw(st.integers(1, 3))}D",
                f"STATUS:{draw(st.sampled_from(['CONFIRMED', 'TENTATIVE', 'CANCELLED']))}",
            )
        )
    return calendar(*draw(st.permutations([master, *changes])))


@st.composite
def changed_series(draw: st.DrawFn) -> str:
    """A weekly series of 2026: some weeks taken out, some moved, made longer or cancelled.

    Of its extra dates some are changed, too.
    """
    clock = draw(clocks())
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - wall clock
    weeks = draw(st.lists(st.integers(0, 29), max_size=9, unique=True))
    extra = timedelta(days=2, minutes=25)
    originals = [
        start + timedelta(weeks=week) + (extra if draw(st.integers(0, 4)) == 0 else timedelta(0))
        for week in weeks[:6]
    ]
    master = event(
        clock.line("DTSTART", start),
        draw(lasting(clock, start)),
        "RRULE:FREQ=WEEKLY;COUNT=30",
        *(clock.line("EXDATE", start + timedelta(weeks=week)) for week in weeks[6:]),
        *(clock.line("RDATE", one) for one in originals if one.minute),
    )
    changes = [draw(changed(clock, original)) for original in originals]
    return calendar(*draw(st.permutations([master, *changes])))


@st.composite
def changed(draw: st.DrawFn, clock: Clock, original: datetime) -> str:
    moved = original + timedelta(hours=draw(st.integers(-3, 9)), days=draw(st.integers(-9, 9)))
    in_utc = clock.is_anchored and draw(st.booleans())
    return event(
        f"RECURRENCE-ID:{clock.utc(original)}" if in_utc else clock.line("RECURRENCE-ID", original),
        clock.line("DTSTART", moved),
        draw(lasting(clock, moved)),
        f"STATUS:{draw(st.sampled_from(['CONFIRMED', 'TENTATIVE', 'CANCELLED']))}",
    )


@st.composite
def series_changed_from_one_on(draw: st.DrawFn) -> str:
    """A weekly series, from one occurrence on at another time of day and with another length."""
    clock = draw(clocks())
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - wall clock
    original = start + timedelta(weeks=draw(st.integers(1, 20)))
    moved = original + timedelta(hours=draw(st.integers(-2, 9)))
    master = event(clock.line("DTSTART", start), "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=30")
    change = event(
        clock.line("RECURRENCE-ID;RANGE=THISANDFUTURE", original),
        clock.line("DTSTART", moved),
        f"DURATION:PT{draw(st.integers(10, 200))}M",
    )
    return calendar(master, change)


@pytest.mark.parametrize("name", sorted(set(SPANS) - UNASKED))
def test_a_case_file_agrees_unless_the_difference_is_known(name: str) -> None:
    ics = (CASES / f"{name}.ics").read_bytes().decode()

    assert agrees(ics) is (name not in DIFFERENT)


@settings(max_examples=100, deadline=None)
@given(timed_series())
def test_timed_series_agree(ics: str) -> None:
    assert spans_of(ics) == oracle(ics, WINDOW_START, WINDOW_END)


@settings(max_examples=60, deadline=None)
@given(st.one_of(all_day_series(), changed_days()))
def test_all_day_series_agree(ics: str) -> None:
    assert spans_of(ics) == oracle(ics, WINDOW_START, WINDOW_END)


@settings(max_examples=80, deadline=None)
@given(changed_series())
def test_changed_series_agree(ics: str) -> None:
    assert spans_of(ics) == oracle(ics, WINDOW_START, WINDOW_END)


@settings(max_examples=40, deadline=None)
@given(series_changed_from_one_on())
def test_series_changed_from_one_occurrence_on_agree(ics: str) -> None:
    assert spans_of(ics) == oracle(ics, WINDOW_START, WINDOW_END)
