from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from calendars.models import Appointment, Calendar, Contact, Mail, OutboxItem
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel, restore
from calendars.services.confirming import confirm
from calendars.services.contacts import AddressTaken
from calendars.services.correcting import correct, guest_of
from calendars.services.moving import move
from tests.architecture.rows import everything
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, WALK_IN, make_calendar, wish
from tests.conftest import Tenant

Kind = Mail.Kind
LATER = MONDAY_NINE + 2 * HALF_HOUR


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar, email="gina@exmaple.com", phone="030 1"), now=NOW)


def put_right(
    appointment: Appointment, by: User, *, with_contact: bool = False, **parts: Any
) -> set[str]:
    wanted = replace(guest_of(appointment), **parts)
    changed = correct(appointment, wanted, by=by, now=NOW, with_contact=with_contact)
    appointment.refresh_from_db()
    return changed


def to_the_guest() -> list[str]:
    return [mail.kind for mail in Mail.objects.filter(to=None).order_by("pk")]


def mark_sent() -> None:
    Mail.objects.update(sent_at=timezone.now(), address="gina@exmaple.com")


def revisions(effect: OutboxItem.Effect) -> list[int]:
    rows = OutboxItem.objects.filter(effect=effect).order_by("pk")
    return list(rows.values_list("revision", flat=True))


def test_the_history_keeps_what_was_there_before_and_the_events_follow(
    tenant: Tenant, appointment: Appointment
) -> None:
    changed = put_right(appointment, tenant.owner, name="Gina Grown", phone="", notes="Ring twice")

    entry = appointment.history.last()
    assert changed == {"name", "phone", "notes"}
    assert entry is not None
    assert (entry.kind, entry.source, entry.by) == ("edited", "staff", tenant.owner)
    assert entry.note == "Name before: Gina Guest\nPhone before: 030 1\nNotes before: none"
    assert guest_of(appointment) == replace(
        wish(appointment.meeting.calendar, email="gina@exmaple.com").guest,
        name="Gina Grown",
        notes="Ring twice",
    )
    assert appointment.sequence == 1
    assert revisions(OutboxItem.Effect.WRITE) == [2]
    assert to_the_guest() == [Kind.BOOKED]


def test_the_history_keeps_notes_of_any_length_whole(tenant: Tenant, calendar: Calendar) -> None:
    notes = "Ring twice. " * 166 + "Knock.\nx"
    booked = book(wish(calendar, notes=notes, name="N" * 150), now=NOW)

    put_right(booked, tenant.owner, name="Gina", notes="")

    entry = booked.history.last()
    assert len(notes) == 2000
    assert entry is not None
    assert entry.note == f"Name before: {'N' * 150}\nNotes before: {notes}"


def test_what_is_as_it_was_changes_nothing(tenant: Tenant, appointment: Appointment) -> None:
    before = everything()

    assert put_right(appointment, tenant.owner, with_contact=True) == set()
    assert everything() == before


def test_how_a_guest_is_written_to_is_no_business_of_the_event(
    tenant: Tenant, appointment: Appointment
) -> None:
    changed = put_right(appointment, tenant.owner, language="de", time_zone="Asia/Tokyo")

    assert changed == {"language", "time_zone"}
    assert (appointment.guest_language, appointment.guest_time_zone) == ("de", "Asia/Tokyo")
    assert revisions(OutboxItem.Effect.WRITE) == [1]
    assert to_the_guest() == [Kind.BOOKED]


def test_another_address_gets_the_confirmation_and_a_link_of_its_own(
    tenant: Tenant, appointment: Appointment
) -> None:
    mark_sent()
    link, uid = appointment.token, appointment.uid

    put_right(appointment, tenant.owner, email="gina@example.com")

    latest = Mail.objects.filter(to=None).order_by("pk").last()
    assert latest is not None
    assert (latest.kind, latest.sent_at, latest.sequence) == (Kind.BOOKED, None, 1)
    assert len(to_the_guest()) == 2
    assert Mail.objects.exclude(to=None).count() == 1  # its host knows already
    assert appointment.token != link
    assert appointment.uid == uid
    assert revisions(OutboxItem.Effect.MAIL) == [1, 1, 1]


def test_what_waits_for_confirmation_is_told_as_such(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)
    calendar.refresh_from_db()
    waiting = book(wish(calendar), now=NOW)
    mark_sent()

    put_right(waiting, tenant.owner, email="gina@other.example")

    assert to_the_guest() == [Kind.REQUESTED, Kind.REQUESTED]


def test_what_did_not_reach_the_old_address_goes_to_the_new_one(
    tenant: Tenant, appointment: Appointment
) -> None:
    Mail.objects.filter(to=None).update(problem="The mail server does not accept this address.")
    OutboxItem.objects.update(parked_at=NOW, problem="refused")

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert to_the_guest() == [Kind.BOOKED]
    mail = Mail.objects.get(to=None)
    item = OutboxItem.objects.get(effect=OutboxItem.Effect.MAIL, subject=mail.pk)
    assert (mail.problem, item.parked_at, item.problem, item.revision) == ("", None, "", 2)


def test_of_what_was_cancelled_meanwhile_only_that_is_told(
    tenant: Tenant, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.owner)
    assert to_the_guest() == [Kind.BOOKED, Kind.CANCELLED]

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert to_the_guest() == [Kind.CANCELLED]
    assert Mail.objects.exclude(to=None).count() == 1


