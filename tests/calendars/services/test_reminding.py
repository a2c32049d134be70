"""Reminders: once of each time an appointment has, and only of what still stands."""

from datetime import datetime, timedelta

import pytest
import time_machine

from calendars.models import Appointment, Calendar, Mail, OutboxItem
from calendars.services.booking import book
from calendars.services.cancelling import cancel, restore
from calendars.services.moving import move
from calendars.services.reminding import due, remind, remind_of
from tests.calendars.scenes import MONDAY_NINE, NOW, another_seat, wish
from tests.conftest import Tenant

A_DAY, AN_HOUR, A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FRIDAY_NINE = MONDAY_NINE + 4 * A_DAY
THURSDAY_NINE = FRIDAY_NINE - A_DAY


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    """Friday at nine, booked on Sunday."""
    with time_machine.travel(NOW, tick=False):
        return book(wish(calendar, FRIDAY_NINE), now=NOW)


def reminded(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return remind(now=at)


def reminders() -> list[tuple[str, datetime]]:
    mails = Mail.objects.filter(kind="reminder").select_related("to").order_by("pk")
    return [(mail.to.full_name if mail.to else "guest", mail.starts_at) for mail in mails]


def test_guest_and_host_are_reminded_when_the_time_has_come_and_once(
    appointment: Appointment,
) -> None:
    early, in_time, again, late = (
        reminded(at)
        for at in (
            THURSDAY_NINE - A_MINUTE,
            THURSDAY_NINE,
            THURSDAY_NINE + A_MINUTE,
            FRIDAY_NINE - A_MINUTE,
        )
    )

    assert (early, in_time, again, late) == (0, 1, 0, 0)
    assert reminders() == [("guest", FRIDAY_NINE), ("Owner", FRIDAY_NINE)]
    mails = OutboxItem.objects.filter(effect="mail", settled_revision=0)
    assert mails.filter(subject__in=Mail.objects.filter(kind="reminder").values("pk")).count() == 2


def test_a_reminder_that_is_late_goes_out_until_the_appointment_begins(
    appointment: Appointment,
) -> None:
    assert reminded(FRIDAY_NINE) == 0
    assert reminded(FRIDAY_NINE - A_MINUTE) == 1


def test_the_calendar_says_how_long_before_and_whether_at_all(appointment: Appointment) -> None:
    Calendar.objects.update(reminds_before=AN_HOUR)
    assert [reminded(THURSDAY_NINE), reminded(FRIDAY_NINE - AN_HOUR)] == [0, 1]

    Mail.objects.filter(kind="reminder").delete()
    Calendar.objects.update(reminds_before=None)
    assert reminded(FRIDAY_NINE - AN_HOUR) == 0


@pytest.mark.parametrize("status", ["new", "cancelled", "invalid", "showed", "noshow"])
def test_only_what_is_confirmed_is_reminded_of(appointment: Appointment, status: str) -> None:
    Appointment.objects.update(status=status)

    assert reminded(THURSDAY_NINE) == 0


def test_nobody_is_reminded_of_what_they_have_just_booked(calendar: Calendar) -> None:
    booked_at = FRIDAY_NINE - 2 * AN_HOUR
    Calendar.objects.update(notice=0)
    calendar.refresh_from_db()
    with time_machine.travel(booked_at, tick=False):
        book(wish(calendar, FRIDAY_NINE), now=booked_at)

    assert reminded(booked_at + A_MINUTE) == 0


def test_what_was_moved_is_reminded_of_anew_unless_it_was_moved_too_late_for_that(
    tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    reminded(THURSDAY_NINE)
    monday = FRIDAY_NINE + 3 * A_DAY
    for at, to in ((THURSDAY_NINE + AN_HOUR, monday), (monday - 2 * AN_HOUR, monday + AN_HOUR)):
        with time_machine.travel(at, tick=False):
            move(appointment, to, by=tenant.admin, now=at, anyway=True)
        reminded(to - A_DAY)
        reminded(to - A_MINUTE)

    assert reminders() == [
        ("guest", FRIDAY_NINE),
        ("Owner", FRIDAY_NINE),
        ("guest", monday),
        ("Owner", monday),
    ]


def test_a_guest_without_address_is_not_written_to_and_the_host_is(
    appointment: Appointment,
) -> None:
    Appointment.objects.update(guest_email="")

    assert [reminded(THURSDAY_NINE), reminded(THURSDAY_NINE)] == [1, 0]
    assert reminders() == [("Owner", FRIDAY_NINE)]


def test_a_host_is_reminded_once_of_a_meeting_of_many(appointment: Appointment) -> None:
    another_seat(appointment, 2)

    assert reminded(THURSDAY_NINE) == 2
    assert reminders() == [("guest", FRIDAY_NINE), ("Owner", FRIDAY_NINE), ("guest", FRIDAY_NINE)]


def test_two_workers_at_once_remind_once(appointment: Appointment) -> None:
    """Both have seen that it is due before either writes."""
    with time_machine.travel(THURSDAY_NINE, tick=False):
        both = [due(THURSDAY_NINE) for _ in range(2)]

        done = [remind_of(each) for found in both for each in found]

    assert done == [True, False]
    assert len(reminders()) == 2


def test_what_is_cancelled_is_reminded_of_again_only_if_it_was_restored_in_time(
    tenant: Tenant, appointment: Appointment
) -> None:
    for day in (NOW + A_DAY, THURSDAY_NINE + AN_HOUR):
        with time_machine.travel(day, tick=False):
            cancel(appointment, by=tenant.admin)
            restore(appointment, by=tenant.admin, now=day, anyway=True)
        if day < THURSDAY_NINE:
            assert reminded(THURSDAY_NINE) == 1
            Mail.objects.filter(kind="reminder").delete()

    assert reminded(THURSDAY_NINE + 2 * AN_HOUR) == 0
