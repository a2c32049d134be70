"""Writes, their conditions, and answers that never come: the same on every server."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.caldav.client import Client
from integrations.caldav.collection import changes
from integrations.caldav.editing import Said, rewrite, said
from integrations.caldav.errors import (
    CalDAVError,
    NotFound,
    PreconditionFailed,
    UidConflict,
    Unreachable,
)
from integrations.caldav.ics import EventContent, write_event
from integrations.caldav.semantics import fingerprint
from tests.contract.servers import Site, event

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_event_is_created_once(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"

    etag = client.put(href, event("x"), create=True)
    with pytest.raises(PreconditionFailed):
        client.put(href, event("x", "Coffee"), create=True)

    assert site.server.requests == [("PUT", href)] * 2
    assert "SUMMARY:Tea" in site.server.get(href)
    stored = client.get(href).etag
    assert stored == (etag or stored) == site.server.etag(href)


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

    assert site.server.requests[:2] == [("DELETE", href)] * 2
    assert not site.server.has(href)


def test_a_uid_in_use_is_told_apart(site: Site, client: Client) -> None:
    client.put(f"{site.calendar}one.ics", event("same"), create=True)

    with pytest.raises(UidConflict):
        client.put(f"{site.calendar}two.ics", event("same"), create=True)

    assert not site.server.has(f"{site.calendar}two.ics")


def test_what_is_stored_means_what_was_sent(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    starts_at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    title = "Tea, with friends; and ä long \\ title\n" * 4
    ends_at = starts_at + timedelta(hours=1)
    content = EventContent(starts_at, ends_at, title, description=title, location=title)
    sent = write_event("x", content, stamp=starts_at)

    client.put(href, sent, create=True)

    assert fingerprint(client.get(href).ics) == fingerprint(sent)


def test_an_own_write_comes_back_in_the_delta_with_its_etag(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    token = changes(client, site.calendar, "").token

    etag = client.put(href, event("x"), create=True) or client.get(href).etag

    assert changes(client, site.calendar, token).changed == {href: etag}


def test_a_create_whose_answer_is_lost_is_found_again(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    site.server.lose("PUT", href)

    with pytest.raises(Unreachable):
        client.put(href, event("x"), create=True)
    with pytest.raises(PreconditionFailed):
        client.put(href, event("x"), create=True)

    standing = client.get(href)
    assert fingerprint(standing.ics) == fingerprint(event("x"))
    assert standing.etag == site.server.etag(href)


def test_a_create_that_never_arrives_can_be_sent_again(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    site.server.lose("PUT", href, arrives=False)

    with pytest.raises(Unreachable):
        client.put(href, event("x"), create=True)
    assert not site.server.has(href)
    client.put(href, event("x"), create=True)

    assert site.server.has(href)
    assert site.server.requests == [("PUT", href)] * 2  # never repeated by itself


def test_a_change_whose_answer_is_lost_is_found_again(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    first = site.server.put(href, event("x"))
    site.server.lose("PUT", href)

    with pytest.raises(Unreachable):
        client.put(href, event("x", "Coffee"), etag=first)
    with pytest.raises(PreconditionFailed):
        client.put(href, event("x", "Coffee"), etag=first)

    assert fingerprint(client.get(href).ics) == fingerprint(event("x", "Coffee"))


def test_an_event_edited_in_its_own_text_keeps_all_else(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
    more = f"LOCATION:Quay 4\r\nX-OF-OTHERS:kept\r\n{alarm}"
    site.server.put(href, event("x").replace("END:VEVENT", f"{more}END:VEVENT"))
    standing = client.get(href)
    starts_at = datetime(2026, 12, 2, 10, tzinfo=UTC)
    wanted = Said("Coffee; or tea, ä" * 9, starts_at, starts_at + timedelta(minutes=90))

    text = rewrite(standing.ics, wanted, zone=BERLIN, stamp=starts_at)
    client.put(href, text, etag=standing.etag)

    after = client.get(href)
    assert said(after.ics, zone=BERLIN) == wanted
    assert all(line in after.ics for line in ("LOCATION:Quay 4", "X-OF-OTHERS:kept", "-PT15M"))
    with pytest.raises(PreconditionFailed):
        client.put(href, text, etag=standing.etag)
    assert client.get(href).ics == after.ics


def test_a_delete_whose_answer_is_lost_is_a_404_the_next_time(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"
    etag = site.server.put(href, event("x"))
    site.server.lose("DELETE", href)

    with pytest.raises(Unreachable):
        client.delete(href, etag=etag)
    with pytest.raises(NotFound):
        client.delete(href, etag=etag)

    assert not site.server.has(href)


def test_a_name_used_before_is_taken_or_refused_and_nothing_between(
    site: Site, client: Client
) -> None:
    href = f"{site.calendar}x.ics"
    etag = client.put(href, event("x"), create=True) or client.get(href).etag
    client.delete(href, etag=etag)

    with suppress(PreconditionFailed):
        client.put(href, event("x"), create=True)
        assert client.get(href).etag
        return

    with pytest.raises(NotFound):  # how a tombstone is told from an event that stands there
        client.get(href)


def test_a_new_name_and_uid_are_always_taken(site: Site, client: Client) -> None:
    old, new = f"{site.calendar}old.ics", f"{site.calendar}new.ics"
    etag = client.put(old, event("old"), create=True) or client.get(old).etag
    client.delete(old, etag=etag)

    client.put(new, event("new"), create=True)

    assert list(changes(client, site.calendar, "").changed) == [new]


def test_an_event_moved_by_delete_and_create_is_in_one_calendar(site: Site, client: Client) -> None:
    other = site.server.make_calendar(f"{site.calendar[:-1]}-other/", "Other")
    etag = client.put(f"{site.calendar}a.ics", event("a"), create=True)
    etag = etag or client.get(f"{site.calendar}a.ics").etag

    client.delete(f"{site.calendar}a.ics", etag=etag)
    client.put(f"{other}b.ics", event("b"), create=True)

    assert changes(client, site.calendar, "").changed == {}
    assert list(changes(client, other, "").changed) == [f"{other}b.ics"]


def test_what_is_no_calendar_is_refused_and_leaves_nothing(site: Site, client: Client) -> None:
    href = f"{site.calendar}x.ics"

    with pytest.raises(CalDAVError):
        client.put(href, "no calendar at all", create=True)

    assert not site.server.has(href)