def test_of_what_was_restored_meanwhile_nobody_reads_that_it_is_cancelled(
    tenant: Tenant, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.owner)
    restore(appointment, by=tenant.owner, now=NOW)

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert to_the_guest() == [Kind.BOOKED, Kind.BOOKED]


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_of_what_is_over_meanwhile_nothing_is_told(
    tenant: Tenant, appointment: Appointment, *, is_cancelled: bool
) -> None:
    if is_cancelled:
        cancel(appointment, by=tenant.owner)

    wanted = replace(guest_of(appointment), email="gina@example.com")
    over = MONDAY_NINE + HALF_HOUR
    correct(appointment, wanted, by=tenant.owner, now=over, with_contact=False)

    assert to_the_guest() == []


def test_of_what_was_moved_meanwhile_only_the_new_time_is_told(
    tenant: Tenant, appointment: Appointment
) -> None:
    move(appointment, LATER, by=tenant.owner, now=NOW)

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert [(mail.kind, mail.starts_at) for mail in Mail.objects.filter(to=None)] == [
        (Kind.MOVED, LATER)
    ]


def test_a_confirmation_of_an_old_time_does_not_stand_for_one_of_the_new_time(
    tenant: Tenant, appointment: Appointment
) -> None:
    move(appointment, LATER, by=tenant.owner, now=NOW)
    Mail.objects.filter(kind=Kind.MOVED).update(sent_at=NOW, address="gina@exmaple.com")

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert [(mail.kind, mail.starts_at) for mail in Mail.objects.filter(to=None)] == [
        (Kind.MOVED, LATER),
        (Kind.BOOKED, LATER),
    ]


def test_of_what_was_confirmed_meanwhile_nobody_reads_that_it_waits(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(needs_confirmation=True)
    calendar.refresh_from_db()
    waiting = book(wish(calendar), now=NOW)
    confirm(waiting, by=tenant.owner)

    put_right(waiting, tenant.owner, email="gina@other.example")

    assert to_the_guest() == [Kind.CONFIRMED]


def test_a_reminder_that_waits_does_not_stand_for_the_confirmation(
    tenant: Tenant, appointment: Appointment
) -> None:
    mark_sent()
    Mail.objects.create(
        appointment=appointment,
        kind=Kind.REMINDER,
        starts_at=MONDAY_NINE,
        ends_at=MONDAY_NINE + HALF_HOUR,
    )

    put_right(appointment, tenant.owner, email="gina@example.com")

    assert to_the_guest() == [Kind.BOOKED, Kind.REMINDER, Kind.BOOKED]


def test_without_an_address_nothing_is_left_to_send(
    tenant: Tenant, appointment: Appointment
) -> None:
    put_right(appointment, tenant.owner, email="")

    assert to_the_guest() == []
    assert Mail.objects.exclude(to=None).count() == 1


@pytest.mark.parametrize("is_over", [True, False])
def test_what_is_over_or_cancelled_is_put_right_and_nobody_is_written_to(
    tenant: Tenant, appointment: Appointment, *, is_over: bool
) -> None:
    mark_sent()
    if not is_over:
        cancel(appointment, by=tenant.owner)
        mark_sent()
    before = to_the_guest()

    wanted = replace(guest_of(appointment), email="gina@example.com")
    now = NOW + timedelta(days=7) if is_over else NOW
    correct(appointment, wanted, by=tenant.owner, now=now, with_contact=False)

    appointment.refresh_from_db()
    assert appointment.guest_email == "gina@example.com"
    assert to_the_guest() == before


def test_the_contact_gets_what_was_changed_and_only_that(
    tenant: Tenant, appointment: Appointment
) -> None:
    Contact.objects.update(name="Gina Guest-Known", phone="030 9")

    put_right(appointment, tenant.owner, email="gina@example.com", notes="Twice", with_contact=True)

    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == (
        "Gina Guest-Known",
        "gina@example.com",
        "030 9",
    )


def test_the_contact_stays_as_it_is_unless_it_is_meant(
    tenant: Tenant, appointment: Appointment
) -> None:
    put_right(appointment, tenant.owner, email="gina@example.com")

    assert Contact.objects.get().email == "gina@exmaple.com"


def test_an_address_that_another_contact_has_leaves_everything_as_it_is(
    tenant: Tenant, appointment: Appointment
) -> None:
    Contact.objects.create(sub_account=tenant.sub_account, name="Hugo", email="hugo@example.com")
    before = everything()

    with pytest.raises(AddressTaken):
        put_right(appointment, tenant.owner, email="HUGO@example.com", with_contact=True)

    assert everything() == before


def test_somebody_without_an_address_gets_one(tenant: Tenant, calendar: Calendar) -> None:
    walk_in = book_for_guest(
        calendar, MONDAY_NINE, replace(WALK_IN, email=""), by=tenant.owner, now=NOW
    )

    put_right(walk_in, tenant.owner, email="walter@example.com", with_contact=True)

    assert to_the_guest() == [Kind.BOOKED]
    assert Contact.objects.get().email == "walter@example.com"


def test_a_calendar_without_hosts_has_guests_to_put_right_too(tenant: Tenant) -> None:
    simple = make_calendar(tenant.sub_account, kind=Calendar.Kind.SIMPLE, slug="room")
    booked = book_for_guest(simple, MONDAY_NINE, WALK_IN, by=tenant.admin, now=NOW, anyway=True)

    put_right(booked, tenant.admin, name="Walter Again")

    assert booked.guest_name == "Walter Again"
    assert revisions(OutboxItem.Effect.WRITE) == []
