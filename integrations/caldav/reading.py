"""Reading an account: one poll, then a delta and bodies of the calendars that moved.

A conversation: it yields what it heard and is told how to go on. The caller owns every decision
and every row; this side only speaks CalDAV, so that it can run in a thread.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from integrations.caldav.client import Client
from integrations.caldav.collection import Bodies, Changes, Resource, bodies, changes, listing
from integrations.caldav.discovery import CalendarListing, list_calendars
from integrations.caldav.errors import (
    CalDAVError,
    Reason,
    Rejected,
    Throttled,
    TokenRejected,
    Unauthorized,
    Unreachable,
)
from integrations.caldav.plan import batches, plan

LONGEST_HREF = 1000  # what can be remembered of a name; iCloud's own are far shorter
OWN_REASONS = {Reason.SERVER_ERROR, Reason.NOT_CALDAV, Reason.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one calendar, and the change marker its listing showed before reading.

    `own` are the hrefs that Daybook wrote itself: their ETags are held before they were listed.
    """

    path: str
    marker: str
    token: str
    etags: Mapping[str, str]
    supports_sync: bool = True
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listed:
    calendars: tuple[CalendarListing, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Facts of one calendar that belong in one transaction.

    `token` and what follows it are set on a calendar's last page only, as is `gone`: once they are
    stored, everything before them is.
    """

    path: str
    found: tuple[Resource, ...]
    withheld: frozenset[str]  # listed, but the server did not give their bodies
    gone: frozenset[str]
    token: str | None = None
    marker: str = ""
    is_complete: bool = False  # whether all of the calendar was listed
    known: int = 0  # how many events were held before
    left: int = 0  # how many are listed and still to be fetched


@dataclass(frozen=True, slots=True)
class Failed:
    """One calendar could not be read; the others go on."""

    path: str
    error: CalDAVError


Message = Listed | Page | Failed
Conversation = Generator[Message, "Sequence[Held] | None", None]


def conversation(client: Client, home_path: str) -> Conversation:
    """Poll the account in one request; then read the calendars the caller names in its answer.

    One request and the end where nothing moved; else per moved calendar one sync-collection and
    one multiget a batch. Raises `CalDAVError`s; what was yielded before stands.
    """
    moved = yield Listed(list_calendars(client, home_path))
    for held in moved or ():
        try:
            yield from read_calendar(client, held)
        except CalDAVError as error:
            if not is_the_calendars_own(error):
                raise
            yield Failed(held.path, error)


def is_the_calendars_own(error: CalDAVError) -> bool:
    """Whether an error says something of one calendar only, so that others can still be read."""
    if isinstance(error, Unreachable):
        return error.reason in OWN_REASONS
    return not isinstance(error, Unauthorized | Throttled)


def read_calendar(client: Client, held: Held) -> Iterator[Page]:
    """The changes since `held.token`, bodies included, page by page.

    A rejected token (RFC 6578 3.8) is answered with a complete listing: resources whose ETag is
    held are not fetched again; so is a server that has no sync-collection at all, and a delta that
    may be a complete listing in disguise. An event whose name is too long to be remembered counts
    as withheld, under the beginning of its name.
    """
    is_complete = not held.token or not held.supports_sync
    try:
        listed = (
            changes(client, held.path, held.token)
            if held.supports_sync
            else listing(client, held.path)
        )
    except TokenRejected:
        if is_complete:
            raise
        is_complete = True
        listed = changes(client, held.path, "")
    if not is_complete and _may_be_everything(listed, held):
        is_complete = True
        listed = changes(client, held.path, "")
    work = plan(held.etags, listed, is_complete=is_complete)
    nameless = frozenset(href[:LONGEST_HREF] for href in work.fetch if len(href) > LONGEST_HREF)
    wanted = [href for href in work.fetch if len(href) <= LONGEST_HREF]
    left = len(wanted)
    for part in batches(wanted):
        for answer in fetch(client, held.path, part):
            left -= len(answer.found) + len(answer.missing)
            yield Page(held.path, answer.found, answer.missing, frozenset(), left=left)
    gone = work.gone - nameless
    yield Page(
        held.path,
        (),
        nameless,
        gone,
        token=listed.token,
        marker=held.marker,
        is_complete=is_complete,
        known=len(held.etags),
    )


def _may_be_everything(listed: Changes, held: Held) -> bool:
    """Whether a server may have answered an expired token with all it has, and not said so.

    iCloud was seen to (python-caldav #122). Such an answer names what did not change, or nothing
    at all though the calendar's marker moved; what was deleted is found by comparing only. What
    was withheld is asked for again without any marker moving: then nothing listed means nothing.
    What Daybook wrote itself is listed with the ETag it has already.
    """
    if not listed.changed and not listed.deleted:
        return bool(held.etags) and all(held.etags.values())
    foreign = (item for item in listed.changed.items() if item[0] not in held.own)
    return any(held.etags.get(href) == etag for href, etag in foreign if etag)


def fetch(client: Client, path: str, hrefs: Sequence[str]) -> Iterator[Bodies]:
    """The bodies of these resources: in one request, or in halves where the server or our limits
    refuse that; a single one that is refused counts as withheld."""
    try:
        yield bodies(client, path, hrefs)
    except (Rejected, Unreachable) as error:
        if not is_the_calendars_own(error):
            raise
        if len(hrefs) == 1:
            yield Bodies((), frozenset(hrefs))
            return
        middle = len(hrefs) // 2
        yield from fetch(client, path, hrefs[:middle])
        yield from fetch(client, path, hrefs[middle:])
