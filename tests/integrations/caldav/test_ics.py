"""Writing events, hostile text included, and telling whether two files mean the same."""

import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from integrations.caldav.ics import (
    EventContent,
    Fingerprint,
    Unreadable,
    fingerprint,
    uid_of,
    write_event,
)
from integrations.caldav.recurrence import Expansion, Occurrence, expand

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
TEN = datetime(2026, 1, 5, 10, tzinfo=UTC)
STAMP = datetime(2025, 12, 1, 8, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = EventContent(NINE, TEN, summary="Haircut, Ada", description="Ring twice", location="Here")

PROPERTIES = [
    "CREATED",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "LAST-MODIFIED",
    "LOCATION",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "UID",
]


def test_an_event_is_written_in_full_and_in_utc() -> None:
    content = EventContent(
        starts_at=NINE.astimezone(BERLIN),
        ends_at=TEN.astimezone(ZoneInfo("Asia/Tokyo")),
        summary="Haircut; Ada",
        description="Ring twice\nBring: comb",
        location="Main St. 1, back yard",
    )

    lines = write_event("u-1", content, stamp=STAMP, sequence=3).split("\r\n")

    assert sorted(lines) == sorted(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Daybook//Appointments//EN",
            "BEGIN:VEVENT",
            "UID:u-1",
            "DTSTAMP:20251201T083000Z",
            "CREATED:20251201T083000Z",
            "LAST-MODIFIED:20251201T083000Z",
            "SEQUENCE:3",
            "DTSTART:20260105T090000Z",
            "DTEND:20260105T100000Z",
            "SUMMARY:Haircut\\; Ada",
            "DESCRIPTION:Ring twice\\nBring: comb",
            "LOCATION:Main St. 1\\, back yard",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_a_tentative_event_says_so() -> None:
    content = EventContent(NINE, TEN, "A", "", "", is_tentative=True)

    lines = write_event("u", content, stamp=STAMP).split("\r\n")

    assert [line for line in lines if line.startswith("STATUS")] == ["STATUS:TENTATIVE"]


def test_lines_are_at_most_75_octets_long() -> None:
    content = EventContent(NINE, TEN, "ü" * 300, "日本" * 300, "é" * 300)

    lines = write_event("u", content, stamp=STAMP).split("\r\n")

    assert max(len(line.encode()) for line in lines) <= 75


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "stamp"),
    [
        (NINE.replace(tzinfo=None), TEN, STAMP),
        (NINE, TEN, STAMP.replace(tzinfo=None)),
        (TEN, NINE, STAMP),
    ],
)
def test_naive_times_and_a_reversed_event_are_refused(
    starts_at: datetime, ends_at: datetime, stamp: datetime
) -> None:
    with pytest.raises(ValueError, match=r"zone|end before"):
        write_event("u", EventContent(starts_at, ends_at, "A", "", ""), stamp=stamp)


def test_a_written_event_is_read_back_as_the_time_it_blocks() -> None:
    ics = write_event("u-1", PLAIN, stamp=STAMP)

    assert expand(ics, zone=BERLIN, start=NINE, end=TEN) == Expansion(
        uid="u-1",
        occurrences=(Occurrence(NINE, TEN, all_day=False, is_busy=True, title="Haircut, Ada"),),
        problems=(),
    )


BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(f"{BREAKS}\x00\x07\x7f\x9f\t \\;:,\"'\ufeff\ud800ATENDE"),
    ),
    max_size=120,
)


