from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from calendars.models import (
    Appointment,
    Calendar,
    Contact,
    HistoryEntry,
    Mail,
    Meeting,
    MeetingHost,
    OutboxItem,
    Taken,
    resource_of,
)
from calendars.services.booking import book
from calendars.services.booking_keys import KeyRefused, new_key
from calendars.services.refusals import KeyUsed, NotOffered, SlotTaken
from calendars.services.taking import free, is_taken, take
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    block,
    make_calendar,
    make_source,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

QUARTER = timedelta(minutes=15)


def counts() -> list[int]:
    """How many rows a booking has left: all of them, or none."""
    written = (Contact, Meeting, MeetingHost, Appointment, Taken, HistoryEntry)
    writes = OutboxItem.objects.filter(effect=OutboxItem.Effect.WRITE)
    return [*(model.objects.count() for model in written), writes.count()]


def test_a_booking_writes_everything_that_follows_from_it(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(buffer_before=QUARTER, buffer_after=2 * QUARTER)

    appointment = book(wish(calendar, notes="Ring twice", phone="030 1"), now=NOW)

    meeting = appointment.meeting
    part = meeting.hosts.get()
    taken = part.taken.get()
    item = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)
    assert (meeting.starts_at, meeting.ends_at) == (MONDAY_NINE, MONDAY_NINE + HALF_HOUR)
    assert (meeting.buffer_before, meeting.buffer_after) == (QUARTER, 2 * QUARTER)
    assert (meeting.sub_account, meeting.calendar) == (tenant.sub_account, calendar)
    assert (part.user, part.copy) == (tenant.owner, MeetingHost.Copy.WAITING)
    assert part.chosen_because == "the only free host"
    assert taken.resource == resource_of(tenant.owner.pk)
    assert (taken.starts_at, taken.ends_at) == (MONDAY_NINE - QUARTER, MONDAY_NINE + HALF_HOUR * 2)
    assert (item.effect, item.subject) == (OutboxItem.Effect.WRITE, part.pk)
    assert item.sub_account == tenant.sub_account
    assert appointment.status == Appointment.Status.CONFIRMED
    assert (appointment.notes, appointment.guest_time_zone) == ("Ring twice", "Europe/Berlin")
    assert appointment.contact.name == "Gina Guest"
    assert counts() == [1] * 7
    entry = appointment.history.get()
    assert (entry.kind, entry.source, entry.by) == ("booked", "guest", None)
    mails = Mail.objects.order_by("pk")
    assert [(mail.kind, mail.to, mail.starts_at) for mail in mails] == [
        ("booked", None, MONDAY_NINE),
        ("booked", tenant.owner, MONDAY_NINE),
    ]
    sent = OutboxItem.objects.filter(effect=OutboxItem.Effect.MAIL).order_by("pk")
    assert [item.subject for item in sent] == [mail.pk for mail in mails]


@pytest.mark.parametrize(
    "starts_at",
    [
        MONDAY_NINE + QUARTER,
        MONDAY_NINE + timedelta(seconds=1),
        MONDAY_NINE - HALF_HOUR,
        MONDAY_NINE - timedelta(days=7),
        MONDAY_NINE + timedelta(days=70),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ],
    ids=["unaligned", "odd second", "out of hours", "past", "too far", "first", "last"],
)
def test_a_time_that_is_not_offered_cannot_be_booked(
    calendar: Calendar, starts_at: datetime
) -> None:
    with pytest.raises(NotOffered):
        book(wish(calendar, starts_at), now=NOW)

    assert counts() == [0] * 7


def test_a_time_that_somebody_else_has_is_said_to_be_taken(calendar: Calendar) -> None:
    book(wish(calendar), now=NOW)

    with pytest.raises(SlotTaken):
        book(wish(calendar, email="other@example.com"), now=NOW)

    assert counts() == [1] * 7


def test_a_time_that_a_remote_event_has_filled_is_said_to_be_taken(
    tenant: Tenant, calendar: Calendar
) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")

    with pytest.raises(SlotTaken):
        book(wish(calendar), now=NOW)


def test_a_calendar_switched_off_in_the_meantime_cannot_be_booked(calendar: Calendar) -> None:
    request = wish(calendar)
    Calendar.objects.update(is_active=False)

    with pytest.raises(NotOffered):
        book(request, now=NOW)


