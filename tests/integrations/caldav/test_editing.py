"""Title and time of an event changed in its own text: those lines, and no other byte."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from integrations.caldav import editing
from integrations.caldav.editing import NotEditable, Said, agreed, plain_title, rewrite, said
from integrations.caldav.lines import split_lines

BERLIN = ZoneInfo("Europe/Berlin")
STAMP = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

APPLE = """\
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 15.0//EN
VERSION:2.0
X-APPLE-CALENDAR-COLOR:#0E61B9
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20260101T080000Z
DTEND;TZID=Europe/Berlin:20260302T110000
DTSTAMP:20260101T080000Z
DTSTART;TZID=Europe/Berlin:20260302T100000
LAST-MODIFIED:20260101T080000Z
SEQUENCE:3
SUMMARY;LANGUAGE=de:Zahnarzt
DESCRIPTION:A long text that a client of somebody else's has folded in a pl
 ace of its own\\, with commas\\; and
\t tabs
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Quay: 4":geo:52.5,13.4
x-odd-line;X=1:stays
TRANSP:OPAQUE
UID:1B2C
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Reminder
SUMMARY:of the alarm
TRIGGER:-PT15M
DTSTART:20200101T000000Z
UID:alarm-1
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def plain(start: str, end: str, *lines: str) -> str:
    """An event whose start and end lines are these."""
    body = ["BEGIN:VEVENT", "UID:x", "DTSTAMP:20260101T000000Z", start, end, *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *body, "END:VCALENDAR", ""])


def moved(ics: str, *, by: timedelta = HOUR, longer: timedelta = timedelta(0)) -> list[str]:
    """The lines that say when, after a move of the event."""
    before = said(ics, zone=BERLIN)
    wanted = replace(before, starts_at=before.starts_at + by, ends_at=before.ends_at + by + longer)
    after = rewrite(ics, wanted, zone=BERLIN, stamp=STAMP)
    assert said(after, zone=BERLIN) == wanted
    return [
        line.content for line in split_lines(after) if line.name in {"DTSTART", "DTEND", "DURATION"}
    ]


