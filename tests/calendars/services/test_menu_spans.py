"""Services of a menu that follow one another: which times are offered, and what is taken."""

from datetime import datetime, timedelta

import pytest

from calendars.models import Calendar
from calendars.services.combining import combined
from calendars.services.offering import slots_on
from tests.calendars.asking import BERLIN, MONDAY
from tests.calendars.menus import book_services, make_menu, make_service, minutes, services_in
from tests.calendars.scenes import MONDAY_NINE, NOW, open_mornings, taken_of
from tests.conftest import Tenant

HALF_HOURS = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
# Minutes: how long it takes, and its buffers before and after.
SERVICES = {"Cut": (30, 5, 10), "Colour": (60, 20, 15), "Drying": (15, 0, 30)}


@pytest.fixture
def services(tenant: Tenant, frozen: None) -> dict[str, Calendar]:
    """All of them by the owner, from nine to twelve, every half hour."""
    open_mornings(tenant.owner, tenant.sub_account)
    menu = make_menu(tenant)
    return {
        name: make_service(
            menu,
            name,
            takes,
            [tenant.owner],
            buffer_before=minutes(before),
            buffer_after=minutes(after),
        )
        for name, (takes, before, after) in SERVICES.items()
    }


def clock(at: datetime) -> str:
    return f"{at.astimezone(BERLIN):%H:%M}"


@pytest.mark.parametrize(
    ("chosen", "last_offered", "ends", "taken"),
    [
        (["Cut"], "11:30", "09:30", ("08:55", "09:40")),
        (["Colour"], "11:00", "10:00", ("08:40", "10:15")),
        (["Drying"], "11:30", "09:15", ("09:00", "09:45")),
        (["Cut", "Colour"], "10:30", "10:30", ("08:55", "10:45")),
        (["Colour", "Cut"], "10:30", "10:30", ("08:40", "10:40")),
        (["Cut", "Drying"], "11:00", "09:45", ("08:55", "10:15")),
        (["Drying", "Cut"], "11:00", "09:45", ("09:00", "09:55")),
        (["Cut", "Colour", "Drying"], "10:00", "10:45", ("08:55", "11:15")),
        (["Drying", "Colour", "Cut"], "10:00", "10:45", ("09:00", "10:55")),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, list) else None,
)
def test_durations_follow_one_another_with_buffers_at_the_outer_ends(
    tenant: Tenant,
    services: dict[str, Calendar],
    chosen: list[str],
    last_offered: str,
    ends: str,
    taken: tuple[str, str],
) -> None:
    wanted = [services[name] for name in chosen]
    offered = slots_on(combined(wanted), MONDAY, BERLIN, now=NOW)

    booked = book_services(wanted)

    times = [clock(datetime.fromtimestamp(slot.start, BERLIN)) for slot in offered]
    assert times == HALF_HOURS[: HALF_HOURS.index(last_offered) + 1]
    assert (booked.meeting.starts_at, clock(booked.meeting.ends_at)) == (MONDAY_NINE, ends)
    assert [(clock(start), clock(end)) for start, end in taken_of(tenant.owner)] == [taken]
    in_order = [(name, timedelta(minutes=SERVICES[name][0])) for name in chosen]
    assert services_in(booked) == (in_order if len(chosen) > 1 else [])
