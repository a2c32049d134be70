"""Calendars that nobody serves: their own time is what is taken."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from calendars.engine.slots import Reason
from calendars.models import Calendar, Mail, MeetingHost, OutboxItem, Taken
from calendars.services.availability import load
from calendars.services.booking import book_for_guest
from calendars.services.cancelling import cancel, restore
from calendars.services.listing import Show, listed, rows_of, with_details
from calendars.services.moving import move, reschedule
from calendars.services.offering import slots_on
from calendars.services.overlaps import overlaps_of
from calendars.services.refusals import NotFree, SlotTaken
from tests.calendars.kinds import make_class, make_simple, seat, who_comes
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, WALK_IN, make_calendar
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
TEN = MONDAY_NINE + timedelta(hours=1)


@pytest.fixture
def hall(tenant: Tenant, frozen: None) -> Calendar:
    return make_simple(tenant)


def taken(calendar: Calendar) -> list[object]:
    rows = Taken.objects.filter(resource=f"calendar:{calendar.pk}")
    return list(rows.values_list("starts_at", flat=True))


def test_a_booking_takes_the_calendars_own_time_and_is_written_nowhere(hall: Calendar) -> None:
    appointment = seat(hall, "Ann")

    part = MeetingHost.objects.get(meeting=appointment.meeting)
    assert (part.user, part.is_primary, part.copy) == (None, True, MeetingHost.Copy.NONE)
    assert taken(hall) == [MONDAY_NINE]
    assert not OutboxItem.objects.filter(effect=OutboxItem.Effect.WRITE).exists()
    assert [(mail.to, mail.hosts) for mail in Mail.objects.all()] == [(None, "")]


def test_its_own_hours_are_offered_and_no_time_twice(hall: Calendar) -> None:
    seat(hall, "Ann")

    found = slots_on(hall, MONDAY, BERLIN, now=NOW)

    assert [slot.start for slot in found] == [
        int((MONDAY_NINE + number * HALF_HOUR).timestamp()) for number in range(1, 6)
    ]
    with pytest.raises(SlotTaken):
        seat(hall, "Bob")


def test_without_hours_nothing_is_offered(tenant: Tenant, frozen: None) -> None:
    assert slots_on(make_calendar(tenant.sub_account, kind="simple"), MONDAY, BERLIN, now=NOW) == []


def test_two_simple_calendars_have_nothing_to_do_with_each_other(
    tenant: Tenant, hall: Calendar
) -> None:
    other = make_simple(tenant, slug="court")
    seat(hall, "Ann")

    seat(other, "Bob")

    assert (taken(hall), taken(other)) == ([MONDAY_NINE], [MONDAY_NINE])


def test_several_guests_share_a_slot_where_it_has_seats(tenant: Tenant, frozen: None) -> None:
    hall = make_simple(tenant, seats=2)
    ann, bob = seat(hall, "Ann"), seat(hall, "Bob")

    assert ann.meeting == bob.meeting
    assert who_comes(ann.meeting) == [(1, "Ann"), (2, "Bob")]
    with pytest.raises(SlotTaken) as refusal:
        seat(hall, "Cid")
    assert isinstance(refusal.value.__cause__, NotFree)
    assert refusal.value.__cause__.verdict.reason == Reason.SLOTMAX


def test_it_is_moved_cancelled_and_restored(tenant: Tenant, hall: Calendar) -> None:
    appointment = reschedule(seat(hall, "Ann"), TEN, now=NOW)
    moved = taken(hall)
    cancel(appointment, by=tenant.admin)
    cancelled = taken(hall)
    other = seat(hall, "Bob", TEN)
    with pytest.raises(NotFree) as refusal:
        restore(appointment, by=tenant.admin, now=NOW)
    move(other, MONDAY_NINE, by=tenant.admin, now=NOW)
    restore(appointment, by=tenant.admin, now=NOW)

    assert (moved, cancelled) == ([TEN], [])
    assert list(refusal.value.verdict.refused.values()) == [Reason.BOOKED]
    assert sorted(map(str, taken(hall))) == [str(MONDAY_NINE), str(TEN)]


def test_booked_anyway_it_is_flagged_and_shows_what_it_lies_over(
    tenant: Tenant, hall: Calendar
) -> None:
    seat(hall, "Ann")

    over = book_for_guest(hall, MONDAY_NINE, WALK_IN, by=tenant.admin, now=NOW, anyway=True)

    assert over.history.get().note == "Booked anyway: another appointment lies there."
    assert over.meeting.hosts.get().is_overlapping
    assert [(one.host, one.title) for one in overlaps_of(over.meeting)] == [("", "Ann")]


def test_the_list_names_no_host(tenant: Tenant, hall: Calendar) -> None:
    seat(hall, "Ann")

    found = listed(tenant.sub_account, show=Show.UPCOMING, now=NOW)

    assert [(row.hosts, row.copies) for row in rows_of(with_details(found))] == [("", ())]


@pytest.mark.parametrize(("kind", "queries"), [("simple", 2), ("class", 4)])
def test_times_with_seats_take_no_more_queries_than_others(
    tenant: Tenant,
    frozen: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    kind: str,
    queries: int,
) -> None:
    made = make_simple(tenant, seats=9) if kind == "simple" else make_class(tenant, seats=9)
    for name in ("Ann", "Bob"):
        seat(made, name)
    calendar = Calendar.objects.select_related("sub_account").get(pk=made.pk)
    start = int(MONDAY_NINE.timestamp())

    with django_assert_num_queries(queries):
        offer = load(calendar, asked=(start, start + 1), now=NOW)

    assert [offer.seats_left(slot) for slot in offer.slots()] == [7]
