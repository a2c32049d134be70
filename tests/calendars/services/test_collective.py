"""Several hosts who meet one guest together."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from calendars.engine.slots import Reason
from calendars.models import Calendar, HistoryEntry, Mail, MeetingHost, OutboxItem, Schedule
from calendars.services.availability import NotBookable, load
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel, restore
from calendars.services.moving import move, reschedule
from calendars.services.offering import slots_on
from calendars.services.refusals import NotFree, SlotTaken
from tests.calendars.asking import change, clock
from tests.calendars.kinds import make_collective, seat, served_by
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    block,
    flagged,
    make_calendar,
    taken_of,
    wish,
)
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
TEN = MONDAY_NINE + timedelta(hours=1)
SPAN = (MONDAY_NINE, MONDAY_NINE + HALF_HOUR)
ALL = "all hosts serve it"
FROM_NINE = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


@pytest.fixture
def panel(tenant: Tenant, frozen: None) -> Calendar:
    return make_collective(tenant)


def times(calendar: Calendar) -> int:
    return len(slots_on(calendar, MONDAY, BERLIN, now=NOW))


def test_all_hosts_serve_it_and_the_first_is_the_primary_one(
    tenant: Tenant, panel: Calendar
) -> None:
    appointment = seat(panel, "Ann")

    assert served_by(appointment.meeting) == [("Owner", True, ALL), ("Mate", False, ALL)]
    assert (taken_of(tenant.owner), taken_of(tenant.mate)) == ([SPAN], [SPAN])
    writes = OutboxItem.objects.filter(effect=OutboxItem.Effect.WRITE).values_list("subject")
    assert {part for (part,) in writes} == set(MeetingHost.objects.values_list("pk", flat=True))
    assert {mail.to for mail in Mail.objects.all()} == {None, tenant.owner, tenant.mate}


def test_who_is_marked_as_primary_owns_it(tenant: Tenant, panel: Calendar) -> None:
    panel.calendarhost_set.filter(user=tenant.mate).update(is_primary=True)

    appointment = seat(panel, "Ann")

    assert served_by(appointment.meeting) == [("Mate", True, ALL), ("Owner", False, ALL)]


def test_it_is_offered_only_where_all_are_free(tenant: Tenant, panel: Calendar) -> None:
    block(tenant.mate, tenant.sub_account, MONDAY_NINE, minutes=60)
    block(tenant.owner, tenant.sub_account, TEN, minutes=30)

    found = slots_on(panel, MONDAY, BERLIN, now=NOW)

    assert [slot.start for slot in found] == [
        int((TEN + number * HALF_HOUR).timestamp()) for number in (1, 2, 3)
    ]


def test_one_host_who_is_not_free_is_named(tenant: Tenant, panel: Calendar) -> None:
    talk = make_calendar(tenant.sub_account, [tenant.mate])
    book(wish(talk), now=NOW)

    with pytest.raises(SlotTaken) as refusal:
        seat(panel, "Ann")

    cause = refusal.value.__cause__
    assert isinstance(cause, NotFree)
    assert cause.verdict.reason == Reason.COLLECTIVE
    assert cause.verdict.refused == {tenant.mate.pk: Reason.BOOKED}


def test_hours_that_do_not_meet_offer_nothing(tenant: Tenant, panel: Calendar) -> None:
    tenant.mate.schedule_set.get().weekly.update(opens=13 * 60, closes=18 * 60)

    assert times(panel) == 0


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "offered"),
    [
        # The owner is open from nine to twelve in Berlin.
        ("Europe/Berlin", "09:00", "12:00", FROM_NINE),
        ("America/New_York", "03:00", "06:00", FROM_NINE),
        ("America/New_York", "04:00", "07:00", FROM_NINE[2:]),
        ("Europe/London", "07:00", "10:15", FROM_NINE[:4]),
        ("Asia/Kolkata", "13:30", "15:00", FROM_NINE[:3]),
        # The grid starts where the last of them opens.
        ("Europe/Berlin", "09:10", "12:00", ["09:10", "09:40", "10:10", "10:40", "11:10"]),
        ("Europe/Berlin", "12:00", "18:00", []),
        ("Europe/Berlin", "11:40", "18:00", []),
    ],
)
def test_each_host_is_asked_by_their_own_hours_and_zone(
    tenant: Tenant, panel: Calendar, zone: str, opens: str, closes: str, offered: list[str]
) -> None:
    schedule = tenant.mate.schedule_set.get()
    schedule.weekly.update(opens=minutes_of(opens), closes=minutes_of(closes))
    Schedule.objects.filter(pk=schedule.pk).update(time_zone=zone)

    assert clock(panel) == offered


@pytest.mark.parametrize(
    ("owner_busy", "mate_busy", "offered"),
    [
        # Minutes after nine. A quarter of an hour is kept free before and after each meeting.
        ((0, 30), (0, 30), FROM_NINE[2:]),
        ((0, 15), (165, 180), FROM_NINE[1:5]),
        ((0, 30), (120, 150), ["10:00"]),
        ((-30, 0), (180, 210), FROM_NINE[1:5]),
        ((-30, -15), (195, 210), FROM_NINE),
    ],
)
def test_buffers_keep_clear_of_what_any_of_them_has(
    tenant: Tenant,
    panel: Calendar,
    owner_busy: tuple[int, int],
    mate_busy: tuple[int, int],
    offered: list[str],
) -> None:
    quarter = timedelta(minutes=15)
    buffered = change(panel, buffer_before=quarter, buffer_after=quarter)
    for user, (first, last) in ((tenant.owner, owner_busy), (tenant.mate, mate_busy)):
        start = MONDAY_NINE + timedelta(minutes=first)
        block(user, tenant.sub_account, start, minutes=last - first)

    assert clock(buffered) == offered


def minutes_of(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def test_one_host_alone_is_no_collective(tenant: Tenant, panel: Calendar) -> None:
    panel.calendarhost_set.filter(user=tenant.mate).delete()

    assert times(panel) == 0
    with pytest.raises(NotBookable):
        book_for_guest(panel, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW, anyway=True)


def test_it_has_one_seat_whatever_the_calendar_says(panel: Calendar) -> None:
    Calendar.objects.update(seats=10)
    panel.refresh_from_db()
    seat(panel, "Ann")

    with pytest.raises(SlotTaken):
        seat(panel, "Bob")


def test_a_host_whom_somebody_asks_for_does_not_come_alone(tenant: Tenant, panel: Calendar) -> None:
    appointment = seat(panel, "Ann", host=tenant.mate.pk)

    assert served_by(appointment.meeting) == [("Owner", True, ALL), ("Mate", False, ALL)]


def test_it_moves_for_all_and_is_cancelled_and_restored_for_all(
    tenant: Tenant, panel: Calendar
) -> None:
    appointment = reschedule(seat(panel, "Ann"), TEN, now=NOW)
    moved = (taken_of(tenant.owner), taken_of(tenant.mate))
    cancel(appointment, by=tenant.owner)
    cancelled = (taken_of(tenant.owner), taken_of(tenant.mate))
    restore(appointment, by=tenant.owner, now=NOW)

    span = (TEN, TEN + HALF_HOUR)
    assert moved == ([span], [span])
    assert cancelled == ([], [])
    assert (taken_of(tenant.owner), taken_of(tenant.mate)) == ([span], [span])


def test_it_is_not_restored_while_one_host_has_something_else(
    tenant: Tenant, panel: Calendar
) -> None:
    appointment = seat(panel, "Ann")
    cancel(appointment, by=tenant.owner)
    talk = make_calendar(tenant.sub_account, [tenant.mate])
    book(wish(talk), now=NOW)

    with pytest.raises(NotFree) as refusal:
        restore(appointment, by=tenant.owner, now=NOW)

    assert refusal.value.verdict.refused == {tenant.mate.pk: Reason.BOOKED}


def test_rescheduled_it_is_served_by_all_hosts_of_today(tenant: Tenant, panel: Calendar) -> None:
    appointment = seat(panel, "Ann")
    add_host(panel, tenant.admin)
    panel.calendarhost_set.filter(user=tenant.owner).delete()
    Mail.objects.all().delete()

    moved = move(appointment, TEN, by=tenant.admin, now=NOW)

    assert served_by(moved.meeting) == [("Mate", True, ALL), ("Admin", False, ALL)]
    assert taken_of(tenant.owner) == []
    handed_over = moved.meeting.hosts.get(user=tenant.owner)
    assert (handed_over.is_serving, handed_over.is_primary) == (False, False)
    told = {(mail.kind, mail.to) for mail in Mail.objects.all()}
    assert told == {("moved", None), ("moved", tenant.mate), ("cancelled", tenant.owner)}
    assert moved.history.filter(kind=HistoryEntry.Kind.HANDED_OVER).count() == 1


def test_at_its_own_time_it_is_given_to_all_hosts_of_today(tenant: Tenant, panel: Calendar) -> None:
    appointment = seat(panel, "Ann")
    add_host(panel, tenant.admin)
    panel.calendarhost_set.filter(user=tenant.owner).delete()

    for _ in range(2):
        moved = move(appointment, appointment.meeting.starts_at, by=tenant.admin, now=NOW)

    assert served_by(moved.meeting) == [("Mate", True, ALL), ("Admin", False, ALL)]
    assert taken_of(tenant.owner) == []
    assert moved.history.filter(kind=HistoryEntry.Kind.HANDED_OVER).count() == 1


def test_booked_anyway_says_what_is_in_whose_way(tenant: Tenant, panel: Calendar) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    talk = make_calendar(tenant.sub_account, [tenant.mate])
    earlier = book(wish(talk), now=NOW)

    over = book_for_guest(panel, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW, anyway=True)

    assert over.history.get().note == (
        "Booked anyway: Owner: the time was blocked by hand. Mate: another appointment lies there."
    )
    assert (taken_of(tenant.owner), taken_of(tenant.mate)) == ([SPAN], [SPAN])
    assert flagged() == {over.meeting_id, earlier.meeting_id}


@pytest.mark.parametrize("hosts", [2, 3])
def test_its_times_take_four_queries_however_many_hosts(
    tenant: Tenant, panel: Calendar, django_assert_num_queries: DjangoAssertNumQueries, hosts: int
) -> None:
    if hosts == 3:
        add_host(panel, tenant.admin)
    panel = Calendar.objects.select_related("sub_account").get(pk=panel.pk)
    start = int(MONDAY_NINE.timestamp())

    with django_assert_num_queries(4):
        offer = load(panel, asked=(start, start + 86400), now=NOW)

    assert [len(slot.hosts) for slot in offer.slots()] == [hosts] * 6