def test_the_rules_that_count_are_those_in_the_database_not_those_on_the_page(
    calendar: Calendar,
) -> None:
    request = wish(calendar)
    Calendar.objects.update(duration=timedelta(hours=1))

    appointment = book(request, now=NOW)

    assert appointment.meeting.ends_at == MONDAY_NINE + timedelta(hours=1)


def test_the_same_form_sent_twice_gives_the_same_appointment(calendar: Calendar) -> None:
    request = wish(calendar)

    first = book(request, now=NOW)
    second = book(request, now=NOW + timedelta(minutes=1))

    assert second == first
    assert counts() == [1] * 7


def test_the_same_form_sent_again_in_another_language_is_the_same(calendar: Calendar) -> None:
    request = wish(calendar)

    first = book(request, now=NOW)

    assert book(replace(request, language="de"), now=NOW) == first


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": MONDAY_NINE + HALF_HOUR},
        {"name": "Gina G."},
        {"email": "g@example.com"},
        {"phone": "1"},
        {"notes": "!"},
        {"time_zone": "UTC"},
        {"host": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_that_made_an_appointment_makes_no_other(
    calendar: Calendar, change: dict[str, object]
) -> None:
    request = wish(calendar)
    book(request, now=NOW)

    with pytest.raises(KeyUsed):
        book(replace(request, **change), now=NOW)  # type: ignore[arg-type]

    assert counts() == [1] * 7


def test_a_refusal_does_not_use_the_key_up(calendar: Calendar) -> None:
    request = wish(calendar, MONDAY_NINE + QUARTER)
    with pytest.raises(NotOffered):
        book(request, now=NOW)

    appointment = book(replace(request, starts_at=MONDAY_NINE), now=NOW)

    assert appointment.meeting.starts_at == MONDAY_NINE


def test_a_key_of_another_calendar_is_refused(tenant: Tenant, calendar: Calendar) -> None:
    other = make_calendar(tenant.sub_account, [tenant.owner], slug="other")

    with pytest.raises(KeyRefused):
        book(wish(calendar, key=new_key(other)), now=NOW)


@pytest.mark.parametrize("key", ["", "forged", "WzEsImEiXQ:1:x", "\0"])
def test_a_forged_key_is_refused(calendar: Calendar, key: str) -> None:
    with pytest.raises(KeyRefused):
        book(wish(calendar, key=key), now=NOW)


def test_a_guest_may_pick_a_host_by_name(tenant: Tenant, calendar: Calendar) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)

    appointment = book(wish(calendar, host=tenant.mate.pk), now=NOW)

    part = appointment.meeting.hosts.get()
    assert (part.user, part.chosen_because) == (tenant.mate, "picked by the guest")


def test_a_host_of_another_calendar_cannot_be_picked(tenant: Tenant, calendar: Calendar) -> None:
    open_mornings(tenant.mate, tenant.sub_account)

    with pytest.raises(NotOffered):
        book(wish(calendar, host=tenant.mate.pk), now=NOW)


def test_when_one_host_is_taken_the_next_one_serves(tenant: Tenant, calendar: Calendar) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)

    parts = [book(wish(calendar), now=NOW).meeting.hosts.get() for _ in range(2)]

    assert [(part.user, part.chosen_because) for part in parts] == [
        (tenant.owner, "first in the host order"),
        (tenant.mate, "the only free host"),
    ]


def test_given_back_time_can_be_taken_again(tenant: Tenant, calendar: Calendar) -> None:
    part = book(wish(calendar), now=NOW).meeting.hosts.get()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        take(part)
    free(part)
    take(part)

    assert is_taken(refusal.value)
    assert Taken.objects.get().meeting_host == part


@pytest.mark.parametrize("hosts", [1, 3])
def test_a_booking_takes_as_many_queries_however_many_hosts(
    tenant: Tenant,
    frozen: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    hosts: int,
) -> None:
    people = [tenant.owner, tenant.mate, tenant.admin][:hosts]
    for user in people:
        open_mornings(user, tenant.sub_account)
    calendar = make_calendar(tenant.sub_account, people)
    request = wish(calendar)

    with django_assert_num_queries(27):
        book(request, now=NOW)
