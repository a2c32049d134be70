"""February's bookings given out again, seen from the first of March."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.engine.choice import Mode
from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from calendars.services.simulating import Share, Simulation, Trial, simulate
from tests.calendars.scenes import HALF_HOUR, NOW, add_host, block, make_calendar, wish
from tests.conftest import Tenant

FIRST = datetime(2026, 2, 2, 8, tzinfo=UTC)  # Monday the second, nine in Berlin
EVE = FIRST - timedelta(days=4)


def had(calendar: Calendar, user: User, starts: Sequence[datetime]) -> list[Appointment]:
    """Appointments of that host, booked one minute after the other."""
    made = [book(wish(calendar, start, host=user.pk), now=EVE) for start in starts]
    for minute, appointment in enumerate(made):
        Appointment.objects.filter(pk=appointment.pk).update(
            created_at=EVE + timedelta(minutes=minute)
        )
    return made


@pytest.fixture
def pair(tenant: Tenant, calendar: Calendar) -> Calendar:
    add_host(calendar, tenant.mate)
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def shares(simulation: Simulation) -> list[Share]:
    return list(simulation.shares)


def test_equal_distribution_would_have_shared_what_one_host_had(
    tenant: Tenant, pair: Calendar
) -> None:
    had(pair, tenant.owner, [FIRST + n * HALF_HOUR for n in range(4)])

    found = simulate(pair, Trial(Mode.EQUAL, {tenant.owner: 2, tenant.mate: 2}), now=NOW)

    assert (found.month, found.bookings, found.lost) == (date(2026, 2, 1), 4, ())
    assert shares(found) == [Share(tenant.owner, 4, 2), Share(tenant.mate, 0, 2)]
    assert [share.difference for share in found.shares] == [-2, 2]


def test_busy_time_and_other_calendars_meetings_are_in_the_way(
    tenant: Tenant, pair: Calendar
) -> None:
    other = make_calendar(tenant.sub_account, [tenant.mate], slug="other")
    had(pair, tenant.owner, [FIRST, FIRST + HALF_HOUR, FIRST + 2 * HALF_HOUR])
    book(wish(other, FIRST), now=EVE)
    block(tenant.mate, tenant.sub_account, FIRST + HALF_HOUR, minutes=30)

    found = simulate(pair, Trial(Mode.AVAILABILITY, {tenant.mate: 2}), now=NOW)

    assert shares(found) == [Share(tenant.mate, 0, 1), Share(tenant.owner, 3, 0)]
    assert [one.meeting.starts_at for one in found.lost] == [FIRST, FIRST + HALF_HOUR]


def test_only_last_months_held_appointments_of_this_calendar_are_given_out(
    tenant: Tenant, pair: Calendar
) -> None:
    [first, last, *_] = had(
        pair,
        tenant.owner,
        [
            datetime(2026, 1, 30, 8, tzinfo=UTC),
            datetime(2026, 3, 2, 8, tzinfo=UTC),
            FIRST,
            FIRST + HALF_HOUR,
        ],
    )
    Appointment.objects.exclude(pk__in=[first.pk, last.pk]).filter(meeting__starts_at=FIRST).update(
        status="cancelled"
    )

    found = simulate(pair, Trial(Mode.EQUAL, {tenant.mate: 2}), now=NOW)

    assert shares(found) == [Share(tenant.mate, 0, 1), Share(tenant.owner, 1, 0)]


def test_priorities_decide_for_availability(tenant: Tenant, pair: Calendar) -> None:
    had(pair, tenant.owner, [FIRST, FIRST + HALF_HOUR])

    found = simulate(pair, Trial(Mode.AVAILABILITY, {tenant.owner: 2, tenant.mate: 3}), now=NOW)

    assert shares(found) == [Share(tenant.owner, 2, 0), Share(tenant.mate, 0, 2)]


def test_a_member_without_hours_could_have_taken_nothing(tenant: Tenant, pair: Calendar) -> None:
    had(pair, tenant.owner, [FIRST])

    found = simulate(pair, Trial(Mode.EQUAL, {tenant.admin: 2}), now=NOW)

    assert len(found.lost) == 1


@pytest.mark.parametrize("bookings", [1, 4])
def test_it_takes_seven_queries_however_many_bookings(
    tenant: Tenant,
    pair: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    bookings: int,
) -> None:
    had(pair, tenant.owner, [FIRST + n * HALF_HOUR for n in range(bookings)])

    with django_assert_num_queries(7):
        found = simulate(pair, Trial(Mode.EQUAL, {tenant.owner: 2, tenant.mate: 2}), now=NOW)

    assert found.bookings == bookings
