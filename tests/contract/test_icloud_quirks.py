"""What only iCloud does, met by the client the product uses."""

from collections.abc import Iterator

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import bodies, changes, listing
from integrations.caldav.discovery import CalendarKind, discover, list_calendars
from integrations.caldav.errors import (
    NotFound,
    PreconditionFailed,
    RefusedAddress,
    Throttled,
    TokenRejected,
    UidConflict,
    Unauthorized,
    Unreachable,
)
from integrations.caldav.semantics import fingerprint
from tests.contract.servers import Site, event
from tests.fakes.icloud import ICloudServer, Misdeed

SYSTEM, EVENTS, REMINDERS = CalendarKind.SYSTEM, CalendarKind.EVENTS, CalendarKind.REMINDERS


@pytest.fixture
def client(simulated: Site) -> Iterator[Client]:
    with simulated.client() as client:
        yield client


def test_a_home_on_another_host_is_known_by_its_path(simulated: Site, client: Client) -> None:
    account = discover(client)

    assert account.home_path == simulated.home
    assert {found.path.split("/")[3]: found.kind for found in account.calendars} == {
        "inbox": SYSTEM,
        "outbox": SYSTEM,
        "notification": SYSTEM,
        "tasks": REMINDERS,
        simulated.calendar.split("/")[3]: EVENTS,
    }


