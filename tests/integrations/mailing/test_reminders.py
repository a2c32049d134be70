"""Reminders as their readers get them, or do not get them any more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outbox

from calendars.models import Appointment, Calendar, Mail, OutboxItem
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from calendars.services.moving import move
from integrations.tasks import remind
from tests.calendars.scenes import MONDAY_NINE, NOW, another_seat, wish
from tests.conftest import Tenant
from tests.integrations.mailing.reading import files_in, html_in, links_in, mail_to, sent, text_in
from tests.jobs import work_off

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
FRIDAY_NINE = MONDAY_NINE + 4 * A_DAY


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    """Friday at nine, booked on Sunday; the mails about that have gone out."""
    booked = book(wish(calendar, FRIDAY_NINE, notes="Second floor"), now=NOW)
    work_off()
    outbox.outbox.clear()
    return booked


@pytest.fixture
def reminded(appointment: Appointment) -> Appointment:
    """It is a day before, and the reminders wait in the outbox."""
    with time_machine.travel(FRIDAY_NINE - A_DAY, tick=False):
        remind()
    return appointment


def test_guest_and_host_are_reminded_in_words_of_their_own(reminded: Appointment) -> None:
    with time_machine.travel(FRIDAY_NINE - A_DAY, tick=False):
        guest, host = (sent(mail_to(reader, "reminder")) for reader in ("guest", "host"))

    assert guest["Subject"] == "Reminder: Consultation, Fri 6 Mar 2026, 09:00 CET, with Owner"
    assert "Your appointment is coming up" in text_in(guest)
    assert links_in(html_in(guest)) == [
        f"http://testserver/appointments/{reminded.token}/{what}"
        for what in ("", "reschedule/", "cancel/")
    ]
    assert host["Subject"] == "Reminder: Consultation, Fri 6 Mar 2026, 09:00 CET, with Gina Guest"
    assert "Your appointment with Gina Guest is coming up" in text_in(host)


def test_a_host_reads_how_many_others_come(reminded: Appointment) -> None:
    for number in (2, 3):
        another_seat(reminded, number)

    message = sent(mail_to("host", "reminder"))

    assert "Your appointment with Gina Guest and 2 others is coming up" in text_in(message)


def test_a_reminder_touches_no_calendar(reminded: Appointment) -> None:
    """Nothing changed, and whoever threw the event away does not get it back."""
    assert [files_in(sent(mail_to(reader, "reminder"))) for reader in ("guest", "host")] == [[], []]


def test_reminders_go_out_by_themselves(reminded: Appointment) -> None:
    with time_machine.travel(FRIDAY_NINE - A_DAY, tick=False):
        work_off()

    assert sorted(message.to[0] for message in outbox.outbox) == [
        "gina@example.com",
        "owner@riverside.test",
    ]


@pytest.mark.parametrize("what", ["cancelled", "moved", "begun"])
def test_a_reminder_of_what_is_over_or_elsewhere_is_not_sent(
    tenant: Tenant, reminded: Appointment, what: str
) -> None:
    at = FRIDAY_NINE if what == "begun" else FRIDAY_NINE - A_DAY
    happens: dict[str, Callable[[], object]] = {
        "cancelled": lambda: cancel(reminded, by=tenant.admin),
        "moved": lambda: move(reminded, FRIDAY_NINE + AN_HOUR, by=tenant.admin, now=at),
        "begun": lambda: None,
    }

    with time_machine.travel(at, tick=False):
        happens[what]()
        work_off()

    assert [message.subject for message in outbox.outbox if "Reminder" in message.subject] == []
    assert len(outbox.outbox) == (0 if what == "begun" else 2)
    assert not Mail.objects.filter(kind="reminder").exists()
    assert not OutboxItem.objects.due(at + AN_HOUR).filter(effect="mail").exists()
