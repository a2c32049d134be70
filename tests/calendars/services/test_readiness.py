from datetime import date, timedelta

import pytest

from calendars.models import Calendar, CalendarHost, DateOverride, Schedule
from calendars.services.readiness import Gap, HoursFrom, gaps, host_states
from tests.calendars.asking import clock
from tests.calendars.scenes import NOW, make_calendar, make_source, open_mornings
from tests.conftest import Tenant


def hours(calendar: Calendar) -> dict[str, tuple[HoursFrom, bool]]:
    return {
        state.host.user.full_name: (state.hours_from, state.is_open)
        for state in host_states(calendar, now=NOW)
    }


def test_each_host_has_custom_hours_default_ones_or_none(
    tenant: Tenant, calendar: Calendar
) -> None:
    for user in (tenant.mate, tenant.admin):
        CalendarHost.objects.create(calendar=calendar, user=user, position=1)
    open_mornings(tenant.mate, tenant.sub_account, calendar=calendar)
    elsewhere = make_calendar(tenant.sub_account, slug="elsewhere")
    open_mornings(tenant.admin, tenant.sub_account, calendar=elsewhere)

    assert hours(calendar) == {
        "Owner": (HoursFrom.DEFAULT, True),
        "Mate": (HoursFrom.CUSTOM, True),
        "Admin": (HoursFrom.NOWHERE, False),
    }


def test_custom_hours_that_are_empty_close_a_host_who_has_default_ones(
    tenant: Tenant, calendar: Calendar
) -> None:
    Schedule.objects.create(sub_account=tenant.sub_account, user=tenant.owner, calendar=calendar)

    assert hours(calendar) == {"Owner": (HoursFrom.CUSTOM, False)}


def test_hours_of_dates_ahead_are_hours_and_closed_or_passed_dates_are_none(
    tenant: Tenant, calendar: Calendar
) -> None:
    schedule = Schedule.objects.create(
        sub_account=tenant.sub_account, user=tenant.owner, calendar=calendar
    )
    DateOverride.objects.create(schedule=schedule, day=date(2026, 2, 28), opens=540, closes=600)
    DateOverride.objects.create(schedule=schedule, day=date(2026, 3, 9))
    before = hours(calendar)
    DateOverride.objects.create(schedule=schedule, day=date(2026, 3, 2), opens=540, closes=600)

    assert before == {"Owner": (HoursFrom.CUSTOM, False)}
    assert hours(calendar) == {"Owner": (HoursFrom.CUSTOM, True)}


def test_what_is_missing_is_said_in_the_order_in_which_it_is_best_filled(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate)
    CalendarHost.objects.create(calendar=calendar, user=other_tenant.owner)  # no member: unseen
    assert gaps(calendar, host_states(calendar, now=NOW), now=NOW) == [
        Gap("Mate has no hours and is never offered.", is_serious=True),
        Gap(
            "No calendar of Owner is checked for conflicts: what stands in it does not keep their"
            " time free.",
            is_serious=False,
        ),
    ]


def test_a_calendar_misses_nothing_whose_host_has_hours_and_a_conflict_calendar(
    tenant: Tenant, calendar: Calendar
) -> None:
    make_source(tenant.owner, tenant.sub_account)

    assert gaps(calendar, host_states(calendar, now=NOW), now=NOW) == []


@pytest.mark.parametrize(
    ("feed", "stale"),
    [
        ({}, False),
        ({"last_read_at": NOW - timedelta(hours=24)}, False),
        ({"last_read_at": NOW - timedelta(hours=24, seconds=1)}, True),
        ({"last_read_at": None}, True),
        ({"expanded_until": None}, True),
        ({"last_read_at": None, "is_blocking": False}, False),
        ({"last_read_at": None, "gone_at": NOW}, False),
    ],
    ids=str,
)
def test_whoever_reads_of_a_calendar_is_told_of_a_host_who_is_stale(
    tenant: Tenant,
    calendar: Calendar,
    feed: dict[str, object],
    stale: bool,  # noqa: FBT001
) -> None:
    make_source(tenant.owner, tenant.sub_account)
    make_source(tenant.owner, tenant.sub_account, **feed)

    told = gaps(calendar, host_states(calendar, now=NOW), now=NOW)

    text = (
        "A connected calendar of Owner has not been read yet, or not lately: they are not offered"
        " until it is."
    )
    assert told == ([Gap(text, is_serious=True)] if stale else [])
    assert (clock(calendar) == []) == stale


def test_a_collective_calendar_misses_a_second_host(tenant: Tenant, calendar: Calendar) -> None:
    make_source(tenant.owner, tenant.sub_account)
    calendar.kind = Calendar.Kind.COLLECTIVE

    assert gaps(calendar, host_states(calendar, now=NOW), now=NOW) == [
        Gap("It needs two hosts at least, who meet guests together.", is_serious=True)
    ]


def test_a_class_misses_nothing_that_only_its_second_host_lacks(
    tenant: Tenant, calendar: Calendar
) -> None:
    make_source(tenant.owner, tenant.sub_account)
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate, position=1)
    calendar.kind = Calendar.Kind.CLASS

    assert gaps(calendar, host_states(calendar, now=NOW), now=NOW) == []


def test_a_simple_calendar_misses_hours_and_no_hosts(tenant: Tenant, frozen: None) -> None:
    simple = make_calendar(tenant.sub_account, kind="simple")
    before = gaps(simple, host_states(simple, now=NOW), now=NOW)
    open_mornings(None, tenant.sub_account, calendar=simple)

    assert before == [Gap("It has no hours and is never offered.", is_serious=True)]
    assert gaps(simple, host_states(simple, now=NOW), now=NOW) == []


def test_a_calendar_without_hosts_has_nobody_to_be_booked(tenant: Tenant, frozen: None) -> None:
    empty = make_calendar(tenant.sub_account, kind="class")

    assert gaps(empty, host_states(empty, now=NOW), now=NOW) == [
        Gap("It has no hosts: there is nobody to be booked.", is_serious=True)
    ]
