"""A meeting keeps the length and the buffers it was booked with, whatever its calendar says now."""

from datetime import datetime, time, timedelta

import pytest

from calendars.models import Calendar
from calendars.services.booking import book, book_for_guest
from calendars.services.offering import slots
from tests.calendars.asking import BERLIN, MONDAY, change, clock
from tests.calendars.kinds import make_class, seat
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    block,
    make_calendar,
    make_source,
    wish,
)
from tests.conftest import Tenant

TEN = MONDAY_NINE + 2 * HALF_HOUR
ALL_MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
HOUR, NOTHING = timedelta(hours=1), timedelta(0)


@pytest.mark.parametrize(
    ("after", "today", "offered"),
    [
        # Ten to half past ten is taken, with the quarter of an hour after it or without.
        (NOTHING, NOTHING, ["09:00", "09:30", "10:30", "11:00", "11:30"]),
        (HALF_HOUR / 2, NOTHING, ["09:00", "09:30", "11:00", "11:30"]),
        (HALF_HOUR / 2, HALF_HOUR / 2, ["09:00", "11:00", "11:30"]),
        (NOTHING, HALF_HOUR / 2, ["09:00", "10:30", "11:00", "11:30"]),
    ],
)
def test_a_meeting_keeps_the_buffer_it_was_booked_with(
    calendar: Calendar, after: timedelta, today: timedelta, offered: list[str]
) -> None:
    book(wish(change(calendar, buffer_after=after), TEN), now=NOW)

    assert clock(change(calendar, buffer_after=today)) == offered


@pytest.mark.parametrize(
    ("booked_with", "busy_from", "offered"),
    [
        ({"buffer_after": HOUR}, 60, ["09:00", "09:30", "11:30"]),
        ({"buffer_before": HOUR}, -45, ["10:30", "11:00", "11:30"]),
        ({"duration": 2 * HOUR}, 90, ["09:00", "09:30"]),
        ({}, 30, ["09:00", "09:30", "10:00", "11:00", "11:30"]),
        ({}, -30, ["09:00", "10:00", "10:30", "11:00", "11:30"]),
    ],
    ids=["buffer after", "buffer before", "length", "as today, busy next", "as today, busy before"],
)
def test_page_and_submit_agree_on_a_class_that_was_booked_by_other_rules(
    tenant: Tenant,
    frozen: None,
    booked_with: dict[str, timedelta],
    busy_from: int,
    offered: list[str],
) -> None:
    yoga = make_class(tenant, seats=3, **booked_with)
    seat(yoga, "Ann", TEN)
    today = change(yoga, duration=HALF_HOUR, buffer_before=NOTHING, buffer_after=NOTHING)
    busy = TEN + timedelta(minutes=busy_from)
    icloud = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, busy, minutes=30, source=icloud, key="1")

    assert clock(today) == offered
    assert [at for at in ALL_MORNING if can_be_booked(today, at)] == offered


def test_page_and_submit_agree_on_a_class_that_was_booked_over_something(
    tenant: Tenant, frozen: None
) -> None:
    """From ten to twelve, over a talk at half past eleven: nobody joins it."""
    yoga = make_class(tenant, seats=3, duration=2 * HOUR)
    talk = make_calendar(tenant.sub_account, [tenant.owner], slug="talk")
    seat(talk, "Ann", TEN + 3 * HALF_HOUR)
    book_for_guest(yoga, TEN, WALK_IN, by=tenant.owner, now=NOW, anyway=True)
    today = change(yoga, duration=HALF_HOUR)

    assert clock(today) == ["09:00", "09:30"]
    assert [at for at in ALL_MORNING if can_be_booked(today, at)] == ["09:00", "09:30"]


def can_be_booked(calendar: Calendar, at: str) -> bool:
    """Whether exactly that time is offered to whoever sends the form."""
    start = datetime.combine(MONDAY, time.fromisoformat(at), BERLIN)
    second = timedelta(seconds=1)
    return slots(calendar, first=start, last=start + second, now=NOW) != []
