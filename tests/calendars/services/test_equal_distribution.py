"""Equal distribution: each host gets as many appointments of a month as the others."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.engine.slots import Reason
from calendars.models import Appointment, BlockedSlot, Calendar, Meeting, MeetingHost
from calendars.services.availability import load
from calendars.services.booking import book, book_for_guest
from calendars.services.hosting import count_anew, remove_host
from calendars.services.moving import reschedule
from calendars.services.refusals import NotFree, SlotTaken
from tests.calendars.asking import change, clock, give, verdict
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    another_seat,
    block,
    make_source,
    wish,
)
from tests.conftest import Tenant

A_DAY = timedelta(days=1)


def host_of(appointment: Appointment) -> tuple[User, str]:
    part = appointment.meeting.hosts.get(is_serving=True)
    return part.person, part.chosen_because


@pytest.fixture
def pair(tenant: Tenant, calendar: Calendar) -> Calendar:
    """The owner first, the mate second; each gets as many as the other."""
    add_host(calendar, tenant.mate)
    return change(calendar, mode="equal", counts_since=NOW - timedelta(days=40))


def test_whoever_has_fewest_in_the_month_is_next_then_the_host_order_decides(
    tenant: Tenant, pair: Calendar
) -> None:
    served = [host_of(book(wish(pair, MONDAY_NINE + days * A_DAY), now=NOW)) for days in range(3)]

    assert served == [
        (tenant.owner, "first in the host order"),
        (tenant.mate, "fewest appointments in the month"),
        (tenant.owner, "first in the host order"),
    ]


def test_priority_does_not_count(tenant: Tenant, pair: Calendar) -> None:
    pair.calendarhost_set.filter(user=tenant.mate).update(priority=3)

    assert host_of(book(wish(pair), now=NOW)) == (tenant.owner, "first in the host order")


def test_who_is_not_free_is_passed_over(tenant: Tenant, pair: Calendar) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    assert host_of(book(wish(pair), now=NOW)) == (tenant.mate, "the only free host")


def test_months_are_those_of_the_slot_on_the_calendars_clock(
    tenant: Tenant, pair: Calendar
) -> None:
    pair = change(pair, horizon=90)
    give(pair, tenant.owner, [MONDAY_NINE, MONDAY_NINE + A_DAY])

    in_april = book(wish(pair, datetime(2026, 4, 1, 7, tzinfo=UTC)), now=NOW)

    assert host_of(in_april)[0] == tenant.owner


@pytest.mark.parametrize("lead", [2, 3])
def test_three_ahead_of_the_lowest_is_hidden_two_is_not(
    tenant: Tenant, pair: Calendar, lead: int
) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(lead)])

    found = verdict(pair, MONDAY_NINE + HALF_HOUR)

    hidden = {tenant.owner.pk: Reason.ROUNDROBIN} if lead == 3 else {}
    assert found.refused == hidden
    assert found.reason is None


def test_page_submit_and_staff_leave_out_the_hidden_host(tenant: Tenant, pair: Calendar) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    block(tenant.mate, tenant.sub_account, MONDAY_NINE + 2 * HALF_HOUR, minutes=30)

    assert clock(pair) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    with pytest.raises(SlotTaken):
        book(wish(pair, MONDAY_NINE + 2 * HALF_HOUR), now=NOW)
    with pytest.raises(NotFree) as refused:
        book_for_guest(pair, MONDAY_NINE + 2 * HALF_HOUR, WALK_IN, by=tenant.admin, now=NOW)
    assert refused.value.verdict.refused == {
        tenant.owner.pk: Reason.ROUNDROBIN,
        tenant.mate.pk: Reason.BLOCKED,
    }
    assert refused.value.verdict.reason is Reason.ROUNDROBIN


def test_who_picks_the_hidden_host_gets_them(tenant: Tenant, pair: Calendar) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])

    [appointment] = give(pair, tenant.owner, [MONDAY_NINE + HALF_HOUR])

    assert host_of(appointment) == (tenant.owner, "picked by the guest")


def test_a_host_on_holiday_all_month_hides_nobody(tenant: Tenant, pair: Calendar) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    block(tenant.mate, tenant.sub_account, NOW, minutes=31 * 24 * 60)

    assert verdict(pair, MONDAY_NINE + HALF_HOUR).free == (tenant.owner.pk,)


def test_a_host_with_one_free_time_at_the_months_end_hides_the_other_on_its_first_day(
    tenant: Tenant, pair: Calendar
) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    until = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)  # 11:30 in Berlin, by summer time
    minutes = (until - NOW) // timedelta(minutes=1)
    blocked = block(tenant.mate, tenant.sub_account, NOW, minutes=minutes)

    assert clock(pair) == []

    BlockedSlot.objects.filter(pk=blocked.pk).update(ends_at=until + HALF_HOUR)
    assert clock(pair) == ["09:30", "10:00", "10:30", "11:00", "11:30"]


def test_a_host_who_is_stale_hides_nobody(tenant: Tenant, pair: Calendar) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    make_source(tenant.mate, tenant.sub_account, last_read_at=None)

    assert verdict(pair, MONDAY_NINE + HALF_HOUR).free == (tenant.owner.pk,)


def test_a_single_host_is_never_hidden(tenant: Tenant, calendar: Calendar) -> None:
    alone = change(calendar, mode="equal", counts_since=NOW - timedelta(days=40))
    give(alone, tenant.owner, [MONDAY_NINE + n * HALF_HOUR for n in range(4)])

    assert clock(alone) == ["11:00", "11:30"]


@pytest.mark.parametrize("status", ["new", "confirmed", "showed", "noshow"])
def test_appointments_that_hold_their_time_count(
    tenant: Tenant, pair: Calendar, status: str
) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    Appointment.objects.update(status=status)

    assert verdict(pair, MONDAY_NINE + HALF_HOUR).refused == {tenant.owner.pk: Reason.ROUNDROBIN}


@pytest.mark.parametrize("status", ["cancelled", "invalid"])
def test_cancelled_appointments_do_not_count(tenant: Tenant, pair: Calendar, status: str) -> None:
    made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    Appointment.objects.filter(pk=made[0].pk).update(status=status)

    assert tenant.owner.pk in verdict(pair, MONDAY_NINE + 2 * HALF_HOUR).free


def test_each_appointment_of_a_shared_meeting_counts(tenant: Tenant, pair: Calendar) -> None:
    [appointment] = give(pair, tenant.owner, [MONDAY_NINE])
    for seat in (2, 3):
        another_seat(appointment, seat)

    refused = verdict(pair, MONDAY_NINE + HALF_HOUR).refused

    assert refused == {tenant.owner.pk: Reason.ROUNDROBIN}


def test_what_was_handed_over_counts_for_whoever_serves_it(tenant: Tenant, pair: Calendar) -> None:
    made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    for appointment in made:
        appointment.meeting.hosts.update(is_serving=False)
        MeetingHost.objects.create(meeting=appointment.meeting, user=tenant.mate)

    refused = verdict(pair, MONDAY_NINE + HALF_HOUR).refused

    assert refused == {tenant.mate.pk: Reason.ROUNDROBIN}


def test_the_count_can_begin_anew(tenant: Tenant, pair: Calendar) -> None:
    give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
    Appointment.objects.update(created_at=NOW - A_DAY)

    count_anew(pair)
    pair.refresh_from_db()

    assert verdict(pair, MONDAY_NINE + HALF_HOUR).refused == {}


def test_a_host_who_goes_restarts_the_count(tenant: Tenant, pair: Calendar) -> None:
    before = pair.counts_since

    remove_host(pair.calendarhost_set.get(user=tenant.mate))

    pair.refresh_from_db()
    assert pair.counts_since > before


def test_a_rescheduled_meeting_keeps_its_host_though_they_are_hidden(
    tenant: Tenant, pair: Calendar
) -> None:
    made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(5)])

    moved = reschedule(made[0], MONDAY_NINE + HALF_HOUR, now=NOW)

    assert host_of(moved)[0] == tenant.owner


def test_a_meeting_that_moves_to_another_host_does_not_count_for_its_own(
    tenant: Tenant, pair: Calendar
) -> None:
    [mine] = give(pair, tenant.owner, [MONDAY_NINE])
    give(pair, tenant.mate, [MONDAY_NINE + A_DAY])
    add_host(pair, tenant.admin)
    give(pair, tenant.admin, [MONDAY_NINE + A_DAY])
    Meeting.objects.filter(pk=mine.meeting_id).update(created_at=NOW)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + 2 * A_DAY)

    moved = reschedule(mine, MONDAY_NINE + 2 * A_DAY, now=NOW)

    assert host_of(moved) == (tenant.mate, "first in the host order")


@pytest.mark.parametrize("hosts", [3, 10])
def test_slots_take_six_queries_with_all_rules_however_many_hosts(
    tenant: Tenant,
    pair: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    hosts: int,
) -> None:
    for number in range(hosts - 2):
        user = User.objects.create(email=f"{number}@riverside.test", password="!")
        tenant.sub_account.member_set.create(user=user)
        add_host(pair, user)
    ruled = change(pair, daily_limit=3, look_busy=10)
    give(ruled, tenant.owner, [MONDAY_NINE, MONDAY_NINE + A_DAY])
    asked = (int(NOW.timestamp()), int((NOW + timedelta(days=30)).timestamp()))

    with django_assert_num_queries(6):
        found = load(ruled, asked=asked, now=NOW)

    assert len(found.hosts) == hosts
