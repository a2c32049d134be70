"""Random series against recurring-ical-events, where that library follows the standard.

Left out is what it is known to do otherwise: exact durations over a clock change, times in the
gap of one, dates for RECURRENCE-ID and UNTIL of timed series, unknown zones, and BYDAY lists that
mix plain and counted days.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from integrations.caldav.clock import midnight, to_utc
from integrations.caldav.recurrence import expand

Span = tuple[datetime, datetime]

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
WINDOW_START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW_END = datetime(2026, 12, 31, tzinfo=UTC)

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
    assert expansion.problems == ()
    return [(one.starts_at, one.ends_at) for one in expansion.occurrences]


def oracle(ics: str) -> list[Span]:
    found = recurring_ical_events.of(Calendar.from_ical(ics)).between(
        WINDOW_START - timedelta(days=2), WINDOW_END + timedelta(days=2)
    )
    spans = {
        (instant(one["DTSTART"].dt), instant(one["DTEND"].dt))
        for one in found
        if one.get("STATUS") != "CANCELLED"
    }
    return sorted((a, b) for a, b in spans if a < WINDOW_END and b > WINDOW_START)


def instant(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return to_utc(midnight(value), BERLIN)
    return value.astimezone(UTC) if value.tzinfo else to_utc(value, BERLIN)


@st.composite
def timed_series(draw: st.DrawFn) -> str:
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.dates(date(2015, 1, 1), date(2026, 6, 1)))
    start = midnight(day) + timedelta(minutes=draw(st.integers(6 * 60, 20 * 60)))
    length = draw(st.integers(1, 180))
    rule = draw(rules(day + timedelta(days=2)))
    named = f";TZID={zone}:"
    lines = [
        f"DTSTART{named}{start:%Y%m%dT%H%M%S}",
        f"DURATION:PT{length}M",
        f"RRULE:{rule}",
    ]
    # Days on which the series may or may not have an occurrence.
    offsets = st.lists(st.integers(0, 400), max_size=4, unique=True)
    # The library lets an EXDATE on the day of a clock change hit what lies an hour beside it.
    for name, minutes in (("EXDATE", 0), ("RDATE", 25)):
        dates = [start + timedelta(days=days, minutes=minutes) for days in draw(offsets)]
        lines += [f"{name}{named}{one:%Y%m%dT%H%M%S}" for one in dates]
    return calendar(event(*lines))


@st.composite
def all_day_series(draw: st.DrawFn) -> str:
    start = draw(st.dates(date(2015, 1, 1), date(2026, 6, 1)))
    end = start + timedelta(days=draw(st.integers(1, 4)))
    rule = draw(rules(start)).replace("T235959Z", "")
    lines = [
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
        f"DTEND;VALUE=DATE:{end:%Y%m%d}",
        f"RRULE:{rule}",
    ]
    offsets = draw(st.lists(st.integers(0, 400), max_size=4, unique=True))
    lines += [f"EXDATE;VALUE=DATE:{start + timedelta(days=days):%Y%m%d}" for days in offsets]
    return calendar(event(*lines))


@st.composite
def changed_series(draw: st.DrawFn) -> str:
    """A weekly series since the start of 2026, some occurrences moved, made longer or cancelled."""
    zone = draw(st.sampled_from(ZONES))
    named = f";TZID={zone}:"
    start = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo(zone))
    master = event(
        f"DTSTART{named}{start:%Y%m%dT%H%M%S}", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=30"
    )
    changes = []
    for week in draw(st.lists(st.integers(0, 29), max_size=5, unique=True)):
        original = start + timedelta(weeks=week)
        moved = original + timedelta(hours=draw(st.integers(-3, 9)), days=draw(st.integers(-9, 9)))
        status = draw(st.sampled_from(["CONFIRMED", "TENTATIVE", "CANCELLED"]))
        is_utc = draw(st.booleans())
        changes.append(
            event(
                f"RECURRENCE-ID:{original.astimezone(UTC):%Y%m%dT%H%M%SZ}"
                if is_utc
                else f"RECURRENCE-ID{named}{original:%Y%m%dT%H%M%S}",
                f"DTSTART{named}{moved:%Y%m%dT%H%M%S}",
                f"DURATION:PT{draw(st.integers(10, 200))}M",
                f"STATUS:{status}",
            )
        )
    return calendar(*draw(st.permutations([master, *changes])))


@settings(max_examples=150, deadline=None)
@given(timed_series())
def test_timed_series_agree_with_recurring_ical_events(ics: str) -> None:
    assert spans_of(ics) == oracle(ics)


@settings(max_examples=100, deadline=None)
@given(all_day_series())
def test_all_day_series_agree_with_recurring_ical_events(ics: str) -> None:
    assert spans_of(ics) == oracle(ics)


@settings(max_examples=150, deadline=None)
@given(changed_series())
def test_changed_series_agree_with_recurring_ical_events(ics: str) -> None:
    assert spans_of(ics) == oracle(ics)
