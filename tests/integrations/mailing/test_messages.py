"""What a mail is made of besides its words: calendar files and headers, whatever people typed."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from calendars.models import Appointment, MeetingHost
from calendars.services.booking import book
from calendars.services.cancelling import cancel, cancel_by_guest, restore
from calendars.services.moving import reschedule
from tests.calendars.scenes import MONDAY_NINE, NOW, make_calendar, open_mornings, wish
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.mailing.reading import (
    event_in,
    files_in,
    html_in,
    links_in,
    mail_to,
    sent,
    text_in,
)

ONE_DAY = timedelta(days=1)


def test_a_guest_gets_the_event_as_alternative_and_as_attachment(
    appointment: Appointment,
) -> None:
    message = sent(mail_to("guest", "booked"))

    [alternative, attachment] = files_in(message)
    assert alternative[:2] == ("text/calendar", {"method": "PUBLISH", "charset": "utf-8"})
    assert attachment[0] == "application/ics"
    assert [part.get_filename() for part in message.iter_attachments()] == ["appointment.ics"]
    assert alternative[2].splitlines() == attachment[2].splitlines()
    event = event_in(message)
    assert event["UID"] == f"{appointment.uid}@daybook"
    assert (event.start, event.end, event["SEQUENCE"]) == (
        MONDAY_NINE,
        MONDAY_NINE + timedelta(minutes=30),
        0,
    )


@pytest.mark.parametrize("reader", ["guest", "host"])
def test_a_later_file_replaces_the_earlier_through_all_that_happens(
    tenant: Tenant, appointment: Appointment, reader: str
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: reschedule(appointment, MONDAY_NINE + ONE_DAY, now=NOW),
        lambda: cancel(appointment, by=tenant.admin),
        lambda: restore(appointment, by=tenant.admin, now=NOW),
        lambda: cancel_by_guest(appointment, reason="", now=NOW),
    ]
    kinds = ("booked", "moved", "cancelled", "booked", "cancelled")

    files = []
    for step, kind in zip(steps, kinds, strict=True):
        step()
        message = sent(mail_to(reader, kind))
        event, parameters = event_in(message), files_in(message)[0][1]
        files.append((event["UID"], event["SEQUENCE"], parameters["method"], event["STATUS"]))

    uid = f"{appointment.uid}@daybook"
    assert files == [
        (uid, 0, "PUBLISH", "CONFIRMED"),
        (uid, 1, "PUBLISH", "CONFIRMED"),
        (uid, 2, "CANCEL", "CANCELLED"),
        (uid, 3, "PUBLISH", "CONFIRMED"),
        (uid, 4, "CANCEL", "CANCELLED"),
    ]


def test_a_host_without_a_linked_calendar_gets_the_event_even_before_that_was_found_out(
    appointment: Appointment,
) -> None:
    assert MeetingHost.objects.get().copy == MeetingHost.Copy.WAITING

    message = sent(mail_to("host", "booked"))

    assert event_in(message)["SUMMARY"] == "Consultation: Gina Guest"
    assert len(files_in(message)) == 2


def test_a_host_with_a_linked_calendar_would_see_it_twice_and_gets_none(
    tenant: Tenant, account: ICloudAccount
) -> None:
    path = account.calendar()
    account.connect_and_choose(tenant.owner, tenant.sub_account, linked=path, conflicts=[])
    with time_machine.travel(NOW, tick=False):
        open_mornings(tenant.owner, tenant.sub_account)
        book(wish(make_calendar(tenant.sub_account, [tenant.owner])), now=NOW)

        guest, host = (sent(mail_to(reader, "booked")) for reader in ("guest", "host"))

    assert len(files_in(guest)) == 2
    assert files_in(host) == []


def test_a_mail_sent_twice_is_recognised_as_one(appointment: Appointment) -> None:
    booked = mail_to("guest", "booked")

    messages = [sent(booked) for _ in range(2)]

    assert [message["Message-ID"] for message in messages] == [
        f"<{booked.message_key}@testserver>"
    ] * 2


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("https://book.example.com", "book.example.com"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "[::1]"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_links_and_message_id_follow_the_sites_address(
    appointment: Appointment, settings: Settings, site: str, host: str
) -> None:
    settings.SITE_URL = site
    booked = mail_to("guest", "booked")

    message = sent(booked)

    assert message["Message-ID"] == f"<{booked.message_key}@{host}>"
    assert all(link.startswith(f"{site}/") for link in links_in(html_in(message)))


@pytest.mark.parametrize("reader", ["guest", "host"])
def test_machines_do_not_answer_and_nobodys_address_is_given_away(
    tenant: Tenant, appointment: Appointment, reader: str
) -> None:
    message = sent(mail_to(reader, "booked"))

    whole = message.as_string()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] is None
    assert "mailto:" not in whole
    assert (tenant.owner.email in whole) == (reader == "host")
    assert tenant.admin.email not in whole


@pytest.mark.parametrize("reader", ["guest", "host"])
def test_nothing_is_loaded_from_anywhere(appointment: Appointment, reader: str) -> None:
    html = html_in(sent(mail_to(reader, "booked")))

    assert re.findall(r"<(?:img|link|script|iframe|video)|url\(|@import|src=", html) == []


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\r\n\0\x0b\x85\u2028\u2029\u202e\u2066\u200f<>&\"':,;@\\"),
        st.characters(exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=100,
)


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=HOSTILE, calendar_name=HOSTILE, free=HOSTILE)
@example(name="x\r\nBcc: evil@example.com", calendar_name="y\nX: 1", free="z\r\n.\r\nQUIT")
@example(name="\u202egro.elpmaxe", calendar_name="\u2028\u2029\x85", free="\0")
@example(name="<b>x</b>", calendar_name="<script>", free="<img src=x>")
def test_hostile_text_stays_text(
    appointment: Appointment, name: str, calendar_name: str, free: str
) -> None:
    """In memory only: SQLite and PostgreSQL keep no NUL, other stores may."""
    seat, calendar = appointment, appointment.meeting.calendar
    plain = message_for(seat, "host", reason="x")
    before = (seat.guest_name, seat.notes, calendar.name, calendar.location)
    seat.guest_name, seat.notes, calendar.name, calendar.location = name, free, calendar_name, free

    for reader in ("guest", "host"):
        message = message_for(seat, reader, reason=free, hosts=name)
        names = [header for header, _ in message.items()]
        assert names == [header for header, _ in plain.items()]
        assert len(message["To"].addresses) == 1
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", message["Subject"])
        text = text_in(message)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
        assert tags(html_in(message)) <= tags(html_in(plain)) | {"br"}

    seat.guest_name, seat.notes, calendar.name, calendar.location = before


def message_for(seat: Appointment, reader: str, **fields: str) -> EmailMessage:
    mail = mail_to(reader, "booked")
    mail.appointment = seat
    for name, value in fields.items():
        setattr(mail, name, value)
    return sent(mail)


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))
