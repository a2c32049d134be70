"""Reading connections: facts first, page by page, then what follows from them.

A `Pull` is one connection being read. It hears messages of a conversation (integrations.caldav.
reading), writes what each says in a transaction of its own, and answers how to go on.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from calendars.models import BusySource
from integrations.caldav.client import Client
from integrations.caldav.discovery import CalendarKind
from integrations.caldav.errors import CalDAVError
from integrations.caldav.reading import Conversation, Held, Listed, Message, Page, conversation
from integrations.models import Connection, RemoteCalendar, RemoteEvent, SyncRun
from integrations.services import leasing
from integrations.services.applying import apply, stretch, sweep
from integrations.services.clients import SecretLost, client_of
from integrations.services.connecting import record_listing
from integrations.services.verdicts import Past, jittered, verdict

log = structlog.get_logger(__name__)

ACCOUNT_IS_BUSY = timedelta(seconds=10)


@dataclass
class Pull:
    connection: Connection
    lease: uuid.UUID
    run: SyncRun
    client: Client | None = None
    changed: int = 0
    gone: int = 0
    reads: dict[str, RemoteCalendar] = field(default_factory=dict)

    def conversation(self) -> Conversation:
        """What to say to the server; the caller may advance it in another thread."""
        if self.client is None:
            raise SecretLost
        return conversation(self.client, self.connection.home_path)

    def receive(self, message: Message) -> Sequence[Held] | None:
        """Store what was heard; after a listing, say which calendars to read."""
        if isinstance(message, Listed):
            return self._poll(message)
        self._store(message)
        return None

    def _poll(self, listed: Listed) -> list[Held]:
        now = timezone.now()
        with transaction.atomic():
            leasing.extend(self.connection.remote_account, self.lease)
            record_listing(self.connection, listed.calendars, now=now)
            markers = {
                listing.path: listing.marker
                for listing in listed.calendars
                if listing.kind is CalendarKind.EVENTS
            }
            chosen = self.connection.calendars.exclude(busy_source=None).filter(path__in=markers)
            chosen = chosen.select_related("busy_source", "connection__remote_account")
            self.reads = {calendar.path: calendar for calendar in chosen}
            moved = {
                path: calendar
                for path, calendar in self.reads.items()
                if not markers[path] or markers[path] != calendar.poll_marker
            }
            _mark_read([self.reads[path] for path in self.reads.keys() - moved.keys()], now)
        return [_held(calendar, markers[path]) for path, calendar in moved.items()]

    @transaction.atomic
    def _store(self, page: Page) -> None:
        leasing.extend(self.connection.remote_account, self.lease)
        calendar = self.reads[page.path]
        chosen = RemoteCalendar.objects.filter(busy_source=calendar.busy_source_id)
        if not chosen.select_for_update().filter(pk=calendar.pk).exists():
            return  # unticked meanwhile, or ticked anew: what was heard belongs to nobody
        store_facts(calendar, page, now=timezone.now())
        self.changed += len(page.found)
        self.gone += len(page.gone)

    def finish(self) -> None:
        """Draw the consequences of all stored facts, once every calendar has been read."""
        now = timezone.now()
        if not self._still_connected().exists():
            self._close(SyncRun.Result.DONE, "")
            return
        for calendar in self.reads.values():
            stretch(calendar, now=now)
            apply(calendar, now=now)
        for calendar in self.reads.values():
            sweep(calendar, now=now)
        self._still_connected().update(
            synced_at=now,
            failures=0,
            failing_since=None,
            problem=Connection.Problem.NONE,
            next_poll_at=now + jittered(settings.SYNC_INTERVAL),
        )
        self._close(SyncRun.Result.DONE, "")

    def fail(self, error: Exception) -> None:
        """Keep what is known, and decide when to ask again or what a person must do."""
        now, connection = timezone.now(), self.connection
        past = Past(
            failures=connection.failures,
            synced_at=connection.synced_at,
            was_refused=connection.problem == Connection.Problem.REFUSED,
        )
        means = verdict(error, past, now=now)
        stops = means.retry_at is None
        self._still_connected().update(
            problem=means.problem,
            failures=F("failures") + 1,
            failing_since=Coalesce("failing_since", now),
            state=Connection.State.NEEDS_RECONNECT if stops else Connection.State.CONNECTED,
            next_poll_at=means.retry_at or now,
        )
        if means.waits_for_account:
            leasing.rest(connection.remote_account, until=means.retry_at)
        self._close(SyncRun.Result.FAILED, Connection.Problem(means.problem).label)

    def _still_connected(self) -> QuerySet[Connection]:
        """The row, unless somebody paused or disconnected it meanwhile: that stands."""
        rows: QuerySet[Connection] = Connection.objects.filter(pk=self.connection.pk)
        return rows.filter(state=Connection.State.CONNECTED)

    def suspend(self) -> None:
        """Stop here for now: the facts stored so far stand, the rest is read next time."""
        self._close(SyncRun.Result.DONE, "To be continued: there is much to read.")

    def _close(self, result: SyncRun.Result, problem: str) -> None:
        self.run.finished_at = timezone.now()
        if self.client is not None:
            self.client.close()
            self.run.requests, self.run.received_bytes = self.client.requests, self.client.received
        self.run.events_changed, self.run.events_gone = self.changed, self.gone
        self.run.result, self.run.problem = result, problem
        self.run.save()
        leasing.release(self.connection.remote_account, self.lease)
        log.info(
            "sync",
            connection=self.connection.pk,
            result=str(result),
            requests=self.run.requests,
            changed=self.changed,
            gone=self.gone,
        )


def begin(connection: Connection) -> Pull | None:
    """Take the account's lease and open a client; None while the account is in other hands or
    rests because iCloud asked for it.

    A lost key is a verdict too: then nothing is begun and the connection says what to do.
    """
    lease = leasing.take(connection.remote_account)
    if lease is None:
        later = leasing.free_at(connection.remote_account) or timezone.now() + ACCOUNT_IS_BUSY
        Connection.objects.filter(pk=connection.pk).update(next_poll_at=later)
        return None
    run = SyncRun.objects.create(connection=connection)
    reading = Pull(connection, lease, run)
    try:
        reading.client = client_of(connection)
    except SecretLost as lost:
        reading.fail(lost)
        return None
    return reading


def pull(connection: Connection) -> Pull | None:
    """Read one connection here and now. Failures are recorded, not raised."""
    reading = begin(connection)
    if reading is None:
        return None
    talk, reply = reading.conversation(), None
    try:
        while True:
            reply = reading.receive(talk.send(reply))
    except StopIteration:
        reading.finish()
    except CalDAVError as error:
        reading.fail(error)
    return reading


def store_facts(calendar: RemoteCalendar, page: Page, *, now: datetime) -> None:
    """Store bodies, ghosts and disappearances of a page, and last its token and marker."""
    RemoteEvent.objects.bulk_create(
        [
            RemoteEvent(remote_calendar=calendar, href=body.href, etag=body.etag, raw=body.ics)
            for body in page.found
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["remote_calendar", "href"],
        update_fields=["etag", "raw", "is_applied", "missing_since"],
    )
    RemoteEvent.objects.bulk_create(
        [_withheld(calendar, href) for href in sorted(page.withheld)],
        batch_size=200,
        ignore_conflicts=True,
    )
    for part in _parts(sorted(page.gone)):
        calendar.events.filter(href__in=part).update(missing_since=now, is_applied=False)
    if page.token is not None:
        calendar.sync_token, calendar.poll_marker = page.token, page.marker or ""
        calendar.save(update_fields=["sync_token", "poll_marker"])
        _mark_read([calendar], now)


def _withheld(calendar: RemoteCalendar, href: str) -> RemoteEvent:
    """Listed, but not handed out: no ETag, so that it is asked for again, and staff can see it."""
    return RemoteEvent(
        remote_calendar=calendar,
        href=href,
        etag="",
        parse_state=RemoteEvent.Parse.UNREADABLE,
        problem="iCloud lists this event but does not hand it out yet.",
        is_applied=True,
    )


def _held(calendar: RemoteCalendar, marker: str) -> Held:
    etags = dict(calendar.events.values_list("href", "etag"))
    return Held(calendar.path, marker, calendar.sync_token, etags)


def _mark_read(calendars: Sequence[RemoteCalendar], now: datetime) -> None:
    """Their last read is now: nothing moved, or all that moved is stored."""
    sources = BusySource.objects.filter(remote_calendar__in=calendars)
    sources.update(last_read_at=now)


def _parts(hrefs: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [hrefs[start : start + size] for start in range(0, len(hrefs), size)]
