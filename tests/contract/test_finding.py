"""Discovery, sign-in, and what a home lists: the same on every server."""

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import changes
from integrations.caldav.discovery import CalendarKind, CalendarListing, discover, list_calendars
from integrations.caldav.errors import Forbidden, NotFound, Unauthorized, Unreachable
from tests.contract.servers import Site, event
from tests.fakes.icloud import ICloudServer
from tests.fakes.radicale_server import RadicaleServer
from tests.passwords import SECOND


def listed(site: Site, path: str) -> CalendarListing:
    with site.client() as client:
        return next(found for found in list_calendars(client, site.home) if found.path == path)


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


def test_a_calendar_deleted_is_listed_no_more(site: Site, client: Client) -> None:
    site.server.delete(site.calendar)

    assert site.calendar not in {found.path for found in list_calendars(client, site.home)}


def test_one_calendar_moves_and_the_others_keep_their_marker(site: Site, client: Client) -> None:
    other = site.server.make_calendar(f"{site.calendar[:-1]}-other/", "Other")

    def markers() -> dict[str, str]:
        return {found.path: found.marker for found in list_calendars(client, site.home)}

    before = markers()
    site.server.put(f"{other}x.ics", event("x"))
    after = markers()

    assert after[site.calendar] == before[site.calendar]
    assert after[other] != before[other]


# Where there are accounts


def test_a_wrong_password_is_refused(signed: Site) -> None:
    with signed.client("wrong") as client, pytest.raises(Unauthorized):
        discover(client)

    assert len(signed.server.requests) == 1


def test_a_new_password_counts_at_once_and_the_old_one_no_more(
    signed: Site, accounts: ICloudServer | RadicaleServer
) -> None:
    home = accounts.add_user(signed.name, SECOND)

    with signed.client(SECOND) as client:
        assert discover(client).home_path == home
    with signed.client() as client, pytest.raises(Unauthorized):
        discover(client)


def test_addresses_of_the_account_are_lower_case(
    signed: Site, accounts: ICloudServer | RadicaleServer
) -> None:
    with signed.client() as client:
        found = discover(client).addresses

    number = signed.home.split("/")[1]
    expected = {
        ICloudServer: {f"/{number}/principal", f"urn:uuid:{number}", f"mailto:{signed.name}"},
        RadicaleServer: {f"/{signed.name.replace('@', '%40')}/"},
    }
    assert found == expected[type(accounts)]


def test_a_read_only_calendar_says_so_and_refuses_writes(
    signed: Site, accounts: ICloudServer | RadicaleServer
) -> None:
    path = accounts.make_calendar(f"{signed.home}read-only/", "Read only")
    etag = accounts.put(f"{path}x.ics", event("x"))
    accounts.set_read_only(path)

    with signed.client() as client:
        assert [listed(signed, each).can_write for each in (path, signed.calendar)] == [False, True]
        with pytest.raises(Forbidden):
            client.put(f"{path}y.ics", event("y"), create=True)
        with pytest.raises(Forbidden):
            client.put(f"{path}x.ics", event("x", "Mine"), etag=etag)
        with pytest.raises(Forbidden):
            client.delete(f"{path}x.ics", etag=etag)
        assert changes(client, path, "").changed == {f"{path}x.ics": etag}

        accounts.set_read_only(path, read_only=False)
        assert listed(signed, path).can_write
        client.delete(f"{path}x.ics", etag=etag)


def test_a_subscription_is_told_from_a_calendar(
    signed: Site, accounts: ICloudServer | RadicaleServer
) -> None:
    source = "https://example.com/holidays.ics"
    path = accounts.make_subscribed(f"{signed.home}holidays/", "Holidays", source)

    found = listed(signed, path)

    assert (found.kind, found.name) == (CalendarKind.SUBSCRIBED, "Holidays")
