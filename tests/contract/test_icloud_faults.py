"""Answers that are none: whatever comes over the wire, it is never an empty calendar."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import bodies, changes, listing
from integrations.caldav.discovery import list_calendars
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    Reason,
    RefusedAddress,
    TokenRejected,
    Unreachable,
)
from tests.contract.servers import Site, event
from tests.fakes.icloud import ICloudServer, Misdeed
from tests.fakes.icloud.faults import (
    EVER,
    answering,
    empty_multistatus,
    huge,
    redirecting,
    web_page,
)


@pytest.fixture
def client(simulated: Site) -> Iterator[Client]:
    with simulated.client() as client:
        yield client


Reading = Callable[[Client, Site], object]
READINGS: dict[str, Reading] = {
    "list": lambda client, site: list_calendars(client, site.home),
    "changes": lambda client, site: changes(client, site.calendar, ""),
    "listing": lambda client, site: listing(client, site.calendar),
    "bodies": lambda client, site: bodies(client, site.calendar, [f"{site.calendar}x.ics"]),
    "get": lambda client, site: client.get(f"{site.calendar}x.ics"),
}
FAULTS = {
    "502": (answering(502), {Reason.SERVER_ERROR}),
    "reset before": (Misdeed(reset="before"), {Reason.CONNECTION}),
    "reset during": (Misdeed(reset="during"), {Reason.CONNECTION}),
    "reset after": (Misdeed(reset="after"), {Reason.CONNECTION}),
    "cut off": (Misdeed(cut=60), {Reason.CONNECTION}),
    "web page": (web_page(), {Reason.NOT_CALDAV}),
    "huge": (huge(20_000_000), {Reason.TOO_LARGE}),
}


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_none_is_never_an_empty_one(
    simulated: Site, icloud: ICloudServer, reading: str, fault: str
) -> None:
    icloud.put(f"{simulated.calendar}x.ics", event("x"))
    misdeed, reasons = FAULTS[fault]
    icloud.faults.add(misdeed, times=EVER)

    with simulated.client() as client, pytest.raises(Unreachable) as caught:
        READINGS[reading](client, simulated)

    assert caught.value.reason in reasons
    icloud.relent()
    with simulated.client() as client:
        READINGS[reading](client, simulated)


@pytest.mark.parametrize("reading", ["list", "changes", "listing"])
@pytest.mark.parametrize("misdeed", [empty_multistatus(), Misdeed(shorten=120)])
def test_an_empty_or_truncated_multistatus_is_no_listing(
    simulated: Site, icloud: ICloudServer, reading: str, misdeed: Misdeed
) -> None:
    icloud.put(f"{simulated.calendar}x.ics", event("x"))
    icloud.faults.add(misdeed, times=EVER)

    with simulated.client() as client, pytest.raises(Unreachable) as caught:
        READINGS[reading](client, simulated)

    assert caught.value.reason is Reason.NOT_CALDAV


def test_an_empty_answer_to_a_delta_means_the_token_is_no_good(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.put(f"{simulated.calendar}x.ics", event("x"))
    token = changes(client, simulated.calendar, "").token
    icloud.faults.add(empty_multistatus())

    with pytest.raises(TokenRejected):
        changes(client, simulated.calendar, token)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_credentials_are_not_taken_to_another_host(
    simulated: Site, icloud: ICloudServer, status: int
) -> None:
    with ICloudServer() as elsewhere:
        icloud.faults.add(redirecting(f"{elsewhere.url}/x/", status=status), times=EVER)

        with simulated.client() as client, pytest.raises(CalDAVError) as caught:
            list_calendars(client, simulated.home)

        assert elsewhere.requests == []
    assert isinstance(caught.value, RefusedAddress | Unreachable)


def test_a_redirect_in_circles_ends(simulated: Site, client: Client, icloud: ICloudServer) -> None:
    icloud.faults.add(redirecting(f"{icloud.url}{simulated.home}"), times=EVER)

    with pytest.raises(CalDAVError):
        list_calendars(client, simulated.home)

    assert len(icloud.requests) <= 6


def test_a_kept_connection_that_ended_is_opened_anew_for_reading(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.quirks.connection_serves = 1

    for _ in range(3):
        assert list_calendars(client, simulated.home)


def test_a_write_on_a_connection_that_ended_is_sent_once_at_most(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.quirks.connection_serves = 1
    href = f"{simulated.calendar}x.ics"
    list_calendars(client, simulated.home)
    icloud.clear()

    with suppress(Unreachable):  # whether the end was noticed in time is up to the system
        client.put(href, event("x"), create=True)

    assert icloud.requests == [("PUT", href)] * icloud.has(href)


def test_a_bare_403_on_a_list_is_a_loss_of_access(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.refuse("PROPFIND", simulated.home, 403)

    with pytest.raises(Forbidden):
        list_calendars(client, simulated.home)
