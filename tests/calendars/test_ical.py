import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.models import SubAccount, User
from calendars.ical import appointment_file, mail_file, method_of
from calendars.models import Appointment, Calendar, Contact, Mail, Meeting

UID = uuid.UUID("11111111-2222-4333-8444-555555555555")
STARTS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def make_appointment(name: str = "Yoga", location: str = "Room 1", **fields: Any) -> Appointment:
    calendar = Calendar(name=name, location=location, sub_account=SubAccount(name="Riverside"))
    meeting = Meeting(calendar=calendar, starts_at=STARTS, ends_at=STARTS + timedelta(minutes=30))
    return Appointment(
        meeting=meeting,
        contact=Contact(name="Gina", email="gina@example.com"),
        token="t" * 43,
        uid=UID,
        created_at=STARTS - timedelta(days=1),
        **fields,
    )


def make_mail(
    kind: str = "booked", *, appointment: Appointment | None = None, **fields: Any
) -> Mail:
    """A mail written when the appointment was at ten, whenever it takes place now."""
    values = {
        "starts_at": STARTS + timedelta(hours=2),
        "ends_at": STARTS + timedelta(hours=3),
        "created_at": STARTS - timedelta(days=2),
        "hosts": "Ana",
        "sequence": 3,
    }
    return Mail(appointment=appointment or make_appointment(), kind=kind, **{**values, **fields})


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

    assert first == second == f"{UID}@daybook"
    assert "ttt" not in first


@pytest.mark.parametrize(
    ("status", "said"),
    [("new", "TENTATIVE"), ("cancelled", "CANCELLED"), ("invalid", "CANCELLED")],
)
def test_the_status_follows_the_appointment(status: str, said: str) -> None:
    event = event_in(appointment_file(make_appointment(status=status), host=""))

    assert event["STATUS"] == said


@settings(deadline=None)  # the first example pays for what is loaded then
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


def test_a_later_file_replaces_an_earlier_one() -> None:
    first, second = (
        event_in(appointment_file(make_appointment(sequence=number), host="Ana"))
        for number in (0, 4)
    )

    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 4)
    assert first["UID"] == second["UID"]


def test_a_mails_file_says_what_the_mail_says_whatever_became_of_it_since() -> None:
    event = event_in(mail_file(make_mail()))

    assert (event.start, event.end) == (STARTS + timedelta(hours=2), STARTS + timedelta(hours=3))
    assert event["SEQUENCE"] == 3
    assert event["DTSTAMP"].dt == STARTS - timedelta(days=2)
    assert event["UID"] == f"{UID}@daybook"
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Yoga", "With Ana")


@pytest.mark.parametrize(
    ("kind", "status", "method", "said"),
    [
        ("booked", "confirmed", "PUBLISH", "CONFIRMED"),
        ("requested", "new", "PUBLISH", "TENTATIVE"),
        ("confirmed", "confirmed", "PUBLISH", "CONFIRMED"),
        ("moved", "confirmed", "PUBLISH", "CONFIRMED"),
        ("moved", "new", "PUBLISH", "TENTATIVE"),
        ("cancelled", "cancelled", "CANCEL", "CANCELLED"),
        # Given to another host: over for its reader alone.
        ("cancelled", "confirmed", "CANCEL", "CANCELLED"),
        # Sent late: the cancellation has a mail of its own.
        ("booked", "cancelled", "PUBLISH", "CONFIRMED"),
    ],
)
def test_the_method_follows_the_kind_of_mail(
    kind: str, status: str, method: str, said: str
) -> None:
    mail = make_mail(kind, appointment=make_appointment(status=status))

    file = mail_file(mail)

    assert icalendar.Calendar.from_ical(file)["METHOD"] == method == method_of(mail)
    assert event_in(file)["STATUS"] == said


def test_a_hosts_file_tells_who_comes_and_a_guests_file_does_not() -> None:
    seat = make_appointment(guest_name="Gina", guest_email="gina@example.com", notes="Second floor")

    host = event_in(mail_file(make_mail(appointment=seat, to=User(email="ana@example.com"))))
    guest = mail_file(make_mail(appointment=seat))

    assert (host["SUMMARY"], host["DESCRIPTION"]) == (
        "Yoga: Gina",
        "Gina\ngina@example.com\nSecond floor",
    )
    assert b"Gina" not in guest
    assert b"Second floor" not in guest


@pytest.mark.parametrize("kind", ["booked", "cancelled"])
def test_nobody_is_written_to_because_of_a_mails_file(kind: str) -> None:
    file = mail_file(make_mail(kind, to=User(email="ana@example.com")))

    assert {"ORGANIZER", "ATTENDEE"}.isdisjoint(properties(file))
    assert b"example.com" not in file


@settings(deadline=None)
@given(name=TEXTS, guest=TEXTS, email=TEXTS, notes=TEXTS)
@example(name="a\r\nATTENDEE:mailto:x@y", guest="b\nX:1", email="x\r\nX:1", notes="c\rEND:VEVENT")
@example(name="a\x0bX:1", guest="b\x85X:1", email="d\x1eX:1", notes="c\u2028X:1\x00")
def test_hostile_text_stays_text_in_a_hosts_file(
    name: str, guest: str, email: str, notes: str
) -> None:
    host = User(email="ana@example.com")
    plain = make_appointment(guest_name="Gina")
    seat = make_appointment(
        name, guest_name=guest, guest_email=email, guest_phone=email, notes=notes
    )

    file = mail_file(make_mail(appointment=seat, to=host))

    assert properties(file) == properties(mail_file(make_mail(appointment=plain, to=host)))
    assert len(event_in(file).property_items()) == len(
        event_in(mail_file(make_mail(appointment=plain, to=host))).property_items()
    )
