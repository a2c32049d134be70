from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import SubAccount
from calendars.ical import appointment_file, uid_of
from calendars.models import Appointment, Calendar, Contact, Meeting

STARTS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def make_appointment(name: str = "Yoga", location: str = "Room 1", **fields: str) -> Appointment:
    calendar = Calendar(name=name, location=location, sub_account=SubAccount(name="Riverside"))
    meeting = Meeting(calendar=calendar, starts_at=STARTS, ends_at=STARTS + timedelta(minutes=30))
    return Appointment(
        meeting=meeting,
        contact=Contact(name="Gina", email="gina@example.com"),
        token="t" * 43,
        created_at=STARTS - timedelta(days=1),
        **fields,
    )


def event_in(file: bytes) -> Any:
    [event] = icalendar.Calendar.from_ical(file).walk("VEVENT")
    return event


def properties(file: bytes) -> Counter[str]:
    """The names of all properties, as the strictest and the laxest of readers see them."""
    lines = file.decode().replace("\r\n ", "").splitlines()
    return Counter(line.partition(":")[0].partition(";")[0] for line in lines)


def test_the_file_tells_what_when_where_and_with_whom() -> None:
    event = event_in(appointment_file(make_appointment(), host="Ana"))

    assert (event["SUMMARY"], event["LOCATION"], event["DESCRIPTION"]) == (
        "Yoga",
        "Room 1",
        "With Ana",
    )
    assert (event.start, event.end) == (STARTS, STARTS + timedelta(minutes=30))
    assert event["STATUS"] == "CONFIRMED"


def test_nobody_is_written_to_because_of_the_file() -> None:
    file = appointment_file(make_appointment(), host="Ana")

    assert {"METHOD", "ORGANIZER", "ATTENDEE"}.isdisjoint(properties(file))
    assert b"example.com" not in file


def test_the_uid_stays_the_same_and_does_not_tell_the_private_link() -> None:
    first, second = (
        event_in(appointment_file(make_appointment(status=status), host=""))["UID"]
        for status in ("confirmed", "cancelled")
    )

    assert first == second == f"{uid_of(make_appointment())}@daybook"
    assert "ttt" not in first


@pytest.mark.parametrize(
    ("status", "said"),
    [("new", "TENTATIVE"), ("cancelled", "CANCELLED"), ("invalid", "CANCELLED")],
)
def test_the_status_follows_the_appointment(status: str, said: str) -> None:
    event = event_in(appointment_file(make_appointment(status=status), host=""))

    assert event["STATUS"] == said


@given(name=TEXTS, location=TEXTS, host=TEXTS)
@example(name="a\r\nATTENDEE:mailto:x@y", location="b\nMETHOD:REQUEST", host="c\rEND:VEVENT")
@example(name="a\x0bX:1", location="b\x85X:1", host="c\u2028X:1\x00")
@example(name=";:,\\", location="\\n", host='"')
def test_hostile_text_stays_text(name: str, location: str, host: str) -> None:
    plain = properties(appointment_file(make_appointment(), host="Ana"))

    file = appointment_file(make_appointment(name, location), host=host)

    assert properties(file) == plain
    assert len(event_in(file).property_items()) == len(
        event_in(appointment_file(make_appointment(), host="Ana")).property_items()
    )
