from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Member, SubAccount, User
from calendars.engine.slots import Reason
from calendars.models import Calendar, DateOverride, WeeklyHours
from calendars.services.availability import load
from calendars.services.booking import book
from calendars.services.offering import first_bookable_date, slots, slots_by_date, slots_on
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

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
ALL_MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def clock(calendar: Calendar, day: date = MONDAY, **asked: int) -> list[str]:
    """The offered times of a day as Berlin's clock shows them."""
    found = slots_on(calendar, day, BERLIN, now=NOW, **asked)
    return [f"{datetime.fromtimestamp(slot.start, BERLIN):%H:%M}" for slot in found]


def test_a_free_morning_is_offered_in_steps(calendar: Calendar) -> None:
    assert clock(calendar) == ALL_MORNING


def test_free_slots_leave_out_time_blocked_by_hand(tenant: Tenant, calendar: Calendar) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + HALF_HOUR)

    assert clock(calendar) == ["09:00", "10:30", "11:00", "11:30"]


def test_free_slots_leave_out_time_blocked_by_a_remote_event(
    tenant: Tenant, calendar: Calendar
) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")

    assert clock(calendar) == ["10:00", "10:30", "11:00", "11:30"]


def test_an_event_marked_free_leaves_availability_open(tenant: Tenant, calendar: Calendar) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1", is_busy=False)

    assert clock(calendar) == ALL_MORNING


def test_a_calendar_that_is_only_shown_blocks_nothing_and_cannot_go_stale(
    tenant: Tenant, calendar: Calendar
) -> None:
    source = make_source(
        tenant.owner, tenant.sub_account, is_blocking=False, last_read_at=None, expanded_until=None
    )
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")

    assert clock(calendar) == ALL_MORNING


