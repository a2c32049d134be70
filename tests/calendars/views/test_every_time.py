"""Each time of some days, of each kind of calendar, over HTTP: what is offered can be booked, and
what is not is refused for a reason."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from calendars.engine.hosts import Reason
from calendars.models import Appointment, Calendar
from calendars.services.availability import load
from calendars.services.booking import book
from calendars.services.openings import sent_as
from tests.calendars.kinds import make_class, make_collective, make_pair, make_simple
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, block, make_source, wish
from tests.calendars.views.test_public import send, starts_in
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("frozen")

# `make sweep-slots` asks for each quarter of an hour of more days.
DAYS = int(os.environ.get("TIMES_OF_DAYS", "1"))
QUARTER = timedelta(minutes=15)
Make = Callable[[Tenant], Calendar]

KINDS: dict[str, Make] = {
    "round robin": lambda tenant: make_pair(tenant, seats=1, buffer_after=QUARTER),
    "round robin with seats": lambda tenant: make_pair(tenant, seats=2),
    "collective": lambda tenant: make_collective(tenant, buffer_before=QUARTER),
    "class": lambda tenant: make_class(tenant, seats=1),
    "service": lambda tenant: make_pair(tenant, seats=1, kind="service", daily_limit=3),
    "simple": lambda tenant: make_simple(tenant, notice=1),
}


def make_busy(tenant: Tenant, calendar: Calendar) -> None:
    """Events of both hosts, time blocked by hand, and two meetings of the calendar's own."""
    here = tenant.sub_account
    for user, hours in ((tenant.owner, 1), (tenant.mate, 2)):
        source = make_source(user, here)
        block(user, here, MONDAY_NINE + timedelta(hours=hours), source=source, minutes=10)
        block(user, here, MONDAY_NINE + timedelta(days=1, hours=hours))
    for start in (MONDAY_NINE, MONDAY_NINE + 3 * HALF_HOUR):
        book(wish(calendar, start), now=NOW)


def every_time() -> Iterator[datetime]:
    """From an hour before the mornings to an hour after them."""
    for day in range(DAYS):
        first = MONDAY_NINE + timedelta(days=day, hours=-1)
        yield from (first + number * QUARTER for number in range(5 * 4))


def reason(calendar: Calendar, start: datetime) -> Reason | None:
    second = int(start.timestamp())
    return load(calendar, asked=(second, second + 1), now=NOW).verdict(second).reason


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_what_is_offered_can_be_booked_and_what_is_not_is_refused_for_a_reason(
    client: Client, tenant: Tenant, make: Make
) -> None:
    calendar = make(tenant)
    make_busy(tenant, calendar)
    page = f"/book/riverside/{calendar.slug}/"
    days = sorted({start.date() for start in every_time()})
    offered = {time for day in days for time in starts_in(client.get(page, {"date": f"{day}"}))}
    booked = set()

    for start in every_time():
        with transaction.atomic():
            before = Appointment.objects.count()
            answer = send(client, calendar, page, start=sent_as(start))
            found = Appointment.objects.order_by("-pk").first()
            if answer.status_code == 302 and found and found.meeting.starts_at == start:
                booked.add(sent_as(start))
            assert Appointment.objects.count() - before == (answer.status_code == 302)
            transaction.set_rollback(True)
        assert (reason(calendar, start) is None) is (sent_as(start) in offered)

    assert booked == offered
    assert 0 < len(offered) < len([*every_time()])
    assert all(datetime.fromisoformat(time).tzinfo == UTC for time in offered)
