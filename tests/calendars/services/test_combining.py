"""Several services of a menu in one meeting: one host, one span, the rules of all."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from calendars.engine.slots import Reason
from calendars.models import Appointment, Calendar, CalendarGroup, MeetingHost, WeeklyHours
from calendars.services.availability import load
from calendars.services.booking import book
from calendars.services.booking_keys import KeyRefused, new_key
from calendars.services.cancelling import cancel, restore
from calendars.services.combining import combined
from calendars.services.moving import move, reschedule
from calendars.services.offering import slots_on
from calendars.services.refusals import KeyUsed, NotFree, NotOffered, SlotTaken
from tests.calendars.asking import BERLIN, MONDAY, TUESDAY, change, clock
from tests.calendars.menus import (
    add_server,
    book_services,
    make_cut_and_colour,
    make_menu,
    minutes,
    services_in,
    wish_for,
)
from tests.calendars.scenes import MONDAY_NINE, NOW, block, open_mornings, taken_of, wish
from tests.conftest import Tenant

TEN = MONDAY_NINE + timedelta(hours=1)
Pair = tuple[Calendar, Calendar]
Arrange = Callable[[Tenant, Pair], object]


@pytest.fixture
def menu(tenant: Tenant, frozen: None) -> CalendarGroup:
    return make_menu(tenant)


@pytest.fixture
def both(tenant: Tenant, menu: CalendarGroup) -> Pair:
    return make_cut_and_colour(tenant, menu)


def times(services: Pair, day: object = MONDAY) -> list[str]:
    """When both can be had on a day, one after the other, as Berlin's clock shows it."""
    current = [Calendar.objects.select_related("sub_account").get(pk=one.pk) for one in services]
    found = slots_on(combined(current), day, BERLIN, now=NOW)  # type: ignore[arg-type]
    return [f"{datetime.fromtimestamp(slot.start, BERLIN):%H:%M}" for slot in found]


def user_of(appointment: Appointment) -> User | None:
    return MeetingHost.objects.get(meeting=appointment.meeting_id, is_serving=True).user


def test_services_follow_one_another_in_one_meeting_with_buffers_at_its_ends(
    tenant: Tenant, both: Pair
) -> None:
    cut = change(both[0], buffer_before=minutes(5), buffer_after=minutes(10))
    colour = change(both[1], buffer_before=minutes(20), buffer_after=minutes(15))

    booked = book_services([cut, colour])

    meeting = booked.meeting
    assert (meeting.starts_at, meeting.ends_at) == (MONDAY_NINE, MONDAY_NINE + minutes(90))
    assert meeting.calendar == cut
    assert services_in(booked) == [("Cut", minutes(30)), ("Colour", minutes(60))]
    assert taken_of(tenant.owner) == [(MONDAY_NINE - minutes(5), MONDAY_NINE + minutes(105))]
    assert user_of(booked) == tenant.owner
    assert meeting.what == "Cut, Colour"


def test_services_keep_the_order_in_which_they_were_chosen(both: Pair) -> None:
    cut, colour = both

    booked = book_services([colour, cut])

    assert booked.meeting.calendar == colour
    assert services_in(booked) == [("Colour", minutes(60)), ("Cut", minutes(30))]


def nothing(tenant: Tenant, both: Pair) -> None:
    pass


def owner_is_busy_during_colour(tenant: Tenant, both: Pair) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + minutes(45), minutes=15)


def colour_is_open_from_ten_past_ten(tenant: Tenant, both: Pair) -> None:
    schedule = open_mornings(tenant.owner, tenant.sub_account, calendar=both[1])
    WeeklyHours.objects.filter(schedule=schedule).update(opens=610)


def nobody_serves_both(tenant: Tenant, both: Pair) -> None:
    both[0].calendarhost_set.filter(user=tenant.owner).delete()


def colour_needs_a_days_notice(tenant: Tenant, both: Pair) -> None:
    change(both[1], notice=1, notice_unit="days")


def colour_is_bookable_today_only(tenant: Tenant, both: Pair) -> None:
    change(both[1], horizon=0)


def colour_has_one_a_day(tenant: Tenant, both: Pair) -> None:
    change(both[1], daily_limit=1)
    book(wish(both[1], MONDAY_NINE, notes="takes the day"), now=NOW)


def cut_begins_on_the_hour(tenant: Tenant, both: Pair) -> None:
    change(both[0], interval=minutes(60))


def cut_looks_busy(tenant: Tenant, both: Pair) -> None:
    change(both[0], look_busy=90)


ALL = ["09:00", "09:30", "10:00", "10:30"]
CASES: list[tuple[Arrange, list[str]]] = [
    (nothing, ALL),
    (owner_is_busy_during_colour, ["10:00", "10:30"]),
    (colour_is_open_from_ten_past_ten, ["10:30"]),
    (nobody_serves_both, []),
    (colour_needs_a_days_notice, []),
    (colour_is_bookable_today_only, []),
    (colour_has_one_a_day, []),
    (cut_begins_on_the_hour, ["09:00", "10:00"]),
    (cut_looks_busy, ALL),
]


@pytest.mark.parametrize(("arrange", "offered"), CASES)
def test_both_are_offered_when_one_host_can_serve_all_of_it(
    tenant: Tenant, both: Pair, arrange: Arrange, offered: list[str]
) -> None:
    arrange(tenant, both)

    assert times(both) == offered


