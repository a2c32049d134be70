"""Reading one calendar: what changed, and the events themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.caldav import requests
from integrations.caldav.addresses import plain, same
from integrations.caldav.client import Client
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    Reason,
    TokenRejected,
    Unreachable,
)
from integrations.caldav.multistatus import CALDAV, DAV, Item, Multistatus
from integrations.caldav.resource import Resource

__all__ = ["Bodies", "Changes", "Resource", "bodies", "changes", "listing", "look_for"]

GETETAG = f"{DAV}getetag"
TOKEN_STATUSES = {400, 404, 409, 410, 412, 507}
MOST_PAGES = 200


@dataclass(frozen=True)
class Changes:
    """What a calendar lists: raw href → ETag ("" where the server gave none), and what is gone.

    ``token`` is for the next call; "" where the calendar can only be listed whole.
    """

    changed: Mapping[str, str]
    deleted: frozenset[str]
    token: str = field(repr=False)


@dataclass(frozen=True)
class Bodies:
    """Events found, and the asked-for hrefs the server listed but would not give."""

    found: tuple[Resource, ...]
    missing: frozenset[str]


def changes(client: Client, path: str, token: str) -> Changes:
    """Return what changed in a calendar since ``token``; with "" everything it lists.

    One request (one more per page where the server cuts its answer, RFC 6578 3.6). The
    collection itself, collections in it and names other than ``.ics`` are left out: iCloud
    lists the collection as its own member. Raises TokenRejected where the token is no longer
    accepted, however the server says so; without a token the same answers are errors of the
    calendar itself.
    """
    changed: dict[str, str] = {}
    deleted: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = _page(client, path, token)
        for item in _members(answer, path):
            _note(item, changed, deleted)
        last, token = token, answer.sync_token
        if not _is_cut(answer, path):
            return Changes(changed, frozenset(deleted), token)
        if token == last:
            break
    raise Unreachable(Reason.SERVER_ERROR, status=507)


def _page(client: Client, path: str, token: str) -> Multistatus:
    # RFC 6578 3.2: Depth must be 0; how deep to look is said by sync-level.
    try:
        answer = client.report(path, requests.sync_collection(token), depth=0)
    except CalDAVError as error:
        if not (token and _is_about_token(error)):
            raise
        answer = Multistatus(())
    if answer.sync_token:
        return answer
    if token:
        raise TokenRejected
    # No token at all: not an answer to this report, so its emptiness means nothing.
    raise Unreachable(Reason.NOT_CALDAV)


def _is_about_token(error: CalDAVError) -> bool:
    if isinstance(error, Forbidden):
        return not error.preconditions or "valid-sync-token" in error.preconditions
    return error.status in TOKEN_STATUSES


def _is_cut(answer: Multistatus, path: str) -> bool:
    return any(item.status == 507 and same(item.href, path) for item in answer.items)


def _note(item: Item, changed: dict[str, str], deleted: set[str]) -> None:
    if item.is_gone:
        deleted.add(item.href)
        changed.pop(item.href, None)
    else:
        changed[item.href] = item.text(GETETAG)
        deleted.discard(item.href)


def _members(answer: Multistatus, path: str) -> list[Item]:
    inside = plain(path) + "/"
    return [
        item
        for item in answer.items
        if item.href.lower().endswith(".ics")
        and plain(item.href).startswith(inside)
        and ".." not in plain(item.href).split("/")
    ]


def listing(client: Client, path: str) -> Changes:
    """Return all ETags by PROPFIND, for a calendar without sync-collection: one request.

    Raises NotFound, and Unreachable(NOT_CALDAV) where the calendar itself is not in the answer.
    """
    answer = client.propfind(path, requests.ETAG, depth=1)
    answer.required(path)
    listed = {item.href: item.text(GETETAG) for item in _members(answer, path) if not item.is_gone}
    return Changes(listed, frozenset(), "")


def look_for(client: Client, path: str) -> None:
    """Ask whether a calendar is there: one request.

    Raises NotFound, and Unreachable(NOT_CALDAV) where it is not in the answer.
    """
    client.propfind(path, requests.ETAG, depth=0).required(path)


def bodies(client: Client, path: str, hrefs: Sequence[str]) -> Bodies:
    """Fetch events by raw href in one multiget (RFC 4791 7.9); no request for no hrefs.

    An item the server answers with 404, without data or not at all is ``missing``: it never
    spoils the others.
    """
    if not hrefs:
        return Bodies((), frozenset())
    answer = client.report(path, requests.multiget(hrefs), depth=1)
    items = {plain(item.href): item for item in answer.items}
    # Some servers hold a%40b.ics and a@b.ics apart: the exact spelling comes first.
    exact = {item.href: item for item in answer.items}
    found = []
    for href in dict.fromkeys(hrefs):
        item = exact.get(href) or items.get(plain(href))
        ics = item.text(f"{CALDAV}calendar-data") if item and not item.is_gone else ""
        if item and ics:
            found.append(Resource(href, item.text(GETETAG), ics))
    return Bodies(tuple(found), frozenset(hrefs) - {resource.href for resource in found})
