"""Deltas, tokens and bodies: the same on every server."""

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import Changes, bodies, changes, listing
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    TokenRejected,
    Unreachable,
)
from tests.contract.servers import Site, event


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

    assert client.get(href).etag == etag
    assert [found.href for found in bodies(client, site.calendar, [href]).found] == [href]
    changed = client.put(href, event("x", "Coffee"), etag=etag) or client.get(href).etag
    client.delete(href, etag=changed)

    assert changes(client, site.calendar, "").changed == {}


def test_what_came_and_went_between_two_deltas_is_not_listed_as_there(
    site: Site, client: Client
) -> None:
    token = changes(client, site.calendar, "").token
    site.server.put(f"{site.calendar}x.ics", event("x"))
    site.server.delete(f"{site.calendar}x.ics")

    assert changes(client, site.calendar, token).changed == {}


def test_what_changed_twice_is_listed_once_as_it_is_now(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    token = changes(client, site.calendar, "").token
    site.server.put(href, event("x", "First"))
    etag = site.server.put(href, event("x", "Second"))

    assert changes(client, site.calendar, token).changed == {href: etag}


def test_what_came_back_is_there_again(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    site.server.put(href, event("x"))
    token = changes(client, site.calendar, "").token
    site.server.delete(href)
    etag = site.server.put(href, event("x", "Back"))

    found = changes(client, site.calendar, token)

    assert (found.changed, found.deleted) == ({href: etag}, frozenset())


def test_an_older_token_brings_all_that_changed_since(site: Site, client: Client) -> None:
    first = changes(client, site.calendar, "").token
    one = site.server.put(f"{site.calendar}one.ics", event("one"))
    changes(client, site.calendar, first)
    two = site.server.put(f"{site.calendar}two.ics", event("two"))

    found = changes(client, site.calendar, first)

    assert found.changed == {f"{site.calendar}one.ics": one, f"{site.calendar}two.ics": two}


def test_a_moved_occurrence_comes_with_its_series(site: Site, client: Client) -> None:
    href = f"{site.calendar}s.ics"
    series = event("s").replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY")
    moved = event("s", "Moved").replace(
        "DTSTART:20261201T09", "RECURRENCE-ID:20261202T090000Z\r\nDTSTART:20270301T09"
    )
    [override] = [part.split("END:VEVENT")[0] for part in moved.split("BEGIN:VEVENT")[1:]]
    override = override.replace("DTEND:20261201", "DTEND:20270301")
    both = series.replace("END:VCALENDAR", f"BEGIN:VEVENT{override}END:VEVENT\r\nEND:VCALENDAR")
    site.server.put(href, both)

    [found] = bodies(client, site.calendar, [href]).found

    assert ("RRULE:FREQ=DAILY;COUNT=3" in found.ics, "DTSTART:20270301T09" in found.ics) == (
        True,
        True,
    )


def test_60_events_are_listed_and_fetched(site: Site, client: Client) -> None:
    hrefs = [f"{site.calendar}{number:02}.ics" for number in range(60)]
    for number, href in enumerate(hrefs):
        site.server.put(href, event(f"uid-{number}"))

    found = changes(client, site.calendar, "")

    assert sorted(found.changed) == hrefs
    assert bodies(client, site.calendar, hrefs).missing == frozenset()


def test_an_answer_lost_while_reading_is_an_error_and_no_empty_calendar(
    site: Site, client: Client
) -> None:
    site.server.put(f"{site.calendar}x.ics", event("x"))
    site.server.lose("REPORT", site.calendar)
    with pytest.raises(Unreachable):
        changes(client, site.calendar, "")

    assert list(changes(client, site.calendar, "").changed) == [f"{site.calendar}x.ics"]
