"""One suite for several real CalDAV servers: what the rest of the product stands on."""

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import Changes, bodies, changes, etag_of, listing
from integrations.caldav.discovery import CalendarKind, discover, list_calendars
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    TokenRejected,
    UidConflict,
    Unauthorized,
    Unreachable,
)
from tests.contract.servers import Site, event
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.xandikos_server import XandikosServer


def test_discovery_takes_three_requests(site: Site, client: Client) -> None:
    account = discover(client)

    assert len(site.server.requests) == client.requests == 3
    assert account.home_path == site.home
    found = {calendar.path: calendar for calendar in account.calendars}
    assert site.home not in found
    listing = found[site.calendar]
    assert listing.name == f"Name of {site.calendar.split('/')[-2]}"
    assert (listing.color, listing.kind, listing.can_write, listing.supports_sync) == (
        "#0e61b9",
        CalendarKind.EVENTS,
        True,
        True,
    )
    assert listing.marker


def test_listing_takes_one_request_however_many_calendars(site: Site, client: Client) -> None:
    for number in range(5):
        site.server.make_calendar(f"{site.calendar[:-1]}-{number}/", "Another")
    site.server.clear()

    found = {calendar.path for calendar in list_calendars(client, site.home)}

    assert {f"{site.calendar[:-1]}-{number}/" for number in range(5)} < found
    assert site.server.requests == [("PROPFIND", site.home)]


def test_a_home_that_is_not_there_is_an_error_not_an_empty_list(site: Site, client: Client) -> None:
    with pytest.raises((NotFound, Forbidden, Unreachable)):
        list_calendars(client, f"{site.home}no-such-home/deeper/")


def test_the_marker_moves_with_the_events(site: Site, client: Client) -> None:
    def marker() -> str:
        found = list_calendars(client, site.home)
        return next(calendar.marker for calendar in found if calendar.path == site.calendar)

    before = marker()
    assert marker() == before

    site.server.put(f"{site.calendar}x.ics", event("x"))

    assert marker() != before


