from datetime import timedelta

import pytest

from accounts.models import User
from calendars.models import Appointment, Calendar, Meeting
from calendars.services.booking import book, book_for_guest
from tests.calendars.kinds import seat
from tests.calendars.scenes import (
    MONDAY_NINE,
    NOW,
    WALK_IN,
    make_calendar,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

ELEVEN = MONDAY_NINE + timedelta(hours=2)


@pytest.fixture
def pair(tenant: Tenant, calendar: Calendar) -> Calendar:
    """The owner first, the mate second."""
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    return calendar


def chosen(calendar: Calendar) -> tuple[User, str]:
    """Who gets Monday at eleven, and why."""
    part = book(wish(calendar, ELEVEN), now=NOW).meeting.hosts.get()
    return part.person, part.chosen_because


def give(user: User, calendar: Calendar, days: int = 0) -> Appointment:
    """An appointment of this host with another calendar, at nine."""
    own = make_calendar(calendar.sub_account, [user], slug=f"own-{user.pk}-{days}")
    return book(wish(own, MONDAY_NINE + timedelta(days=days)), now=NOW)


def test_the_higher_priority_goes_first(tenant: Tenant, pair: Calendar) -> None:
    pair.calendarhost_set.filter(user=tenant.mate).update(priority=3)

    assert chosen(pair) == (tenant.mate, "highest priority")


@pytest.mark.parametrize(
    ("owner", "mate", "expected"),
    [
        # Who was given none has the middle one.
        ({}, {"priority": 1}, ("Owner", "highest priority")),
        ({}, {"priority": 2}, ("Owner", "first in the host order")),
        ({}, {"priority": 3}, ("Mate", "highest priority")),
        ({"priority": 1}, {}, ("Mate", "highest priority")),
        ({"priority": 3}, {"priority": 3}, ("Owner", "first in the host order")),
    ],
)
def test_priorities_are_high_medium_and_low(
    tenant: Tenant,
    pair: Calendar,
    owner: dict[str, int],
    mate: dict[str, int],
    expected: tuple[str, str],
) -> None:
    for user, given in ((tenant.owner, owner), (tenant.mate, mate)):
        if given:
            pair.calendarhost_set.filter(user=user).update(**given)

    user, why = chosen(pair)
    assert (str(user), why) == expected


def test_fewer_appointments_nearby_count_next(tenant: Tenant, pair: Calendar) -> None:
    give(tenant.owner, pair)

    assert chosen(pair) == (tenant.mate, "fewest appointments within 24 hours")


def test_appointments_further_away_or_cancelled_do_not_count(
    tenant: Tenant, pair: Calendar
) -> None:
    give(tenant.owner, pair, days=2)
    cancelled = give(tenant.owner, pair)
    Appointment.objects.filter(pk=cancelled.pk).update(status=Appointment.Status.CANCELLED)

    assert chosen(pair) == (tenant.owner, "first in the host order")


def test_the_one_assigned_longest_ago_counts_then(tenant: Tenant, pair: Calendar) -> None:
    for days, ago in ((2, 1), (3, 2)):
        appointment = book(wish(pair, MONDAY_NINE + timedelta(days=days)), now=NOW)
        part = appointment.meeting.hosts.get()
        part.user = tenant.owner if days == 2 else tenant.mate
        part.save()
        Meeting.objects.filter(pk=appointment.meeting_id).update(
            created_at=NOW - timedelta(hours=ago)
        )

    assert chosen(pair) == (tenant.mate, "least recently assigned")


@pytest.mark.parametrize(
    ("hours", "counts"),
    [(-24, False), (-23.5, True), (-1, True), (1, True), (23.5, True), (24, False), (48, False)],
)
def test_appointments_within_24_hours_on_either_side_count(
    tenant: Tenant,
    pair: Calendar,
    hours: float,
    counts: bool,  # noqa: FBT001
) -> None:
    own = make_calendar(pair.sub_account, [tenant.owner], slug="own")
    start = ELEVEN + timedelta(hours=hours)
    book_for_guest(own, start, WALK_IN, by=tenant.owner, now=NOW, anyway=True)

    assert chosen(pair) == (
        (tenant.mate, "fewest appointments within 24 hours")
        if counts
        else (tenant.owner, "first in the host order")
    )


def test_each_guest_of_a_shared_meeting_counts(tenant: Tenant, pair: Calendar) -> None:
    give(tenant.owner, pair)
    yoga = make_calendar(
        pair.sub_account, [tenant.mate], slug="yoga", name="Yoga", kind="class", seats=2
    )
    for name in ("Ann", "Bob"):
        seat(yoga, name)

    assert chosen(pair) == (tenant.owner, "fewest appointments within 24 hours")


def test_appointments_that_were_handed_over_do_not_count(tenant: Tenant, pair: Calendar) -> None:
    given = give(tenant.owner, pair)
    given.meeting.hosts.update(is_serving=False)

    assert chosen(pair) == (tenant.owner, "first in the host order")