def test_blocked_slots_of_another_sub_account_do_not_count_but_meetings_there_do(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    there = other_tenant.sub_account
    Member.objects.create(sub_account=there, user=tenant.owner)
    open_mornings(tenant.owner, there)
    elsewhere = make_calendar(there, [tenant.owner])
    block(tenant.owner, there, MONDAY_NINE + 4 * HALF_HOUR)
    book(wish(elsewhere, MONDAY_NINE), now=NOW)

    assert clock(calendar) == ALL_MORNING[1:]


def test_a_source_that_is_stale_elsewhere_does_not_close_this_sub_account(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    make_source(tenant.owner, other_tenant.sub_account, last_read_at=None, expanded_until=None)

    assert clock(calendar) == ALL_MORNING


@pytest.mark.parametrize(
    ("last_read_at", "offered"),
    [
        (None, []),
        (NOW - timedelta(hours=24, seconds=1), []),
        (NOW - timedelta(hours=24), ALL_MORNING),
    ],
    ids=["never read", "stale", "just fresh enough"],
)
def test_a_host_whose_calendar_is_not_known_is_not_offered(
    tenant: Tenant, calendar: Calendar, last_read_at: datetime | None, offered: list[str]
) -> None:
    make_source(tenant.owner, tenant.sub_account)
    make_source(tenant.owner, tenant.sub_account, last_read_at=last_read_at)

    assert clock(calendar) == offered


def test_the_sub_account_decides_when_a_calendar_is_stale(
    tenant: Tenant, calendar: Calendar
) -> None:
    make_source(tenant.owner, tenant.sub_account, last_read_at=NOW - timedelta(hours=2))
    SubAccount.objects.update(stale_after=timedelta(hours=1))

    assert clock(Calendar.objects.get(pk=calendar.pk)) == []


def test_slots_end_where_the_nearest_expansion_ends(tenant: Tenant, calendar: Calendar) -> None:
    make_source(tenant.owner, tenant.sub_account)
    make_source(tenant.owner, tenant.sub_account, expanded_until=MONDAY_NINE + 2 * HALF_HOUR)

    assert clock(calendar) == ["09:00", "09:30"]


def test_times_beyond_the_nearest_expansion_are_stale(tenant: Tenant, calendar: Calendar) -> None:
    make_source(tenant.owner, tenant.sub_account, expanded_until=MONDAY_NINE + 2 * HALF_HOUR)
    starts = [int((MONDAY_NINE + number * HALF_HOUR).timestamp()) for number in range(4)]

    offer = load(calendar, asked=(starts[0], starts[-1] + 1), now=NOW)

    reasons = [offer.verdict(start).reason for start in starts]
    assert reasons == [None, None, Reason.STALE, Reason.STALE]


def test_a_calendar_read_but_not_expanded_is_not_known(tenant: Tenant, calendar: Calendar) -> None:
    make_source(tenant.owner, tenant.sub_account, expanded_until=None)

    assert clock(calendar) == []


def test_only_the_host_whose_calendar_is_stale_drops_out(
    tenant: Tenant, calendar: Calendar
) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    make_source(tenant.owner, tenant.sub_account, last_read_at=None)

    found = slots_on(calendar, MONDAY, BERLIN, now=NOW)

    assert {slot.hosts for slot in found} == {(tenant.mate.pk,)}


def test_buffers_of_a_meeting_and_of_the_next_one_add_up(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(buffer_before=timedelta(minutes=15), buffer_after=timedelta(minutes=15))
    calendar.refresh_from_db()
    book(wish(calendar, MONDAY_NINE + 2 * HALF_HOUR), now=NOW)

    assert clock(calendar) == ["09:00", "11:00", "11:30"]


def test_hours_of_a_date_replace_those_of_its_weekday(calendar: Calendar, tenant: Tenant) -> None:
    schedule = tenant.owner.schedule_set.get()
    DateOverride.objects.create(schedule=schedule, day=MONDAY, opens=13 * 60, closes=14 * 60)
    DateOverride.objects.create(schedule=schedule, day=MONDAY, opens=16 * 60, closes=17 * 60)
    DateOverride.objects.create(schedule=schedule, day=date(2026, 3, 3))

    assert clock(calendar) == ["13:00", "13:30", "16:00", "16:30"]
    assert clock(calendar, date(2026, 3, 3)) == []
    assert clock(calendar, date(2026, 3, 4)) == ALL_MORNING


def test_a_schedule_for_this_calendar_stands_in_for_the_default_one(
    tenant: Tenant, calendar: Calendar
) -> None:
    own = open_mornings(tenant.owner, tenant.sub_account, calendar=calendar)
    own.weekly.update(opens=11 * 60)

    assert clock(calendar) == ["11:00", "11:30"]


def test_an_empty_schedule_for_this_calendar_closes_it(tenant: Tenant, calendar: Calendar) -> None:
    own = open_mornings(tenant.owner, tenant.sub_account, calendar=calendar)
    own.weekly.all().delete()

    assert clock(calendar) == []


def test_a_schedule_for_another_calendar_or_sub_account_says_nothing_here(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    other = make_calendar(tenant.sub_account, [tenant.owner], slug="other")
    open_mornings(tenant.owner, tenant.sub_account, calendar=other).weekly.update(opens=660)
    open_mornings(tenant.owner, other_tenant.sub_account).weekly.update(opens=660)

    assert clock(calendar) == ALL_MORNING


def test_a_host_without_hours_is_never_free(tenant: Tenant, frozen: None) -> None:
    assert clock(make_calendar(tenant.sub_account, [tenant.owner])) == []


def test_dated_hours_alone_make_a_calendar_bookable(tenant: Tenant, calendar: Calendar) -> None:
    WeeklyHours.objects.all().delete()
    DateOverride.objects.create(
        schedule=tenant.owner.schedule_set.get(), day=date(2026, 4, 20), opens=540, closes=570
    )

    assert first_bookable_date(calendar, BERLIN, now=NOW) == date(2026, 4, 20)


def test_the_first_date_is_that_of_the_guests_clock(calendar: Calendar) -> None:
    auckland, los_angeles = ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles")

    assert first_bookable_date(calendar, auckland, now=NOW) == date(2026, 3, 2)
    assert first_bookable_date(calendar, los_angeles, now=NOW) == date(2026, 3, 2)
    assert list(
        slots_by_date(
            calendar,
            first=date(2026, 3, 2),
            last=date(2026, 3, 4),
            zone=ZoneInfo("Pacific/Kiritimati"),
            now=NOW,
        )
    ) == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]


def test_a_calendar_that_is_never_free_has_no_first_date(
    tenant: Tenant, calendar: Calendar
) -> None:
    make_source(tenant.owner, tenant.sub_account, last_read_at=None)

    assert first_bookable_date(calendar, BERLIN, now=NOW) is None


@pytest.mark.parametrize("leaves", ["deactivated", "no longer a member"])
def test_a_host_who_has_left_is_not_offered(
    tenant: Tenant, calendar: Calendar, leaves: str
) -> None:
    if leaves == "deactivated":
        User.objects.filter(pk=tenant.owner.pk).update(is_active=False)
    else:
        Member.objects.filter(user=tenant.owner).delete()

    assert clock(calendar) == []


def test_slots_lie_between_notice_and_horizon_whatever_is_asked(calendar: Calendar) -> None:
    Calendar.objects.update(notice=22, notice_unit="hours", horizon=2, horizon_unit="days")
    calendar.refresh_from_db()

    found = slots(calendar, first=NOW - timedelta(days=30), last=NOW + timedelta(days=30), now=NOW)

    starts = [datetime.fromtimestamp(slot.start, UTC) for slot in found]
    assert starts[0] == NOW + timedelta(hours=22)
    assert starts[-1] == datetime(2026, 3, 3, 10, 30, tzinfo=UTC)


def test_one_host_can_be_asked_alone(tenant: Tenant, calendar: Calendar) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=180)

    assert clock(calendar) == ALL_MORNING
    assert clock(calendar, host=tenant.owner.pk) == []


def test_a_grid_can_be_aligned_to_the_clock(tenant: Tenant, calendar: Calendar) -> None:
    tenant.owner.schedule_set.get().weekly.update(opens=9 * 60 + 10)
    Calendar.objects.update(interval=timedelta(minutes=20))
    calendar.refresh_from_db()
    by_opening = ["09:10", "09:30", "09:50", "10:10", "10:30", "10:50", "11:10", "11:30"]

    assert clock(calendar) == by_opening

    calendar.is_aligned = True
    assert clock(calendar) == ["09:20", "09:40", "10:00", "10:20", "10:40", "11:00", "11:20"]


@pytest.mark.parametrize("hosts", [1, 3])
def test_a_month_of_slots_takes_four_queries_however_many_hosts(
    tenant: Tenant,
    frozen: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    hosts: int,
) -> None:
    people = [tenant.owner, tenant.mate, tenant.admin][:hosts]
    calendar = make_calendar(tenant.sub_account, people)
    for user in people:
        DateOverride.objects.create(schedule=open_mornings(user, tenant.sub_account), day=MONDAY)
        source = make_source(user, tenant.sub_account)
        for day in range(3):
            block(
                user, tenant.sub_account, MONDAY_NINE + timedelta(days=day), source=source, key="1"
            )
    asked = (int(NOW.timestamp()), int((NOW + timedelta(days=30)).timestamp()))
    calendar = Calendar.objects.select_related("sub_account").get(pk=calendar.pk)

    with django_assert_num_queries(4):
        offer = load(calendar, asked=asked, now=NOW)

    assert len(offer.hosts) == hosts
    assert len(offer.slots()) > 20
