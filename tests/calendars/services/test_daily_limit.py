"""Daily limits: so many meetings a day, of round robin for each host."""

import pytest

from calendars.engine.slots import Reason
from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from calendars.services.moving import reschedule
from calendars.services.refusals import SlotTaken
from tests.calendars.asking import TUESDAY, change, clock, give, verdict
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    add_host,
    make_calendar,
    wish,
)
from tests.conftest import Tenant


def test_a_host_of_round_robin_serves_so_many_a_day(tenant: Tenant, calendar: Calendar) -> None:
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
    tenant: Tenant, calendar: Calendar
) -> None:
    add_host(calendar, tenant.mate)
    limited = change(calendar, daily_limit=1)
    for user in (tenant.owner, tenant.mate):
        give(limited, user, [MONDAY_NINE])

    assert clock(limited) == []
    assert verdict(limited, MONDAY_NINE + HALF_HOUR).reason is Reason.DAYLIMIT
    with pytest.raises(SlotTaken):
        book(wish(limited, MONDAY_NINE + HALF_HOUR), now=NOW)


def test_a_service_serves_so_many_a_day_whoever_does(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    limited = change(calendar, kind="service", daily_limit=2)
    give(limited, tenant.owner, [MONDAY_NINE, MONDAY_NINE + HALF_HOUR])

    assert clock(limited) == []
    assert len(clock(limited, TUESDAY)) == 6


def test_cancelled_meetings_and_those_of_other_calendars_do_not_count(
    tenant: Tenant, calendar: Calendar
) -> None:
    limited = change(calendar, daily_limit=1)
    other = make_calendar(tenant.sub_account, [tenant.owner], slug="other")
    book(wish(other, MONDAY_NINE), now=NOW)
    [cancelled] = give(limited, tenant.owner, [MONDAY_NINE + HALF_HOUR])
    Appointment.objects.filter(pk=cancelled.pk).update(status="cancelled")

    assert clock(limited) == ["10:00", "10:30", "11:00", "11:30"]


def test_days_are_those_of_the_calendars_zone(tenant: Tenant, calendar: Calendar) -> None:
    # In Kiritimati, 14 hours ahead, Tuesday begins at eleven on Monday in Berlin.
    limited = change(calendar, daily_limit=1, time_zone="Pacific/Kiritimati")
    give(limited, tenant.owner, [MONDAY_NINE + 4 * HALF_HOUR])

    assert clock(limited) == ["09:00", "09:30", "10:00", "10:30"]
    assert clock(limited, TUESDAY) == ["11:00", "11:30"]


def test_a_meeting_that_moves_makes_room_for_itself(tenant: Tenant, calendar: Calendar) -> None:
    limited = change(calendar, daily_limit=1)
    [appointment] = give(limited, tenant.owner, [MONDAY_NINE])

    moved = reschedule(appointment, MONDAY_NINE + HALF_HOUR, now=NOW)

    assert moved.meeting.starts_at == MONDAY_NINE + HALF_HOUR
