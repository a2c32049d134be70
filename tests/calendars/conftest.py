from collections.abc import Iterator

import pytest
import time_machine

from calendars.models import Calendar
from tests.calendars.scenes import NOW, make_calendar, open_mornings
from tests.conftest import Tenant


@pytest.fixture
def frozen() -> Iterator[None]:
    """It is `NOW` for as long as the test lasts."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def calendar(tenant: Tenant, frozen: None) -> Calendar:
    """The owner's mornings, as a round robin with one host."""
    open_mornings(tenant.owner, tenant.sub_account)
    return make_calendar(tenant.sub_account, [tenant.owner])