def test_a_home_on_a_host_that_is_not_allowed_is_not_gone_to(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    elsewhere = (
        "<current-user-principal><href>http://127.0.0.1:9/x/</href></current-user-principal>"
    )
    body = (
        f'<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop>{elsewhere}</prop>'
        "<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    icloud.faults.add(Misdeed(207, {"Content-Type": "text/xml"}, body.encode()))

    with pytest.raises(RefusedAddress):
        discover(client)

    assert len(icloud.requests) == 1


@pytest.mark.parametrize("old", ["gone", "redirects", "serves"])
def test_the_partition_changes_and_nothing_is_lost(
    simulated: Site, icloud: ICloudServer, old: str
) -> None:
    with simulated.client() as client:
        before = discover(client)
    icloud.change_partition(old=old)  # type: ignore[arg-type]

    with simulated.client() as client:
        assert discover(client) == before


def test_requests_follow_a_redirect_with_credentials_and_body(
    simulated: Site, icloud: ICloudServer
) -> None:
    icloud.quirks.edge_redirects = True
    href = f"{simulated.calendar}x.ics"

    with simulated.client() as client:
        etag = client.put(href, event("x"), create=True)
        found = changes(client, simulated.calendar, "")

    assert found.changed == {href: etag}
    assert [(entry.host, entry.status) for entry in icloud.log] == [
        ("caldav", 301),
        (icloud.log[1].host, 201),
        ("caldav", 301),
        (icloud.log[1].host, 207),
    ]


@pytest.mark.parametrize("form", ["400", "403", "403-named", "404", "409", "410", "412", "507"])
def test_an_expired_token_is_known_in_every_form(
    simulated: Site, client: Client, icloud: ICloudServer, form: str
) -> None:
    icloud.quirks.expired_token = form  # type: ignore[assignment]
    token = changes(client, simulated.calendar, "").token
    etag = icloud.put(f"{simulated.calendar}x.ics", event("x"))
    icloud.expire_tokens(simulated.calendar)

    with pytest.raises(TokenRejected):
        changes(client, simulated.calendar, token)

    whole = changes(client, simulated.calendar, "")
    assert whole.changed == {f"{simulated.calendar}x.ics": etag}
    assert changes(client, simulated.calendar, whole.token).changed == {}


@pytest.mark.parametrize("form", ["", "with-slash", "without-slash"])
def test_the_calendar_itself_is_no_event(
    simulated: Site, client: Client, icloud: ICloudServer, form: str
) -> None:
    icloud.quirks.collection_as_member = form  # type: ignore[assignment]
    etag = icloud.put(f"{simulated.calendar}x.ics", event("x"))
    expected = {f"{simulated.calendar}x.ics": etag}

    assert changes(client, simulated.calendar, "").changed == expected
    assert listing(client, simulated.calendar).changed == expected


def test_a_ghost_is_missing_and_spoils_no_other(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    ghost, there = f"{simulated.calendar}ghost.ics", f"{simulated.calendar}there.ics"
    icloud.put(there, event("x"))
    icloud.add_ghost(ghost)

    listed = sorted(changes(client, simulated.calendar, "").changed)
    fetched = bodies(client, simulated.calendar, listed)

    assert listed == [ghost, there]
    assert ([found.href for found in fetched.found], fetched.missing) == (
        [there],
        frozenset({ghost}),
    )


def test_a_subscription_never_answers_like_an_empty_calendar(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.put(f"{simulated.calendar}x.ics", event("x"))
    token = changes(client, simulated.calendar, "").token
    icloud.become_subscribed(simulated.calendar, "https://example.test/h.ics")

    found = {each.path: each.kind for each in list_calendars(client, simulated.home)}

    assert found[simulated.calendar] is CalendarKind.SUBSCRIBED
    with pytest.raises(Unreachable):
        changes(client, simulated.calendar, "")
    with pytest.raises(TokenRejected):
        changes(client, simulated.calendar, token)


def test_statuses_that_are_empty_and_properties_that_are_missing(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.quirks.empty_statuses = True
    etag = icloud.put(f"{simulated.calendar}x.ics", event("x"))

    assert len(list_calendars(client, simulated.home)) == 5
    assert changes(client, simulated.calendar, "").changed == {f"{simulated.calendar}x.ics": etag}
    assert client.get(f"{simulated.calendar}x.ics").etag == etag


def test_without_markers_nothing_claims_to_be_unchanged(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.quirks.markers_in_home = False

    found = {each.path: each.marker for each in list_calendars(client, simulated.home)}

    assert found[simulated.calendar] == ""


def test_a_server_without_sync_is_read_by_its_listing(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    icloud.quirks.sync_collection = False
    etag = icloud.put(f"{simulated.calendar}x.ics", event("x"))

    [found] = [
        each for each in list_calendars(client, simulated.home) if each.path == simulated.calendar
    ]

    assert not found.supports_sync
    assert listing(client, simulated.calendar).changed == {f"{simulated.calendar}x.ics": etag}


# Writes


@pytest.mark.parametrize("form", ["weak", "none"])
def test_a_write_without_a_strong_etag_is_asked_for_it(
    simulated: Site, client: Client, icloud: ICloudServer, form: str
) -> None:
    icloud.quirks.put_etag = form  # type: ignore[assignment]
    href = f"{simulated.calendar}x.ics"

    assert client.put(href, event("x"), create=True) is None
    assert client.get(href).etag == icloud.etag(href)


def test_an_etag_that_drifts_is_no_change_of_meaning(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    href = f"{simulated.calendar}x.ics"
    etag = client.put(href, event("x"), create=True)
    assert etag
    icloud.drift(href)

    with pytest.raises(PreconditionFailed):
        client.put(href, event("x", "Coffee"), etag=etag)

    standing = client.get(href)
    assert fingerprint(standing.ics) == fingerprint(event("x"))
    client.put(href, event("x", "Coffee"), etag=standing.etag)


def test_an_event_without_end_is_refused_as_not_found(simulated: Site, client: Client) -> None:
    endless = event("x").replace("DTEND:20261201T100000Z\r\n", "")

    with pytest.raises(NotFound):
        client.put(f"{simulated.calendar}x.ics", endless, create=True)


def test_a_tombstone_is_told_by_reading_it(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    href = f"{simulated.calendar}x.ics"
    icloud.put(href, event("x"))
    icloud.delete(href)

    with pytest.raises(PreconditionFailed):
        client.put(href, event("x"), create=True)
    with pytest.raises(NotFound):
        client.get(href)


@pytest.mark.parametrize("form", ["no-uid-conflict", "unique-scheduling-object-resource"])
def test_a_uid_in_another_calendar_of_the_home_is_a_conflict(
    simulated: Site, client: Client, icloud: ICloudServer, form: str
) -> None:
    icloud.quirks.uid_conflict = form  # type: ignore[assignment]
    other = icloud.make_calendar(f"{simulated.home}other/", "Other")
    client.put(f"{simulated.calendar}x.ics", event("x"), create=True)

    with pytest.raises(UidConflict):
        client.put(f"{other}x.ics", event("x"), create=True)

    assert not icloud.has(f"{other}x.ics")


def test_a_calendar_is_never_deleted(simulated: Site, client: Client, icloud: ICloudServer) -> None:
    with pytest.raises(RefusedAddress):
        client.delete(simulated.calendar, etag='"x"')

    assert icloud.requests == []
    assert icloud.calendar(simulated.calendar).kind == "events"


# Passwords and limits


def test_a_revoked_password_is_refused_in_the_middle(
    simulated: Site, client: Client, icloud: ICloudServer
) -> None:
    token = changes(client, simulated.calendar, "").token
    icloud.change_main_password(simulated.name, "a new main password")

    with pytest.raises(Unauthorized):
        changes(client, simulated.calendar, token)


@pytest.mark.parametrize(("status", "said", "seconds"), [(503, "2", 2.0), (429, "", None)])
def test_a_limit_says_when_to_come_back(
    simulated: Site,
    client: Client,
    icloud: ICloudServer,
    status: int,
    said: str,
    seconds: float | None,
) -> None:
    icloud.quirks.requests_per_minute = 1
    icloud.quirks.throttle_status, icloud.quirks.retry_after = status, said
    list_calendars(client, simulated.home)

    with pytest.raises(Throttled) as caught:
        list_calendars(client, simulated.home)

    assert (caught.value.status, caught.value.retry_after) == (status, seconds)
