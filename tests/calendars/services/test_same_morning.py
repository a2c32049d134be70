"""The same thing happens on a calendar of each kind: what is offered afterwards.

Owner and mate are open from nine to twelve, and a class is the owner's. Meetings take half an hour.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from calendars.models import Calendar
from tests.calendars.asking import change, clock
from tests.calendars.kinds import make_class, make_collective, make_pair, make_simple, seat
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, block, make_source
from tests.conftest import Tenant

HALF_PAST_NINE = MONDAY_NINE + HALF_HOUR
ALL = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
FROM_HALF_PAST_NINE, FROM_TEN = ALL[1:], ALL[2:]
NONE: list[str] = []
Happens = Callable[[Tenant, Calendar], object]


def nothing(tenant: Tenant, calendar: Calendar) -> None:
    pass


def the_owner_blocks_an_hour(tenant: Tenant, calendar: Calendar) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)


def the_owner_has_an_event(tenant: Tenant, calendar: Calendar) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")


def the_owner_goes_stale(tenant: Tenant, calendar: Calendar) -> None:
    """By a second: the limit is 24 hours."""
    long_ago = NOW - timedelta(hours=24, seconds=1)
    make_source(tenant.owner, tenant.sub_account, last_read_at=long_ago)


def one_comes(tenant: Tenant, calendar: Calendar) -> None:
    seat(calendar, "Ann")


def two_come(tenant: Tenant, calendar: Calendar) -> None:
    seat(calendar, "Ann")
    seat(calendar, "Bob")


def make(tenant: Tenant, kind: str, **fields: Any) -> Calendar:
    """A calendar of that kind, with those settings."""
    values = {"seats": 1, "notice": 0, **fields}
    match kind:
        case "class":
            made = make_class(tenant, **values)
        case "collective":
            made = make_collective(tenant, **values)
        case "simple":
            made = make_simple(tenant, **values)
        case _:
            made = make_pair(tenant, kind=kind, **values)
    return change(made)


def rows(
    happens: Happens, offered: dict[str, list[str]], **fields: Any
) -> list[tuple[str, dict[str, Any], Happens, list[str]]]:
    """One for each kind."""
    return [(kind, fields, happens, times) for kind, times in offered.items()]


TABLE = [
    *rows(
        nothing,
        {"round_robin": ALL, "service": ALL, "collective": ALL, "class": ALL, "simple": ALL},
    ),
    # Round robin and service go on without a host, whatever keeps them; nobody's time keeps Simple.
    *rows(
        the_owner_blocks_an_hour,
        {
            "round_robin": ALL,
            "service": ALL,
            "collective": FROM_TEN,
            "class": FROM_TEN,
            "simple": ALL,
        },
    ),
    *rows(
        the_owner_has_an_event,
        {
            "round_robin": ALL,
            "service": ALL,
            "collective": FROM_TEN,
            "class": FROM_TEN,
            "simple": ALL,
        },
    ),
    *rows(
        the_owner_goes_stale,
        {"round_robin": ALL, "service": ALL, "collective": NONE, "class": NONE, "simple": ALL},
    ),
    *rows(
        one_comes,
        {
            "round_robin": ALL,
            "service": ALL,
            "collective": FROM_HALF_PAST_NINE,
            "class": FROM_HALF_PAST_NINE,
            "simple": FROM_HALF_PAST_NINE,
        },
    ),
    *rows(
        two_come,
        {"round_robin": FROM_HALF_PAST_NINE, "service": FROM_HALF_PAST_NINE},
    ),
    # Two seats in a meeting, of each host; a collective meeting has one, always.
    *rows(
        one_comes,
        {
            "round_robin": ALL,
            "service": ALL,
            "collective": FROM_HALF_PAST_NINE,
            "class": ALL,
            "simple": ALL,
        },
        seats=2,
    ),
    *rows(
        two_come,
        {
            "round_robin": ALL,
            "service": ALL,
            "class": FROM_HALF_PAST_NINE,
            "simple": FROM_HALF_PAST_NINE,
        },
        seats=2,
    ),
    # One meeting a day, of round robin for each host.
    *rows(
        one_comes,
        {"round_robin": ALL, "service": NONE, "collective": NONE, "class": NONE, "simple": NONE},
        daily_limit=1,
    ),
    # Two meetings a day: a shared one counts once, however many come.
    *rows(
        two_come,
        {
            "round_robin": ALL,
            "service": ALL,
            "class": ALL,
            "simple": ALL,
        },
        daily_limit=2,
        seats=3,
    ),
    # A full day still fills the seats of its meeting; the mate has none yet.
    *rows(
        two_come,
        {"round_robin": ALL, "service": ["09:00"], "class": ["09:00"], "simple": ["09:00"]},
        daily_limit=1,
        seats=3,
    ),
]


@pytest.mark.parametrize(
    ("kind", "settings", "happens", "offered"),
    TABLE,
    ids=[
        " ".join((kind, happens.__name__, *(f"{name}={value}" for name, value in settings.items())))
        for kind, settings, happens, _ in TABLE
    ],
)
def test_each_kind_offers_what_is_left(
    tenant: Tenant,
    frozen: None,
    kind: str,
    settings: dict[str, Any],
    happens: Happens,
    offered: list[str],
) -> None:
    calendar = make(tenant, kind, **settings)

    happens(tenant, calendar)

    assert clock(calendar) == offered


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("round_robin", 3), ("collective", 3), ("simple", 3), ("class", 6), ("service", 6)],
)
def test_classes_and_services_never_look_busy(
    tenant: Tenant, frozen: None, kind: str, shown: int
) -> None:
    """Half of six times are hidden, where a kind looks busy."""
    assert len(clock(make(tenant, kind, look_busy=50))) == shown