def test_an_event_is_created_once(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"

    etag = client.put(href, event("x"), create=True)
    with pytest.raises(PreconditionFailed):
        client.put(href, event("x", "Coffee"), create=True)

    assert site.server.requests == [("PUT", href)] * 2
    assert "SUMMARY:Tea" in site.server.get(href)
    assert etag_of(client, href) == (etag or etag_of(client, href)) == site.server.etag(href)


def test_an_event_is_read_back(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    etag = site.server.put(href, event("x"))

    resource = client.get(href)

    assert (resource.href, resource.etag) == (href, etag)
    assert "SUMMARY:Tea" in resource.ics


def test_an_event_is_changed_over_its_version(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    first = site.server.put(href, event("x"))

    client.put(href, event("x", "Coffee"), etag=first)

    assert "SUMMARY:Coffee" in site.server.get(href)
    assert site.server.requests == [("PUT", href)]


def test_a_stale_version_changes_nothing(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    stale = site.server.put(href, event("x"))
    site.server.put(href, event("x", "Somebody else's"))

    with pytest.raises(PreconditionFailed):
        client.put(href, event("x", "Mine"), etag=stale)
    with pytest.raises(PreconditionFailed):
        client.delete(href, etag=stale)

    assert "SUMMARY:Somebody else's" in site.server.get(href)


def test_an_event_that_is_gone_cannot_be_changed(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    etag = site.server.put(href, event("x"))
    site.server.delete(href)

    with pytest.raises((PreconditionFailed, NotFound)):
        client.put(href, event("x"), etag=etag)

    assert not site.server.has(href)


def test_an_event_is_deleted_once(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    etag = site.server.put(href, event("x"))

    client.delete(href, etag=etag)
    with pytest.raises(NotFound):
        client.delete(href, etag=etag)
    with pytest.raises(NotFound):
        client.get(href)
    with pytest.raises(NotFound):
        etag_of(client, href)

    assert site.server.requests[:2] == [("DELETE", href)] * 2
    assert not site.server.has(href)


def test_without_token_everything_is_listed(site: Site, client: Client) -> None:
    one, two = f"{site.calendar}one.ics", f"{site.calendar}two.ics"
    expected = {one: site.server.put(one, event("one")), two: site.server.put(two, event("two"))}
    site.server.clear()

    found = changes(client, site.calendar, "")

    assert (found.changed, found.deleted) == (expected, frozenset())
    assert found.token
    assert site.server.requests == [("REPORT", site.calendar)]


def test_with_a_token_only_what_changed_since(site: Site, client: Client) -> None:
    kept, edited, deleted, new = (f"{site.calendar}{n}.ics" for n in ("k", "e", "d", "n"))
    for number, href in enumerate((kept, edited, deleted)):
        site.server.put(href, event(f"uid-{number}"))
    token = changes(client, site.calendar, "").token
    edited_etag = site.server.put(edited, event("uid-1", "Coffee"))
    site.server.delete(deleted)
    new_etag = site.server.put(new, event("uid-9"))
    site.server.clear()

    found = changes(client, site.calendar, token)

    assert found.changed == {edited: edited_etag, new: new_etag}
    assert found.deleted == {deleted}
    assert site.server.requests == [("REPORT", site.calendar)]
    nothing = changes(client, site.calendar, found.token)
    assert (nothing.changed, nothing.deleted) == ({}, frozenset())


def test_an_empty_calendar_lists_nothing_but_gives_a_token(site: Site, client: Client) -> None:
    found = changes(client, site.calendar, "")

    assert (found.changed, found.deleted, bool(found.token)) == ({}, frozenset(), True)


@pytest.mark.parametrize(
    "token",
    [
        "http://radicale.org/ns/sync/" + "0" * 64,
        "0" * 40,
        "no token at all",
        "<&>",
    ],
)
def test_a_token_the_server_does_not_know_is_rejected(
    site: Site, client: Client, token: str
) -> None:
    with pytest.raises(TokenRejected):
        changes(client, site.calendar, token)


def test_a_calendar_that_is_gone_is_no_empty_calendar(site: Site, client: Client) -> None:
    site.server.delete(site.calendar)

    with pytest.raises(CalDAVError) as caught:
        changes(client, site.calendar, "")
    assert not isinstance(caught.value, TokenRejected)
    with pytest.raises((NotFound, Forbidden)):
        listing(client, site.calendar)


def test_a_listing_without_sync_gives_the_same_etags(site: Site, client: Client) -> None:
    for name in ("a", "b"):
        site.server.put(f"{site.calendar}{name}.ics", event(name))

    found = listing(client, site.calendar)

    assert found == Changes(changes(client, site.calendar, "").changed, frozenset(), "")


def test_events_are_fetched_together_and_ghosts_are_named(site: Site, client: Client) -> None:
    hrefs = [f"{site.calendar}{name}.ics" for name in ("a", "b", "ghost")]
    etags = [site.server.put(href, event(href)) for href in hrefs[:2]]
    site.server.clear()

    fetched = bodies(client, site.calendar, hrefs)

    assert [(found.href, found.etag) for found in fetched.found] == list(
        zip(hrefs[:2], etags, strict=True)
    )
    assert all("SUMMARY:Tea" in found.ics for found in fetched.found)
    assert fetched.missing == {hrefs[2]}
    assert site.server.requests == [("REPORT", site.calendar)]


def test_no_events_to_fetch_are_no_request(site: Site, client: Client) -> None:
    fetched = bodies(client, site.calendar, [])

    assert (fetched.found, fetched.missing) == ((), frozenset())
    assert site.server.requests == []


@pytest.mark.parametrize("name", ["a%40b.ics", "a%20b.ics", "%C3%A4.ics", "a%2Bb.ics"])
def test_a_listed_href_works_in_every_request(site: Site, client: Client, name: str) -> None:
    site.server.put(f"{site.calendar}{name}", event("x"))
    [(href, etag)] = changes(client, site.calendar, "").changed.items()

    assert etag_of(client, href) == client.get(href).etag == etag
    assert [found.href for found in bodies(client, site.calendar, [href]).found] == [href]
    changed = client.put(href, event("x", "Coffee"), etag=etag) or etag_of(client, href)
    client.delete(href, etag=changed)

    assert changes(client, site.calendar, "").changed == {}


def test_a_uid_in_use_is_told_apart(site: Site, client: Client) -> None:
    client.put(f"{site.calendar}one.ics", event("same"), create=True)

    with pytest.raises(UidConflict):
        client.put(f"{site.calendar}two.ics", event("same"), create=True)

    assert not site.server.has(f"{site.calendar}two.ics")


def test_reminders_are_told_from_events(site: Site, client: Client) -> None:
    path = site.server.make_reminders(f"{site.calendar[:-1]}-tasks/")

    found = {calendar.path: calendar.kind for calendar in list_calendars(client, site.home)}

    assert found[path] is CalendarKind.REMINDERS
    assert found[site.calendar] is CalendarKind.EVENTS


def test_other_collections_are_of_the_system(site: Site, client: Client) -> None:
    path = f"{site.calendar[:-1]}-people/"
    site.server.ask(
        "MKCOL",
        path,
        '<d:mkcol xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><d:set><d:prop>'
        "<d:resourcetype><d:collection/><a:addressbook/></d:resourcetype>"
        "</d:prop></d:set></d:mkcol>",
        {"Content-Type": "application/xml"},
    )

    found = {calendar.path: calendar.kind for calendar in list_calendars(client, site.home)}

    assert found[path] is CalendarKind.SYSTEM


# What only Radicale can play.


def test_a_wrong_password_is_refused(radicale: Site) -> None:
    with radicale.client("wrong") as client, pytest.raises(Unauthorized):
        discover(client)


def test_a_new_password_counts_at_once(radicale: Site) -> None:
    assert isinstance(radicale.server, RadicaleServer)
    home = radicale.server.add_user("ana@icloud.test", "another")

    with radicale.client("another") as client:
        assert discover(client).home_path == home

    radicale.server.add_user("ana@icloud.test", "abcd-efgh-ijkl-mnop")


def test_addresses_of_the_account_are_lower_case(radicale: Site) -> None:
    with radicale.client() as client:
        assert discover(client).addresses == {"/ana%40icloud.test/"}


def test_a_read_only_calendar_says_so_and_refuses_writes(radicale: Site) -> None:
    assert isinstance(radicale.server, RadicaleServer)
    path = radicale.server.make_calendar(f"{radicale.home}read-only/", "Read only")
    etag = radicale.server.put(f"{path}x.ics", event("x"))
    radicale.server.set_read_only(path)

    with radicale.client() as client:
        found = {c.path: c.can_write for c in list_calendars(client, radicale.home)}
        assert (found[path], found[radicale.calendar]) == (False, True)
        with pytest.raises(Forbidden):
            client.put(f"{path}y.ics", event("y"), create=True)
        with pytest.raises(Forbidden):
            client.delete(f"{path}x.ics", etag=etag)
        assert changes(client, path, "").changed == {f"{path}x.ics": etag}

        radicale.server.set_read_only(path, read_only=False)
        client.delete(f"{path}x.ics", etag=etag)


def test_a_subscription_is_told_from_a_calendar(radicale: Site) -> None:
    assert isinstance(radicale.server, RadicaleServer)
    path = radicale.server.make_subscribed(
        f"{radicale.home}holidays/", "Holidays", "https://example.com/holidays.ics"
    )

    with radicale.client() as client:
        found = {c.path: c for c in list_calendars(client, radicale.home)}

    assert (found[path].kind, found[path].name) == (CalendarKind.SUBSCRIBED, "Holidays")


def test_a_kept_folder_is_there_again(tmp_path: object) -> None:
    folder = str(tmp_path)
    with RadicaleServer(folder) as server:
        home = server.add_user("ben", "word")
        server.put(server.make_calendar(f"{home}work/", "Work") + "x.ics", event("x"))
        server.set_read_only(f"{home}work/")

    with RadicaleServer(folder) as again:
        assert again.users == {"ben": "word"}
        assert again.has("/ben/work/x.ics")


def test_a_server_that_stops_and_comes_back_keeps_its_address(radicale: Site) -> None:
    with radicale.client() as client:
        before = discover(client)
        radicale.server.stop_process()
        with pytest.raises(Unreachable):
            discover(client)
        radicale.server.restart_process()
        assert discover(client) == before


def test_xandikos_starts_on_a_given_port(tmp_path: object) -> None:
    with XandikosServer(str(tmp_path)) as server:
        port = server.port
    with XandikosServer(str(tmp_path), port=port) as again:
        assert again.url == f"http://127.0.0.1:{port}"