def differing(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines only one of the two has, as written, with their ends."""
    old = [line.written for line in split_lines(before)]
    new = [line.written for line in split_lines(after)]
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_an_event_says_its_title_and_when_it_is() -> None:
    assert said(APPLE, zone=BERLIN) == Said(
        "Zahnarzt", datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)
    )


def test_only_the_lines_of_what_was_changed_and_of_the_change_itself_differ() -> None:
    wanted = Said(
        "Zahnärztin, oben",
        datetime(2026, 4, 7, 12, 30, tzinfo=UTC),
        datetime(2026, 4, 7, 13, tzinfo=UTC),
    )

    after = rewrite(APPLE, wanted, zone=BERLIN, stamp=STAMP)

    assert said(after, zone=BERLIN) == wanted
    assert differing(APPLE, after) == (
        [
            "DTEND;TZID=Europe/Berlin:20260302T110000\r\n",
            "DTSTAMP:20260101T080000Z\r\n",
            "DTSTART;TZID=Europe/Berlin:20260302T100000\r\n",
            "LAST-MODIFIED:20260101T080000Z\r\n",
            "SEQUENCE:3\r\n",
            "SUMMARY;LANGUAGE=de:Zahnarzt\r\n",
        ],
        [
            "DTEND;TZID=Europe/Berlin:20260407T150000\r\n",
            "DTSTAMP:20260301T120000Z\r\n",
            "DTSTART;TZID=Europe/Berlin:20260407T143000\r\n",
            "LAST-MODIFIED:20260301T120000Z\r\n",
            "SEQUENCE:4\r\n",
            "SUMMARY;LANGUAGE=de:Zahnärztin\\, oben\r\n",
        ],
    )


def test_another_title_alone_leaves_time_and_sequence() -> None:
    wanted = replace(said(APPLE, zone=BERLIN), title="Arzt")

    after = rewrite(APPLE, wanted, zone=BERLIN, stamp=STAMP)

    assert differing(APPLE, after)[1] == [
        "DTSTAMP:20260301T120000Z\r\n",
        "LAST-MODIFIED:20260301T120000Z\r\n",
        "SUMMARY;LANGUAGE=de:Arzt\r\n",
    ]


def test_what_is_said_already_changes_no_byte() -> None:
    assert rewrite(APPLE, said(APPLE, zone=BERLIN), zone=BERLIN, stamp=STAMP) == APPLE


def test_line_ends_stay_what_they_are() -> None:
    text = APPLE.replace("\r\n", "\n")
    wanted = replace(said(text, zone=BERLIN), title="x" * 200)

    after = rewrite(text, wanted, zone=BERLIN, stamp=STAMP)

    assert "\r" not in after
    assert said(after, zone=BERLIN) == wanted


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (
            "DTSTART;TZID=America/New_York:20260302T100000",
            "DTEND;TZID=Europe/London:20260302T160000",
            [
                "DTSTART;TZID=America/New_York:20260302T110000",
                "DTEND;TZID=Europe/London:20260302T170000",
            ],
        ),
        (
            "DTSTART:20260302T100000Z",
            "DTEND:20260302T110000Z",
            ["DTSTART:20260302T110000Z", "DTEND:20260302T120000Z"],
        ),
        (
            "DTSTART;VALUE=DATE-TIME:20260302T100000",
            "DTEND:20260302T110000",
            ["DTSTART;VALUE=DATE-TIME:20260302T110000", "DTEND:20260302T120000"],
        ),
        (
            "DTSTART:20260302T100000Z",
            "DURATION:PT1H",
            ["DTSTART:20260302T110000Z", "DURATION:PT1H"],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260328T010000",
            "DTEND;TZID=Europe/Berlin:20260329T013000",
            [
                "DTSTART;TZID=Europe/Berlin:20260328T020000",
                "DTEND;TZID=Europe/Berlin:20260329T033000",
            ],
        ),
    ],
)
def test_each_time_stays_as_it_was_expressed(start: str, end: str, written: list[str]) -> None:
    assert moved(plain(start, end)) == written


@pytest.mark.parametrize(
    ("before", "longer", "after"),
    [
        ("PT1H", timedelta(minutes=30), "PT1H30M"),
        ("PT1H", timedelta(seconds=-3555), "PT45S"),
        ("P1D", timedelta(0), "PT24H"),
        ("P1DT2H", timedelta(hours=-2), "PT24H"),
    ],
)
def test_a_duration_stays_one(before: str, longer: timedelta, after: str) -> None:
    ics = plain("DTSTART;TZID=Europe/Berlin:20260302T100000", f"DURATION:{before}")

    assert moved(ics, longer=longer)[1] == f"DURATION:{after}"


def test_missing_lines_are_added_beside_the_start() -> None:
    ics = plain("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z", "STATUS:CONFIRMED")
    wanted = Said("Tea", datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 3, 11, tzinfo=UTC))

    after = rewrite(ics, wanted, zone=BERLIN, stamp=STAMP)

    assert [line.content for line in split_lines(after)][5:10] == [
        "DTSTART:20260303T100000Z",
        "SUMMARY:Tea",
        "SEQUENCE:1",
        "DTEND:20260303T110000Z",
        "STATUS:CONFIRMED",
    ]
    assert said(after, zone=BERLIN) == wanted


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["RRULE:FREQ=DAILY"], editing.REPEATS),
        (["RDATE:20260303T100000Z"], editing.REPEATS),
        (["RECURRENCE-ID:20260303T100000Z"], editing.REPEATS),
        (["ATTENDEE:mailto:gwen@guest.test"], editing.GUESTS),
        (["ORGANIZER:mailto:ana@icloud.test"], editing.GUESTS),
        (["attendee;PARTSTAT=ACCEPTED:mailto:gwen@guest.test"], editing.GUESTS),
        (["DTSTART:20260303T100000Z"], editing.ODD),
        (["DURATION:PT1H"], editing.ODD),
        (["SUMMARY:One", "SUMMARY:Two"], editing.ODD),
        (["DESCRIPTION:lost by a wrong encoding: \ufffd"], editing.ODD),
        (["DESCRIPTION:a bare CR\rinside"], editing.ODD),
        (["BEGIN:VALARM"], editing.ODD),
        (["X-LONG:" + "x" * 1_000_000], editing.ODD),
        (["END:VALARM"], editing.ODD),
        (["END:VEVENT", "BEGIN:VEVENT", "UID:y", "DTSTART:20260303T100000Z"], editing.ODD),
        (["END:VEVENT", "BEGIN:VTODO", "UID:y", "END:VTODO", "BEGIN:VEVENT"], editing.ODD),
    ],
)
def test_what_is_no_plain_event_of_ones_own_is_not_changed(lines: list[str], reason: str) -> None:
    ics = plain("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z", *lines)

    with pytest.raises(NotEditable, match=f"^{re.escape(reason)}$"):
        said(ics, zone=BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303", editing.ALL_DAY),
        ("DTSTART:20260302", "DTEND:20260303", editing.ALL_DAY),
        ("DTSTART;TZID=Moon/Sea:20260302T100000", "DURATION:PT1H", editing.UNKNOWN_ZONE),
        ("DTSTART:20260302T100000Z", "DTEND;TZID=Moon:20260302T120000", editing.UNKNOWN_ZONE),
        ("DTSTART:20260302T100000Z", "DTEND:20260302T100000Z", editing.NO_SPAN),
        ("DTSTART:20260302T100000Z", "DTEND:20260502T100000Z", editing.NO_SPAN),
        ("DTSTART:soon", "DTEND:20260302T100000Z", editing.ODD),
        ("DTSTART;TZID=tzone://X/Y:20260302T100000", "DURATION:PT1H", editing.ODD),
    ],
)
def test_what_has_no_plain_time_is_not_changed(start: str, end: str, reason: str) -> None:
    with pytest.raises(NotEditable, match=f"^{re.escape(reason)}$"):
        said(plain(start, end), zone=BERLIN)


def test_no_calendar_is_not_changed() -> None:
    with pytest.raises(NotEditable, match=f"^{re.escape(editing.ODD)}$"):
        said("no calendar", zone=BERLIN)


def test_a_time_that_the_events_own_clock_shows_twice_is_refused_where_it_is_the_second() -> None:
    ics = plain("DTSTART;TZID=Europe/Berlin:20261020T100000", "DURATION:PT1H")
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 once more

    with pytest.raises(NotEditable, match="twice"):
        rewrite(ics, Said("", second, second + HOUR), zone=BERLIN, stamp=STAMP)


def test_an_event_that_would_take_no_time_is_refused() -> None:
    wanted = replace(said(APPLE, zone=BERLIN), ends_at=datetime(2026, 3, 2, 9, tzinfo=UTC))

    with pytest.raises(NotEditable, match="no time"):
        rewrite(APPLE, wanted, zone=BERLIN, stamp=STAMP)


def test_every_calendar_of_the_collection_is_left_alone_or_changed_in_these_lines_only() -> None:
    changed = 0
    for path in sorted(Path("tests/ics").glob("*.ics")):
        ics = path.read_bytes().decode(errors="replace")
        try:
            current = said(ics, zone=BERLIN)
        except NotEditable:
            continue
        changed += 1
        after = rewrite(ics, replace(current, title="Another"), zone=BERLIN, stamp=STAMP)
        names = {split_lines(line)[0].name for line in differing(ics, after)[1]}
        assert names <= {"SUMMARY", "DTSTAMP", "LAST-MODIFIED"}, path.name
    assert changed == 51


instants = st.integers(946_684_800, 3_786_912_000).map(lambda at: datetime.fromtimestamp(at, UTC))
lengths = st.integers(1, 31 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
wishes = st.builds(
    lambda title, at, length: Said(plain_title(title), at, at + length),
    st.text() | st.text(alphabet='ä€😀\\;,:"\r\n\t \u2028NDTSTART', max_size=300),
    instants,
    lengths,
)
lines_of_others = st.lists(
    st.builds(
        lambda name, text: f"X-{name}:{text}",
        st.text(alphabet="ABCDEFGHI-", min_size=1),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
    ).filter(lambda line: "\ufffd" not in line),
    max_size=4,
)
clocks = st.sampled_from(
    [
        ("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z"),
        ("DTSTART:20260302T100000", "DTEND:20260302T110000"),
        ("DTSTART;TZID=America/New_York:20260302T100000", "DURATION:PT90M"),
        ("DTSTART;TZID=Asia/Tokyo:20260302T100000", "DTEND;TZID=Europe/Berlin:20260302T100000"),
    ]
)
CHANGING = {"DTSTART", "DTEND", "DURATION", "SUMMARY", "SEQUENCE", "DTSTAMP"}


@given(wanted=wishes, others=lines_of_others, clock=clocks)
def test_whatever_is_wanted_is_said_exactly_and_nothing_else_changes(
    wanted: Said, others: list[str], clock: tuple[str, str]
) -> None:
    ics = plain(*clock, *others, "SUMMARY:Tea")

    try:
        after = rewrite(ics, wanted, zone=BERLIN, stamp=STAMP)
    except NotEditable as refused:
        assume(str(refused) != editing.NOT_ON_ITS_CLOCK)
        raise

    assert said(after, zone=BERLIN) == wanted
    assert kept(after) == kept(ics)
    assert all(len(line.encode()) <= 75 for line in changed_text(after).split("\r\n"))
    [event] = icalendar.Calendar.from_ical(after).events
    assert plain_title(str(event["SUMMARY"])) == wanted.title
    assert [str(part.name) for part in icalendar.Calendar.from_ical(after).walk()] == [
        "VCALENDAR",
        "VEVENT",
    ]


def kept(ics: str) -> list[str]:
    return [line.written for line in split_lines(ics) if line.name not in CHANGING]


def changed_text(ics: str) -> str:
    return "".join(line.written for line in split_lines(ics) if line.name in CHANGING)


@given(text=st.text(alphabet='AB:;="\r\n\t é', max_size=200))
def test_lines_joined_are_the_file(text: str) -> None:
    assert "".join(line.written for line in split_lines(text)) == text


BEFORE = said(APPLE, zone=BERLIN)
LATER = replace(BEFORE, starts_at=BEFORE.starts_at + HOUR, ends_at=BEFORE.ends_at + HOUR)
LATEST = replace(LATER, starts_at=LATER.starts_at + HOUR, ends_at=LATER.ends_at + HOUR)
RENAMED = replace(BEFORE, title="Doctor")


@pytest.mark.parametrize(
    ("sent", "wanted", "theirs", "result"),
    [
        (None, LATER, BEFORE, LATER),  # nothing happened there
        (None, LATER, LATER, LATER),  # it says so already
        (None, LATER, RENAMED, replace(LATER, title="Doctor")),  # each changed something else
        (None, RENAMED, LATER, replace(LATER, title="Doctor")),
        (None, LATER, LATEST, None),  # both moved it
        (None, RENAMED, replace(BEFORE, title="Vet"), None),  # both renamed it
        (LATER, LATEST, LATER, LATEST),  # what was sent first had arrived
        (LATER, LATEST, BEFORE, LATEST),  # or had not
        (LATER, BEFORE, LATER, BEFORE),  # taken back after it had arrived
        (RENAMED, BEFORE, RENAMED, BEFORE),
        (LATER, LATER, LATEST, None),
    ],
)
def test_what_only_one_side_changed_is_taken_from_there(
    sent: Said | None, wanted: Said, theirs: Said, result: Said | None
) -> None:
    assert agreed(before=BEFORE, sent=sent, wanted=wanted, theirs=theirs) == result