def printable(text: str, line_break: str) -> str:
    """What may be left of a text: its characters but the unprintable, breaks as one kind."""
    for sequence in ("\r\n", *BREAKS):
        text = text.replace(sequence, "\n")
    kept = [one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs")]
    lines = "".join(kept).strip()
    return lines if line_break == "\n" else lines.replace("\n", " ").replace("\t", " ").strip()


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
@example("u\r\nX:1", "Hi\r\nATTENDEE:mailto:a@b", "a\rATTENDEE:x\x85b", "\u2028TRANSP:TRANSPARENT")
@example("u", "END:VEVENT", "\\n\\\\n\\", "\x00")
def test_no_text_adds_a_property(uid: str, summary: str, description: str, location: str) -> None:
    content = EventContent(NINE, TEN, summary, description, location)

    ics = write_event(uid, content, stamp=STAMP)

    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    texts = {
        "SUMMARY": printable(summary, " "),
        "DESCRIPTION": printable(description, "\n"),
        "LOCATION": printable(location, " "),
        "UID": printable(uid, " "),
    }
    always = {"SUMMARY", "UID"}
    left_out = {name for name, text in texts.items() if not text} - always
    assert sorted(event.keys()) == [name for name in PROPERTIES if name not in left_out]
    assert len(event.property_items(sorted=False)) == len(event.keys()) + 2  # and BEGIN, END
    assert {name: str(event.get(name, "")) for name in texts} == texts
    assert uid_of(ics) == texts["UID"]
    assert sum(line.startswith("BEGIN:") for line in ics.split("\r\n")) == 2


def event(*lines: str, head: str = "VERSION:2.0") -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", head, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )


BASE = (
    "UID:a",
    "DTSTAMP:20251201T083000Z",
    "DTSTART;TZID=Europe/Berlin:20260105T100000",
    "DTEND;TZID=Europe/Berlin:20260105T110000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=1",
    "EXDATE;TZID=Europe/Berlin:20260106T100000,20260112T100000",
    "SUMMARY:Tea\\, please",
    "DESCRIPTION:One\\nTwo",
    "LOCATION:Kitchen",
)


def changed(old: str, new: str) -> str:
    return event(*[line.replace(old, new) for line in BASE])


@pytest.mark.parametrize(
    "ics",
    [
        event(*reversed(BASE)),
        event(*BASE).replace("\r\n", "\n"),
        event(*BASE).replace("Berlin:2026", "Ber\r\n lin:2026"),
        event(*BASE, head="PRODID:-//Other//EN\r\nX-WR-CALNAME:Home"),
        event(*BASE, "SEQUENCE:7", "LAST-MODIFIED:20260101T000000Z", "X-APPLE-ODD;A=B:1"),
        event(*BASE, "STATUS:CONFIRMED", "TRANSP:OPAQUE", "DTSTAMP:20260101T000000Z"),
        event(*BASE, "BEGIN:VALARM", "TRIGGER:-PT5M", "SUMMARY:Ring", "END:VALARM"),
        changed("TZID=Europe/Berlin", "TZID=W. Europe Standard Time"),
        changed("TZID=Europe/Berlin", 'TZID="/citadel.org/1/Europe/Berlin"'),
        changed("DTEND;TZID=Europe/Berlin:20260105T110000", "DURATION:PT1H"),
        changed("DTEND;TZID=Europe/Berlin:20260105T110000", "DTEND:20260105T100000Z"),
        changed("FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=1", "WKST=MO;BYDAY=TU,MO;FREQ=weekly"),
        changed("20260106T100000,20260112T100000", "20260112T100000,20260106T100000"),
        changed("EXDATE;TZID=Europe/Berlin:20260106T100000,20260112T100000",
                "EXDATE:20260106T090000Z\r\nEXDATE:20260112T090000Z"),
    ],
)  # fmt: skip
def test_a_rewritten_file_keeps_its_fingerprint(ics: str) -> None:
    assert fingerprint(ics) == fingerprint(event(*BASE))


@pytest.mark.parametrize(
    "ics",
    [
        changed("20260105T100000", "20260105T103000"),
        changed("20260105T110000", "20260105T120000"),
        changed("TZID=Europe/Berlin", "TZID=Europe/London"),
        changed("TZID=Europe/Berlin", "TZID=Africa/Lagos"),  # same in winter, not in summer
        changed(";TZID=Europe/Berlin", ""),
        changed("DTSTART;TZID=Europe/Berlin:20260105T100000", "DTSTART:20260105"),
        changed("BYDAY=MO,TU", "BYDAY=MO,WE"),
        changed("INTERVAL=1", "INTERVAL=2"),
        changed(",20260112T100000", ""),
        event(*BASE, "RDATE:20260107T090000Z"),
        event(*BASE, "RECURRENCE-ID:20260105T090000Z"),
        event(*BASE, "END:VEVENT", "BEGIN:VEVENT", *BASE, "RECURRENCE-ID:20260113T090000Z"),
        event(*BASE, "STATUS:CANCELLED"),
        event(*BASE, "STATUS:TENTATIVE"),
        event(*BASE, "TRANSP:TRANSPARENT"),
    ],
)
def test_a_change_of_time_changes_the_time_fingerprint(ics: str) -> None:
    assert fingerprint(ics).time != fingerprint(event(*BASE)).time


@pytest.mark.parametrize(
    "ics",
    [
        changed("Tea", "Coffee"),
        changed("One\\nTwo", "One Two"),
        changed("LOCATION:Kitchen", "LOCATION:"),
    ],
)
def test_a_change_of_text_changes_the_text_fingerprint_only(ics: str) -> None:
    before, after = fingerprint(event(*BASE)), fingerprint(ics)

    assert after.text != before.text
    assert after.time == before.time


def test_a_change_of_time_leaves_the_text_fingerprint() -> None:
    assert fingerprint(changed("20260105T110000", "20260105T120000")).text == (
        fingerprint(event(*BASE)).text
    )


def test_the_order_of_changed_occurrences_does_not_matter() -> None:
    change = (*BASE[:4], "RECURRENCE-ID:20260113T090000Z", "SUMMARY:Other")

    one = event(*BASE, "END:VEVENT", "BEGIN:VEVENT", *change)
    other = event(*change, "END:VEVENT", "BEGIN:VEVENT", *BASE)

    assert fingerprint(one) == fingerprint(other)


def test_a_later_stamp_and_sequence_leave_the_fingerprint_of_our_own_event() -> None:
    first = write_event("u", PLAIN, stamp=STAMP)
    later = write_event("u", PLAIN, stamp=STAMP + timedelta(days=1), sequence=5)

    assert fingerprint(first) == fingerprint(later)
    assert isinstance(fingerprint(first), Fingerprint)


@pytest.mark.parametrize(
    "ics", ["", "<html></html>", event("UID:a"), event("UID:a", "DTSTART:soon")]
)
def test_what_cannot_be_parsed_has_no_fingerprint(ics: str) -> None:
    with pytest.raises(Unreadable):
        fingerprint(ics)


@pytest.mark.parametrize(
    ("ics", "uid"),
    [
        (event("UID:a-1"), "a-1"),
        (event("uid: a-1 "), "a-1"),
        (event("UID:long\r\n er"), "longer"),
        (event("SUMMARY:UID:a"), ""),
        ("", ""),
        ("<html></html>", ""),
    ],
)
def test_the_uid_of_a_file(ics: str, uid: str) -> None:
    assert uid_of(ics) == uid
