"""Daily limits, and equal distribution: what a calendar's own meetings rule out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.engine.slots import Reason, Verdict
from calendars.models import Appointment, BlockedSlot, Calendar, Meeting, MeetingHost
from calendars.services.availability import Offer, load, slots_on
from calendars.services.booking import book, book_for_guest
from calendars.services.hosting import count_anew, remove_host
from calendars.services.moving import reschedule
from calendars.services.refusals import NotFree, SlotTaken
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

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
A_DAY = timedelta(days=1)


def change(calendar: Calendar, **fields: object) -> Calendar:
    Calendar.objects.filter(pk=calendar.pk).update(**fields)
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def clock(calendar: Calendar, day: date = MONDAY, **asked: int) -> list[str]:
    found = slots_on(calendar, day, BERLIN, now=NOW, **asked)
    return [f"{datetime.fromtimestamp(slot.start, BERLIN):%H:%M}" for slot in found]


def offer(calendar: Calendar, start: datetime, *, host: int | None = None) -> Offer:
    second = int(start.timestamp())
    return load(calendar, asked=(second, second + 1), now=NOW, host=host)


def verdict(calendar: Calendar, start: datetime = MONDAY_NINE) -> Verdict:
    return offer(calendar, start).verdict(int(start.timestamp()))


def host_of(appointment: Appointment) -> tuple[User, str]:
    part = appointment.meeting.hosts.get(is_serving=True)
    return part.person, part.chosen_because


def give(calendar: Calendar, user: User, starts: Sequence[datetime]) -> list[Appointment]:
    """Meetings of the calendar for that host, picked by the guest."""
    return [book(wish(calendar, start, host=user.pk), now=NOW) for start in starts]


@pytest.fixture
def pair(tenant: Tenant, calendar: Calendar) -> Calendar:
    """The owner first, the mate second; each gets as many as the other."""
    add_host(calendar, tenant.mate)
    return change(calendar, mode="equal", counts_since=NOW - timedelta(days=40))


class TestDailyLimit:
    def test_a_host_of_round_robin_serves_so_many_a_day(
        self, tenant: Tenant, calendar: Calendar
    ) -> None:
        add_host(calendar, tenant.mate)
        limited = change(calendar, daily_limit=2)
        give(limited, tenant.owner, [MONDAY_NINE, MONDAY_NINE + HALF_HOUR])

        found = verdict(limited, MONDAY_NINE + 2 * HALF_HOUR)

        assert (found.free, found.refused) == (
            (tenant.mate.pk,),
            {tenant.owner.pk: Reason.DAYLIMIT},
        )
        assert clock(limited, TUESDAY, host=tenant.owner.pk) != []

    def test_a_day_that_is_full_for_every_host_has_reached_its_limit(
        self, tenant: Tenant, calendar: Calendar
    ) -> None:
        add_host(calendar, tenant.mate)
        limited = change(calendar, daily_limit=1)
        for user in (tenant.owner, tenant.mate):
            give(limited, user, [MONDAY_NINE])

        assert clock(limited) == []
        assert verdict(limited, MONDAY_NINE + HALF_HOUR).reason is Reason.DAYLIMIT
        with pytest.raises(SlotTaken):
            book(wish(limited, MONDAY_NINE + HALF_HOUR), now=NOW)

    def test_a_service_serves_so_many_a_day_whoever_does(
        self, tenant: Tenant, calendar: Calendar
    ) -> None:
        add_host(calendar, tenant.mate)
        limited = change(calendar, kind="service", daily_limit=2)
        give(limited, tenant.owner, [MONDAY_NINE, MONDAY_NINE + HALF_HOUR])

        assert clock(limited) == []
        assert len(clock(limited, TUESDAY)) == 6

    def test_cancelled_meetings_and_those_of_other_calendars_do_not_count(
        self, tenant: Tenant, calendar: Calendar
    ) -> None:
        limited = change(calendar, daily_limit=1)
        other = make_calendar(tenant.sub_account, [tenant.owner], slug="other")
        book(wish(other, MONDAY_NINE), now=NOW)
        [cancelled] = give(limited, tenant.owner, [MONDAY_NINE + HALF_HOUR])
        Appointment.objects.filter(pk=cancelled.pk).update(status="cancelled")

        assert clock(limited) == ["10:00", "10:30", "11:00", "11:30"]

    def test_days_are_those_of_the_calendars_zone(self, tenant: Tenant, calendar: Calendar) -> None:
        # In Kiritimati, 14 hours ahead, Tuesday begins at eleven on Monday in Berlin.
        limited = change(calendar, daily_limit=1, time_zone="Pacific/Kiritimati")
        give(limited, tenant.owner, [MONDAY_NINE + 4 * HALF_HOUR])

        assert clock(limited) == ["09:00", "09:30", "10:00", "10:30"]
        assert clock(limited, TUESDAY) == ["11:00", "11:30"]

    def test_a_meeting_that_moves_makes_room_for_itself(
        self, tenant: Tenant, calendar: Calendar
    ) -> None:
        limited = change(calendar, daily_limit=1)
        [appointment] = give(limited, tenant.owner, [MONDAY_NINE])

        moved = reschedule(appointment, MONDAY_NINE + HALF_HOUR, now=NOW)

        assert moved.meeting.starts_at == MONDAY_NINE + HALF_HOUR


class TestEqualDistribution:
    def test_whoever_has_fewest_in_the_month_is_next_then_the_host_order_decides(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        served = [
            host_of(book(wish(pair, MONDAY_NINE + days * A_DAY), now=NOW)) for days in range(3)
        ]

        assert served == [
            (tenant.owner, "first in the host order"),
            (tenant.mate, "fewest appointments in the month"),
            (tenant.owner, "first in the host order"),
        ]

    def test_priority_does_not_count(self, tenant: Tenant, pair: Calendar) -> None:
        pair.calendarhost_set.filter(user=tenant.mate).update(priority=3)

        assert host_of(book(wish(pair), now=NOW)) == (tenant.owner, "first in the host order")

    def test_who_is_not_free_is_passed_over(self, tenant: Tenant, pair: Calendar) -> None:
        block(tenant.owner, tenant.sub_account, MONDAY_NINE)

        assert host_of(book(wish(pair), now=NOW)) == (tenant.mate, "the only free host")

    def test_months_are_those_of_the_slot_on_the_calendars_clock(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        pair = change(pair, horizon=90)
        give(pair, tenant.owner, [MONDAY_NINE, MONDAY_NINE + A_DAY])

        in_april = book(wish(pair, datetime(2026, 4, 1, 7, tzinfo=UTC)), now=NOW)

        assert host_of(in_april)[0] == tenant.owner

    @pytest.mark.parametrize("lead", [2, 3])
    def test_three_ahead_of_the_lowest_is_hidden_two_is_not(
        self, tenant: Tenant, pair: Calendar, lead: int
    ) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(lead)])

        found = verdict(pair, MONDAY_NINE + HALF_HOUR)

        hidden = {tenant.owner.pk: Reason.ROUNDROBIN} if lead == 3 else {}
        assert found.refused == hidden
        assert found.reason is None

    def test_page_submit_and_staff_leave_out_the_hidden_host(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
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

    def test_who_picks_the_hidden_host_gets_them(self, tenant: Tenant, pair: Calendar) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])

        [appointment] = give(pair, tenant.owner, [MONDAY_NINE + HALF_HOUR])

        assert host_of(appointment) == (tenant.owner, "picked by the guest")

    def test_a_host_on_holiday_all_month_hides_nobody(self, tenant: Tenant, pair: Calendar) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        block(tenant.mate, tenant.sub_account, NOW, minutes=31 * 24 * 60)

        assert verdict(pair, MONDAY_NINE + HALF_HOUR).free == (tenant.owner.pk,)

    def test_a_host_with_one_free_time_at_the_months_end_hides_the_other_on_its_first_day(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        until = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)  # 11:30 in Berlin, by summer time
        minutes = (until - NOW) // timedelta(minutes=1)
        blocked = block(tenant.mate, tenant.sub_account, NOW, minutes=minutes)

        assert clock(pair) == []

        BlockedSlot.objects.filter(pk=blocked.pk).update(ends_at=until + HALF_HOUR)
        assert clock(pair) == ["09:30", "10:00", "10:30", "11:00", "11:30"]

    def test_a_host_who_is_stale_hides_nobody(self, tenant: Tenant, pair: Calendar) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        make_source(tenant.mate, tenant.sub_account, last_read_at=None)

        assert verdict(pair, MONDAY_NINE + HALF_HOUR).free == (tenant.owner.pk,)

    def test_a_single_host_is_never_hidden(self, tenant: Tenant, calendar: Calendar) -> None:
        alone = change(calendar, mode="equal", counts_since=NOW - timedelta(days=40))
        give(alone, tenant.owner, [MONDAY_NINE + n * HALF_HOUR for n in range(4)])

        assert clock(alone) == ["11:00", "11:30"]

    @pytest.mark.parametrize("status", ["cancelled", "invalid"])
    def test_cancelled_appointments_do_not_count(
        self, tenant: Tenant, pair: Calendar, status: str
    ) -> None:
        made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        Appointment.objects.filter(pk=made[0].pk).update(status=status)

        assert tenant.owner.pk in verdict(pair, MONDAY_NINE + 2 * HALF_HOUR).free

    def test_each_appointment_of_a_shared_meeting_counts(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        [appointment] = give(pair, tenant.owner, [MONDAY_NINE])
        for seat in (2, 3):
            appointment.pk = None
            appointment.seat, appointment.token, appointment.booking_key = seat, f"{seat}", None
            appointment.save()

        refused = verdict(pair, MONDAY_NINE + HALF_HOUR).refused

        assert refused == {tenant.owner.pk: Reason.ROUNDROBIN}

    def test_what_was_handed_over_counts_for_whoever_serves_it(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        for appointment in made:
            appointment.meeting.hosts.update(is_serving=False)
            MeetingHost.objects.create(meeting=appointment.meeting, user=tenant.mate)

        refused = verdict(pair, MONDAY_NINE + HALF_HOUR).refused

        assert refused == {tenant.mate.pk: Reason.ROUNDROBIN}

    def test_the_count_can_begin_anew(self, tenant: Tenant, pair: Calendar) -> None:
        give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(3)])
        Appointment.objects.update(created_at=NOW - A_DAY)

        count_anew(pair)
        pair.refresh_from_db()

        assert verdict(pair, MONDAY_NINE + HALF_HOUR).refused == {}

    def test_a_host_who_goes_restarts_the_count(self, tenant: Tenant, pair: Calendar) -> None:
        before = pair.counts_since

        remove_host(pair.calendarhost_set.get(user=tenant.mate))

        pair.refresh_from_db()
        assert pair.counts_since > before

    def test_a_rescheduled_meeting_keeps_its_host_though_they_are_hidden(
        self, tenant: Tenant, pair: Calendar
    ) -> None:
        made = give(pair, tenant.owner, [MONDAY_NINE + days * A_DAY for days in range(5)])

        moved = reschedule(made[0], MONDAY_NINE + HALF_HOUR, now=NOW)

        assert host_of(moved)[0] == tenant.owner

    def test_a_meeting_that_moves_to_another_host_does_not_count_for_its_own(
        self, tenant: Tenant, pair: Calendar
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