def test_a_time_is_refused_when_the_host_is_not_free_in_its_second_half(
    tenant: Tenant, both: Pair
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + minutes(45), minutes=15)

    with pytest.raises(SlotTaken):
        book_services(both)
    alone = book_services(both[:1], host=tenant.owner.pk)

    assert user_of(alone) == tenant.owner
    assert Appointment.objects.count() == 1


def test_the_verdict_names_who_serves_all_of_it_and_why_not(tenant: Tenant, both: Pair) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + minutes(45), minutes=15)
    start = int(MONDAY_NINE.timestamp())

    verdict = load(combined(both), asked=(start, start + 1), now=NOW).verdict(start)

    assert verdict.refused == {tenant.owner.pk: Reason.BLOCKED}
    assert (verdict.end - verdict.start, verdict.free) == (90 * 60, ())


def test_a_combined_meeting_counts_for_the_daily_limit_of_each_service(
    tenant: Tenant, both: Pair
) -> None:
    cut, colour = both[0], change(both[1], daily_limit=1)
    booked = book_services([cut, colour])

    full = clock(colour), clock(colour, TUESDAY)
    cancel(booked, by=tenant.owner)

    assert full == ([], ["09:00", "09:30", "10:00", "10:30", "11:00"])
    assert clock(colour) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_the_rules_of_the_first_choose_among_those_who_serve_all(
    tenant: Tenant, both: Pair
) -> None:
    add_server(both[1], tenant.mate)
    both[0].calendarhost_set.filter(user=tenant.owner).update(priority=3)

    assert user_of(book_services(both)) == tenant.owner


def test_a_guest_has_the_host_they_picked_for_all_of_it(tenant: Tenant, both: Pair) -> None:
    add_server(both[1], tenant.mate)

    assert user_of(book_services(both, host=tenant.owner.pk)) == tenant.owner


def test_a_host_who_serves_one_of_the_services_only_is_refused(tenant: Tenant, both: Pair) -> None:
    with pytest.raises(NotOffered):
        book_services(both, host=tenant.mate.pk)


def test_one_service_is_an_ordinary_booking(both: Pair) -> None:
    booked = book_services(both[:1])

    assert services_in(booked) == []
    assert booked.meeting.ends_at == MONDAY_NINE + minutes(30)


def test_several_services_are_for_one_guest_whatever_their_seats(
    tenant: Tenant, both: Pair
) -> None:
    cut, colour = (change(one, seats=3) for one in both)
    book_services([cut, colour])
    longer = change(cut, duration=minutes(90))

    assert clock(longer, host=tenant.owner.pk) == ["10:30"]
    with pytest.raises(SlotTaken):
        book(wish(longer, host=tenant.owner.pk), now=NOW)


def test_a_key_is_good_for_one_request_and_its_services(menu: CalendarGroup, both: Pair) -> None:
    key = new_key(menu)
    booked = book_services(both, key=key)

    again = book_services(both, key=key)

    assert again == booked
    for others in (both[:1], both[::-1]):
        with pytest.raises(KeyUsed):
            book(wish_for(others, key=key), now=NOW)
    with pytest.raises(KeyRefused):
        book(wish(both[0], TEN, key=new_key(menu)), now=NOW)


def test_it_waits_for_confirmation_where_one_of_the_services_does(both: Pair) -> None:
    cut, colour = both[0], change(both[1], needs_confirmation=True)

    assert book_services([cut, colour]).status == Appointment.Status.NEW


def test_a_guest_moves_all_of_it_with_the_length_it_was_booked_with(
    tenant: Tenant, both: Pair
) -> None:
    booked = book_services(both)
    change(both[0], duration=minutes(15))
    change(both[1], buffer_after=minutes(30))

    moved = reschedule(booked, MONDAY_NINE + minutes(30), now=NOW)

    assert moved.meeting_id == booked.meeting_id
    assert services_in(moved) == [("Cut", minutes(30)), ("Colour", minutes(60))]
    assert taken_of(tenant.owner) == [(MONDAY_NINE + minutes(30), MONDAY_NINE + minutes(150))]


def test_all_of_it_has_to_be_free_where_it_is_moved_to(tenant: Tenant, both: Pair) -> None:
    booked = book_services(both)
    block(tenant.owner, tenant.sub_account, TEN + minutes(75), minutes=15)

    with pytest.raises(SlotTaken):
        reschedule(booked, TEN, now=NOW)
    anyway = move(booked, TEN, by=tenant.owner, now=NOW, anyway=True)

    assert anyway.meeting.ends_at == TEN + minutes(90)
    assert services_in(anyway) == [("Cut", minutes(30)), ("Colour", minutes(60))]


def test_all_of_it_has_to_be_free_to_be_restored(tenant: Tenant, both: Pair) -> None:
    booked = book_services(both)
    cancel(booked, by=tenant.owner)
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE + minutes(75), minutes=15)

    with pytest.raises(NotFree):
        restore(booked, by=tenant.owner, now=NOW)
    slot.delete()
    restored = restore(booked, by=tenant.owner, now=NOW)

    assert restored.status == Appointment.Status.CONFIRMED
    assert taken_of(tenant.owner) == [(MONDAY_NINE, MONDAY_NINE + minutes(90))]
    assert services_in(restored) == [("Cut", minutes(30)), ("Colour", minutes(60))]


def test_nobody_restores_it_for_a_host_who_no_longer_serves_all_of_it(
    tenant: Tenant, both: Pair
) -> None:
    booked = book_services(both)
    cancel(booked, by=tenant.owner)
    both[1].calendarhost_set.filter(user=tenant.owner).delete()

    with pytest.raises(NotFree):
        restore(booked, by=tenant.owner, now=NOW)
