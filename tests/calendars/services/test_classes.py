"""Meetings with several guests: classes, and round robin with several appointments a slot."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from calendars.engine.slots import Reason
from calendars.models import (
    Appointment,
    Calendar,
    HistoryEntry,
    Mail,
    Meeting,
    OutboxItem,
    Taken,
)
from calendars.services.availability import load
from calendars.services.booking import book_for_guest
from calendars.services.cancelling import cancel, restore
from calendars.services.confirming import confirm
from calendars.services.moving import move, move_all, reschedule
from calendars.services.offering import slots_on
from calendars.services.refusals import NotFree, SlotTaken
from calendars.services.taking import is_taken
from tests.calendars.kinds import make_class, make_pair, seat, served_by, who_comes
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    block,
    flagged,
    make_calendar,
    taken_of,
)
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
TEN = MONDAY_NINE + timedelta(hours=1)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def yoga(tenant: Tenant, frozen: None) -> Calendar:
    return make_class(tenant, seats=3)


def offered(calendar: Calendar) -> dict[str, int]:
    """Monday's times by Berlin's clock, and how many seats each has left."""
    start = int(MONDAY_NINE.timestamp())
    offer = load(calendar, asked=(start, start + 3 * 3600), now=NOW)
    times = {slot: MONDAY_NINE + timedelta(seconds=slot.start - start) for slot in offer.slots()}
    return {f"{at.astimezone(BERLIN):%H:%M}": offer.seats_left(slot) for slot, at in times.items()}


def test_the_first_guest_makes_the_meeting_and_the_others_take_seats_in_it(
    tenant: Tenant, yoga: Calendar
) -> None:
    seats = [seat(yoga, name) for name in ("Ann", "Bob", "Cid")]

    meeting = Meeting.objects.get()
    assert {one.meeting for one in seats} == {meeting}
    assert who_comes(meeting) == [(1, "Ann"), (2, "Bob"), (3, "Cid")]
    assert served_by(meeting) == [("Owner", True, "the host of this class")]
    assert taken_of(tenant.owner) == [(MONDAY_NINE, MONDAY_NINE + HALF_HOUR)]
    assert OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE).revision == 3


def test_a_class_is_offered_while_seats_remain(yoga: Calendar) -> None:
    later = {"09:30": 3, "10:00": 3, "10:30": 3, "11:00": 3, "11:30": 3}
    before = offered(yoga)
    seat(yoga, "Ann")
    seat(yoga, "Bob")
    with_one_left = offered(yoga)
    seat(yoga, "Cid")

    assert before == {"09:00": 3, **later}
    assert with_one_left == {"09:00": 1, **later}
    assert offered(yoga) == later


def test_a_full_class_is_said_to_be_taken_and_why(yoga: Calendar) -> None:
    for name in ("Ann", "Bob", "Cid"):
        seat(yoga, name)

    with pytest.raises(SlotTaken) as refusal:
        seat(yoga, "Dot")

    assert isinstance(refusal.value.__cause__, NotFree)
    assert refusal.value.__cause__.verdict.reason == Reason.NOSEATS
    assert Appointment.objects.count() == 3


def test_seats_that_became_free_are_taken_from_the_lowest_on(
    tenant: Tenant, yoga: Calendar
) -> None:
    ann, _, _ = (seat(yoga, name) for name in ("Ann", "Bob", "Cid"))
    cancel(ann, by=tenant.owner)

    seat(yoga, "Dot")

    assert who_comes(Meeting.objects.get()) == [(1, "Dot"), (2, "Bob"), (3, "Cid")]


def test_the_database_lets_nobody_have_a_seat_that_somebody_has(yoga: Calendar) -> None:
    seat(yoga, "Ann")
    bob = seat(yoga, "Bob")
    bob.seat = 1

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        bob.save()

    assert is_taken(refusal.value)


def test_a_part_full_class_blocks_its_host_elsewhere(tenant: Tenant, yoga: Calendar) -> None:
    talk = make_calendar(tenant.sub_account, [tenant.owner])
    seat(yoga, "Ann", TEN)

    found = slots_on(talk, MONDAY, BERLIN, now=NOW)

    assert int(TEN.timestamp()) not in {slot.start for slot in found}


def test_the_last_cancellation_dissolves_the_meeting(tenant: Tenant, yoga: Calendar) -> None:
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")
    cancel(ann, by=tenant.owner)
    while_one_comes = taken_of(tenant.owner)
    cancel(bob, by=tenant.owner)

    assert while_one_comes == [(MONDAY_NINE, MONDAY_NINE + HALF_HOUR)]
    assert taken_of(tenant.owner) == []
    assert offered(yoga)["09:00"] == 3


def test_a_cancelled_seat_is_restored_where_one_is_left(tenant: Tenant, yoga: Calendar) -> None:
    ann, _, _ = (seat(yoga, name) for name in ("Ann", "Bob", "Cid"))
    cancel(ann, by=tenant.owner)
    dot = seat(yoga, "Dot")

    with pytest.raises(NotFree) as refusal:
        restore(ann, by=tenant.owner, now=NOW)
    cancel(dot, by=tenant.owner)
    restore(ann, by=tenant.owner, now=NOW)

    assert refusal.value.verdict.refused == {tenant.owner.pk: Reason.NOSEATS}
    assert who_comes(Meeting.objects.get()) == [(1, "Ann"), (2, "Bob"), (3, "Cid")]


def test_a_seat_is_restored_anyway_beyond_what_there_is(tenant: Tenant, yoga: Calendar) -> None:
    ann, _, _ = (seat(yoga, name) for name in ("Ann", "Bob", "Cid"))
    cancel(ann, by=tenant.owner)
    seat(yoga, "Dot")

    restore(ann, by=tenant.owner, now=NOW, anyway=True)

    assert who_comes(Meeting.objects.get())[-1] == (4, "Ann")


def test_a_seat_of_a_dissolved_class_is_restored_into_the_class_that_is_there_now(
    tenant: Tenant, yoga: Calendar
) -> None:
    ann = seat(yoga, "Ann")
    cancel(ann, by=tenant.owner)
    bob = seat(yoga, "Bob")

    restored = restore(ann, by=tenant.owner, now=NOW)

    assert restored.meeting == bob.meeting
    assert who_comes(bob.meeting) == [(1, "Bob"), (2, "Ann")]
    assert taken_of(tenant.owner) == [(MONDAY_NINE, MONDAY_NINE + HALF_HOUR)]


def test_who_reschedules_out_of_a_class_takes_only_their_seat(
    tenant: Tenant, yoga: Calendar
) -> None:
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")
    Mail.objects.all().delete()

    reschedule(ann, TEN, now=NOW)

    stays, new = Meeting.objects.order_by("starts_at")
    assert (who_comes(stays), stays.starts_at) == ([(2, "Bob")], MONDAY_NINE)
    assert (who_comes(new), new.starts_at) == ([(1, "Ann")], TEN)
    assert [mail.appointment for mail in Mail.objects.filter(to=None)] == [ann]
    assert not bob.history.filter(kind=HistoryEntry.Kind.MOVED).exists()
    entry = ann.history.get(kind=HistoryEntry.Kind.MOVED)
    assert (entry.was_at, entry.now_at) == (MONDAY_NINE, TEN)
    assert taken_of(tenant.owner) == [
        (MONDAY_NINE, MONDAY_NINE + HALF_HOUR),
        (TEN, TEN + HALF_HOUR),
    ]


def test_who_reschedules_into_a_class_takes_a_seat_in_it_and_leaves_nothing_behind(
    tenant: Tenant, yoga: Calendar
) -> None:
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob", TEN)

    moved = reschedule(ann, TEN, now=NOW)

    assert moved.meeting == bob.meeting
    assert who_comes(bob.meeting) == [(1, "Bob"), (2, "Ann")]
    assert taken_of(tenant.owner) == [(TEN, TEN + HALF_HOUR)]


def test_who_is_alone_takes_the_meeting_along(yoga: Calendar) -> None:
    ann = seat(yoga, "Ann")

    moved = reschedule(ann, MONDAY_NINE + HALF_HOUR, now=NOW)

    assert moved.meeting == Meeting.objects.get()


def test_who_is_alone_is_not_in_their_own_way_and_who_has_company_is(yoga: Calendar) -> None:
    Calendar.objects.update(duration=timedelta(hours=1), interval=HALF_HOUR)
    yoga.refresh_from_db()
    ann = seat(yoga, "Ann")
    alone = reschedule(ann, MONDAY_NINE + HALF_HOUR, now=NOW)
    seat(yoga, "Bob", MONDAY_NINE + HALF_HOUR)

    with pytest.raises(SlotTaken):
        reschedule(alone, MONDAY_NINE, now=NOW)

    assert alone.meeting.starts_at == MONDAY_NINE + HALF_HOUR


def test_a_cancelled_seat_stays_where_it_was_when_the_last_guest_leaves(
    tenant: Tenant, yoga: Calendar
) -> None:
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")
    cancel(ann, by=tenant.owner)

    reschedule(bob, TEN, now=NOW)
    restored = restore(ann, by=tenant.owner, now=NOW)

    assert restored.meeting.starts_at == MONDAY_NINE
    assert taken_of(tenant.owner) == [
        (MONDAY_NINE, MONDAY_NINE + HALF_HOUR),
        (TEN, TEN + HALF_HOUR),
    ]


def test_staff_move_one_guest_or_all_of_them(tenant: Tenant, yoga: Calendar) -> None:
    ann, bob, cid = (seat(yoga, name) for name in ("Ann", "Bob", "Cid"))
    move(ann, TEN, by=tenant.admin, now=NOW)
    Mail.objects.all().delete()

    moved = move_all(bob, TEN + HALF_HOUR, by=tenant.admin, now=NOW)

    assert moved.meeting == cid.meeting
    assert who_comes(cid.meeting) == [(2, "Bob"), (3, "Cid")]
    assert Meeting.objects.get(pk=cid.meeting_id).starts_at == TEN + HALF_HOUR
    assert {mail.appointment for mail in Mail.objects.filter(to=None)} == {bob, cid}
    assert {entry.appointment for entry in HistoryEntry.objects.filter(now_at=TEN + HALF_HOUR)} == {
        bob,
        cid,
    }


def test_a_whole_meeting_joins_no_other_one(tenant: Tenant, yoga: Calendar) -> None:
    ann = seat(yoga, "Ann")
    seat(yoga, "Bob", TEN)

    with pytest.raises(NotFree) as refusal:
        move_all(ann, TEN, by=tenant.admin, now=NOW)

    assert refusal.value.verdict.refused == {tenant.owner.pk: Reason.BOOKED}


def test_a_seat_more_than_there_are_is_booked_knowingly(tenant: Tenant, yoga: Calendar) -> None:
    for name in ("Ann", "Bob", "Cid"):
        seat(yoga, name)

    with pytest.raises(NotFree):
        book_for_guest(yoga, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW)
    further = book_for_guest(yoga, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW, anyway=True)

    assert (further.seat, further.meeting) == (4, Meeting.objects.get())
    assert further.history.get().note == "Booked anyway: no seats are left."
    assert flagged() == set()


def test_a_class_over_something_else_is_flagged(tenant: Tenant, yoga: Calendar) -> None:
    talk = make_calendar(tenant.sub_account, [tenant.owner])
    seat(talk, "Ann")

    over = book_for_guest(yoga, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW, anyway=True)

    assert over.history.get().note == "Booked anyway: another appointment lies there."
    assert flagged() == {over.meeting_id, Meeting.objects.get(calendar=talk).pk}


def test_every_seat_is_confirmed_for_itself(tenant: Tenant, yoga: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)
    yoga.refresh_from_db()
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")

    confirm(ann, by=tenant.owner)

    bob.refresh_from_db()
    assert bob.status == Appointment.Status.NEW


def test_a_class_has_one_host_the_first(tenant: Tenant, yoga: Calendar) -> None:
    yoga.calendarhost_set.create(user=tenant.mate, position=1)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    assert "09:00" not in offered(yoga)


def test_a_host_with_seats_left_is_filled_before_the_next_one(tenant: Tenant, frozen: None) -> None:
    pair = make_pair(tenant, seats=2)
    before = offered(pair)["09:00"]

    seats = [seat(pair, name) for name in ("Ann", "Bob", "Cid", "Dot")]

    assert before == 4
    assert [served_by(one.meeting)[0][::2] for one in seats] == [
        ("Owner", "first in the host order"),
        ("Owner", "first in the host order"),
        ("Mate", "the only free host"),
        ("Mate", "the only free host"),
    ]
    assert who_comes(seats[0].meeting) == [(1, "Ann"), (2, "Bob")]
    assert "09:00" not in offered(pair)
    with pytest.raises(SlotTaken) as refusal:
        seat(pair, "Eve")
    cause = refusal.value.__cause__
    assert isinstance(cause, NotFree)
    assert cause.verdict.refused == {
        tenant.owner.pk: Reason.SLOTMAX,
        tenant.mate.pk: Reason.SLOTMAX,
    }


def test_seats_are_filled_first_whatever_the_priority_says(tenant: Tenant, frozen: None) -> None:
    pair = make_pair(tenant, seats=2)
    seat(pair, "Ann")
    pair.calendarhost_set.filter(user=tenant.mate).update(priority=3)

    bob = seat(pair, "Bob")

    assert who_comes(bob.meeting) == [(1, "Ann"), (2, "Bob")]


def test_who_asks_for_a_host_by_name_gets_them(tenant: Tenant, frozen: None) -> None:
    pair = make_pair(tenant, seats=2)
    seat(pair, "Ann")

    bob = seat(pair, "Bob", host=tenant.mate.pk)

    assert served_by(bob.meeting) == [("Mate", True, "picked by the guest")]


def test_a_rescheduled_guest_keeps_their_host_though_another_has_seats_left(
    tenant: Tenant, frozen: None
) -> None:
    pair = make_pair(tenant, seats=2)
    ann = seat(pair, "Ann", host=tenant.owner.pk)
    seat(pair, "Bob", TEN, host=tenant.mate.pk)

    moved = reschedule(ann, TEN, now=NOW)

    assert served_by(moved.meeting) == [("Owner", True, "picked by the guest")]


def test_a_host_who_loses_a_guest_to_another_one_is_told(tenant: Tenant, frozen: None) -> None:
    pair = make_pair(tenant, seats=2)
    ann = seat(pair, "Ann", host=tenant.owner.pk)
    bob = seat(pair, "Bob", host=tenant.owner.pk)
    Mail.objects.all().delete()

    moved = move(ann, TEN, by=tenant.admin, now=NOW, host=tenant.mate.pk)

    told = {(mail.kind, mail.to) for mail in Mail.objects.all()}
    assert told == {("moved", None), ("moved", tenant.mate), ("cancelled", tenant.owner)}
    assert who_comes(bob.meeting) == [(2, "Bob")]
    assert served_by(moved.meeting) == [("Mate", True, "picked by staff")]


def test_a_meeting_that_is_there_is_offered_at_its_own_span_though_the_calendar_changed(
    yoga: Calendar,
) -> None:
    seat(yoga, "Ann", MONDAY_NINE + HALF_HOUR)
    Calendar.objects.update(duration=timedelta(hours=1), interval=timedelta(hours=1))
    yoga.refresh_from_db()

    bob = seat(yoga, "Bob", MONDAY_NINE + HALF_HOUR)

    assert (bob.seat, bob.meeting.ends_at) == (2, MONDAY_NINE + 2 * HALF_HOUR)
    assert offered(yoga) == {"09:30": 1, "10:00": 3, "11:00": 3}


def test_nothing_is_taken_twice_by_all_this(tenant: Tenant, yoga: Calendar) -> None:
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")
    reschedule(ann, TEN, now=NOW)
    reschedule(bob, TEN, now=NOW)
    reschedule(ann, MONDAY_NINE, now=NOW)

    spans = Taken.objects.order_by("starts_at").values_list("starts_at", flat=True)
    assert list(spans) == [MONDAY_NINE, TEN]
