from datetime import datetime, timedelta

import pytest
from django.utils import translation

from calendars.engine.slots import Reason
from calendars.models import Calendar, HistoryEntry, Mail
from calendars.services.assigning import Assigned
from calendars.services.availability import NotBookable
from calendars.services.booking import book, book_for_guest
from calendars.services.finding import find_anyway, find_slot, find_slot_for_staff
from calendars.services.refusals import NotFree, NotOffered, SlotTaken
from calendars.services.seats import Moving
from tests.architecture.rows import everything
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    block,
    make_calendar,
    make_source,
    wish,
)
from tests.conftest import Tenant

EVENING = MONDAY_NINE + timedelta(hours=10)


def test_an_offered_time_is_found_with_its_host_and_why(tenant: Tenant, calendar: Calendar) -> None:
    found = find_slot(calendar, MONDAY_NINE, now=NOW)

    assert found.hosts == (Assigned(tenant.owner.pk, "the only free host"),)
    assert (found.is_anyway, found.note) == (False, "")


def test_what_is_offered_is_not_found_anyway_but_plainly(calendar: Calendar) -> None:
    assert find_anyway(calendar, MONDAY_NINE, now=NOW) == find_slot(calendar, MONDAY_NINE, now=NOW)


def test_a_guest_hears_taken_where_somebody_may_have_seen_it_free(
    tenant: Tenant, calendar: Calendar
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    with pytest.raises(SlotTaken):
        find_slot(calendar, MONDAY_NINE, now=NOW)
    with pytest.raises(NotOffered):
        find_slot(calendar, EVENING, now=NOW)


def test_staff_are_told_the_reason_of_every_host(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    book(wish(calendar, host=tenant.owner.pk), now=NOW)
    make_source(tenant.mate, tenant.sub_account, last_read_at=NOW - timedelta(days=2))

    with pytest.raises(NotFree) as refusal:
        find_slot_for_staff(calendar, MONDAY_NINE, now=NOW)

    verdict = refusal.value.verdict
    assert verdict.refused == {tenant.owner.pk: Reason.BOOKED, tenant.mate.pk: Reason.STALE}
    assert (verdict.free, verdict.reason) == ((), Reason.ROUNDROBIN)


def test_one_host_is_asked_alone(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE)

    with pytest.raises(NotFree) as refusal:
        find_slot_for_staff(calendar, MONDAY_NINE, now=NOW, host=tenant.mate.pk)

    assert refusal.value.verdict.refused == {tenant.mate.pk: Reason.BLOCKED}


def test_anyway_says_what_was_in_the_way_of_whom_it_chose(
    tenant: Tenant, calendar: Calendar
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    found = find_anyway(calendar, MONDAY_NINE, now=NOW)

    assert (found.users, found.is_anyway) == ([tenant.owner.pk], True)
    assert found.note == "Booked anyway: the time was blocked by hand."


def test_what_the_history_says_of_it_is_english_whoever_books(
    tenant: Tenant, calendar: Calendar
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    with translation.override("de"):
        found = find_anyway(calendar, MONDAY_NINE, now=NOW)

    assert found.note == "Booked anyway: the time was blocked by hand."


def test_anyway_on_a_calendar_that_is_not_active_prefers_who_is_free(
    tenant: Tenant, calendar: Calendar
) -> None:
    add_host(calendar, tenant.mate)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    calendar.is_active = False

    found = find_anyway(calendar, MONDAY_NINE, now=NOW)

    assert (found.users, found.note) == (
        [tenant.mate.pk],
        "Booked anyway: the calendar is not active.",
    )


def test_anyway_needs_somebody_to_serve_it(tenant: Tenant, calendar: Calendar) -> None:
    empty = make_calendar(tenant.sub_account, slug="empty")

    with pytest.raises(NotBookable):
        find_anyway(empty, MONDAY_NINE, now=NOW)
    with pytest.raises(NotBookable):
        find_anyway(calendar, EVENING, now=NOW, host=tenant.mate.pk)


def test_anyway_a_moved_meeting_stays_with_its_host(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    meeting = book(wish(calendar, host=tenant.mate.pk), now=NOW).meeting

    found = find_anyway(calendar, EVENING, now=NOW, moving=Moving(meeting))

    assert found.hosts == (Assigned(tenant.mate.pk, "picked by the guest"),)


def test_staff_book_an_offered_time_for_a_guest(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)

    appointment = book_for_guest(calendar, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW)

    entry = appointment.history.get()
    assert appointment.status == "confirmed"  # who books it confirms it
    assert (entry.kind, entry.source, entry.by, entry.note) == ("booked", "staff", tenant.owner, "")
    assert [(mail.kind, mail.to) for mail in Mail.objects.all()] == [("booked", None)]
    assert appointment.booking_key is None


def test_a_guest_without_an_address_is_not_written_to(tenant: Tenant, calendar: Calendar) -> None:
    by_phone = type(WALK_IN)("Phil Phone", "", "030 1", "", "Europe/Berlin")

    appointment = book_for_guest(calendar, MONDAY_NINE, by_phone, by=tenant.admin, now=NOW)

    assert [mail.to for mail in appointment.mails.all()] == [tenant.owner]
    assert (appointment.contact.name, appointment.contact.phone) == ("Phil Phone", "030 1")


def test_staff_are_refused_first_and_nothing_is_written(tenant: Tenant, calendar: Calendar) -> None:
    before = everything()

    with pytest.raises(NotFree) as refusal:
        book_for_guest(calendar, EVENING, WALK_IN, by=tenant.owner, now=NOW)

    assert refusal.value.verdict.refused == {tenant.owner.pk: Reason.HOURS}
    assert everything() == before


def test_staff_who_book_anyway_are_recorded_with_what_was_in_the_way(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = book_for_guest(
        calendar, EVENING, WALK_IN, by=tenant.owner, now=NOW, anyway=True, host=tenant.owner.pk
    )

    entry = appointment.history.get()
    part = appointment.meeting.hosts.get()
    assert entry.kind == HistoryEntry.Kind.BOOKED
    assert entry.note == (
        "Booked anyway: it is outside of opening hours, or does not begin on the calendar's grid."
    )
    assert (part.chosen_because, part.is_overlapping) == ("picked by staff", False)
    assert part.taken.get().ends_at == EVENING + HALF_HOUR


def test_what_lies_in_a_time_that_is_too_soon_is_said_as_well(
    tenant: Tenant, calendar: Calendar
) -> None:
    book(wish(calendar), now=NOW)
    just_before = MONDAY_NINE - timedelta(minutes=1)

    appointment = book_for_guest(
        calendar, MONDAY_NINE, WALK_IN, by=tenant.owner, now=just_before, anyway=True
    )

    assert appointment.history.get().note == (
        "Booked anyway: it is sooner than the calendar's minimum notice. "
        "Another appointment lies there."
    )
    assert appointment.meeting.hosts.get().is_overlapping


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (MONDAY_NINE + timedelta(days=1), Reason.PAST),
        (MONDAY_NINE - timedelta(minutes=1), Reason.NOTICE),
        (MONDAY_NINE - timedelta(weeks=10), Reason.TOOFAR),
    ],
)
def test_a_time_beyond_what_can_be_booked_is_refused_for_that_and_not_for_its_hours(
    tenant: Tenant, calendar: Calendar, now: datetime, reason: Reason
) -> None:
    with pytest.raises(NotFree) as refusal:
        find_slot_for_staff(calendar, MONDAY_NINE, now=now)

    assert refusal.value.verdict.refused == {tenant.owner.pk: reason}
