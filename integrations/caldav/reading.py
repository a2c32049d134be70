"""Reading an account: one poll, then a delta and bodies of the calendars that moved.

A conversation: it yields what it heard and is told how to go on. The caller owns every decision
and every row; this side only speaks CalDAV, so that it can run in a thread.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from integrations.caldav.client import Client
from integrations.caldav.collection import Resource, bodies, changes
from integrations.caldav.discovery import CalendarListing, list_calendars
from integrations.caldav.errors import TokenRejected
from integrations.caldav.plan import batches, plan


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one calendar, and the change marker its listing showed before reading."""

    path: str
    marker: str
    token: str
    etags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    calendars: tuple[CalendarListing, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Facts of one calendar that belong in one transaction.

    `token` and `marker` are set on a calendar's last page only: once they are stored, everything
    before them is.
    """

    path: str
    found: tuple[Resource, ...]
    withheld: frozenset[str]  # listed, but the server did not give their bodies
    gone: frozenset[str]
    token: str | None = None
    marker: str | None = None


Message = Listed | Page
Conversation = Generator[Message, "Sequence[Held] | None", None]


def conversation(client: Client, home_path: str) -> Conversation:
    """Poll the account in one request; then read the calendars the caller names in its answer.

    One request and the end where nothing moved; else per moved calendar one sync-collection and
    one multiget a batch. Raises `CalDAVError`s; what was yielded before stands.
    """
    moved = yield Listed(list_calendars(client, home_path))
    for held in moved or ():
        yield from read_calendar(client, held)


def read_calendar(client: Client, held: Held) -> Iterator[Page]:
    """The changes since `held.token`, bodies included, page by page.

    A rejected token (RFC 6578 3.8) is answered with a complete listing: resources whose ETag is
    held are not fetched again.
    """
    is_complete = not held.token
    try:
        listed = changes(client, held.path, held.token)
    except TokenRejected:
        if is_complete:
            raise
        is_complete = True
        listed = changes(client, held.path, "")
    work = plan(held.etags, listed, is_complete=is_complete)
    withheld: set[str] = set()
    for part in batches(work.fetch):
        answer = bodies(client, held.path, part)
        withheld |= answer.missing
        yield Page(held.path, answer.found, answer.missing, frozenset())
    # Something withheld is asked for again: without a marker the next poll reads the calendar.
    marker = "" if withheld else held.marker
    yield Page(held.path, (), frozenset(), work.gone, token=listed.token, marker=marker)
