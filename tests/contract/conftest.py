"""Every server in turn, and for each test a calendar of its own on it.

``site`` is each of the three, ``signed`` each of those with accounts, passwords and rights, and
``simulated`` the imitation of iCloud alone.
"""

from collections.abc import Iterator
from itertools import count

import pytest

from integrations.caldav.client import Client
from tests.contract import servers
from tests.contract.servers import Site
from tests.fakes.icloud import ICloudServer, Quirks
from tests.fakes.radicale_server import RadicaleServer

NUMBERS = count(1)


@pytest.fixture(scope="session")
def icloud_site() -> Iterator[Site]:
    with servers.icloud() as site:
        yield site


@pytest.fixture(scope="session")
def radicale_site() -> Iterator[Site]:
    with servers.radicale() as site:
        yield site


@pytest.fixture(scope="session")
def xandikos_site() -> Iterator[Site]:
    with servers.xandikos() as site:
        yield site


def fresh(shared: Site) -> Site:
    """With nothing left of the tests before: no faults, no requests, iCloud's own quirks."""
    site = shared.fresh(next(NUMBERS))
    if isinstance(site.server, ICloudServer):
        vars(site.server.quirks).update(vars(Quirks()))
    site.server.relent()
    site.server.clear()
    return site


@pytest.fixture(params=["icloud", "radicale", "xandikos"])
def site(request: pytest.FixtureRequest) -> Site:
    return fresh(request.getfixturevalue(f"{request.param}_site"))


@pytest.fixture(params=["icloud", "radicale"])
def signed(request: pytest.FixtureRequest) -> Site:
    return fresh(request.getfixturevalue(f"{request.param}_site"))


@pytest.fixture
def accounts(signed: Site) -> ICloudServer | RadicaleServer:
    """The same server, as one that can do more."""
    assert isinstance(signed.server, ICloudServer | RadicaleServer)
    return signed.server


@pytest.fixture
def simulated(icloud_site: Site) -> Site:
    return fresh(icloud_site)


@pytest.fixture
def icloud(simulated: Site) -> ICloudServer:
    assert isinstance(simulated.server, ICloudServer)
    return simulated.server


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with site.client() as client:
        yield client
