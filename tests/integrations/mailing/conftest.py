"""A calendar that can be booked, and what is booked on it, on a Sunday noon."""

from collections.abc import Iterator

import pytest
import time_machine

from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from tests.calendars.scenes import NOW, make_calendar, open_mornings, wish
from tests.conftest import Tenant


@pytest.fixture
def calendar(tenant: Tenant) -> Iterator[Calendar]:
    """The owner's mornings; it is noon on the Sunday before."""
    with time_machine.travel(NOW, tick=False):
        open_mornings(tenant.owner, tenant.sub_account)
        yield make_calendar(tenant.sub_account, [tenant.owner], location="Quay 4")


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar, notes="Second floor", phone="030 1"), now=NOW)
