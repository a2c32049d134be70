from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from integrations.caldav.client import Client
from tests.contract import servers
from tests.contract.servers import Site

NUMBERS = count(1)


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def shared(request: pytest.FixtureRequest) -> Iterator[Site]:
    with getattr(servers, request.param)() as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Site:
    """A server with a calendar of the test's own, and a clean list of requests."""
    name = f"calendar-{next(NUMBERS)}"
    fresh = replace(
        shared, calendar=shared.server.make_calendar(f"{shared.home}{name}/", f"Name of {name}")
    )
    shared.server.clear()
    return fresh


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with site.client() as client:
        yield client


@pytest.fixture(scope="module")
def radicale() -> Iterator[Site]:
    with servers.radicale() as site:
        yield site
