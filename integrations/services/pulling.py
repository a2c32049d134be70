"""Reading connections: facts first, page by page, then what follows from them.

A `Pull` is one connection being read. It hears messages of a conversation (integrations.caldav.
reading), writes what each says in a transaction of its own, and answers how to go on.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.caldav.client import Client
from integrations.caldav.discovery import CalendarKind, CalendarListing
from integrations.caldav.errors import CalDAVError
from integrations.caldav.reading import (
    Conversation,
    Failed,
    Held,
    Listed,
    Message,
    Page,
    conversation,
)
from integrations.models import Connection, RemoteCalendar, SyncRun
from integrations.services import leasing
from integrations.services.applying import apply, mark_read, sweep
from integrations.services.clients import SecretLost, client_of
from integrations.services.configuring import stop_reading_what_was_left
from integrations.services.connecting import record_listing
from integrations.services.deleting import sweep_gone_calendars
from integrations.services.doubting import wants_whole_listing
from integrations.services.failing import note_failure, note_success, unchanged
from integrations.services.following import follow
from integrations.services.leasing import LeaseLost
from integrations.services.storing import etags_held, hrefs_of_own, store_facts
from integrations.services.vanishing import note_gone_calendars
from integrations.services.verdicts import jittered

log = structlog.get_logger(__name__)

ACCOUNT_IS_BUSY = timedelta(seconds=10)


class OutOfTime(Exception):
    """The job's time is over: what was stored stands, the rest is done next time."""


@dataclass
class Pull:
    connection: Connection
    lease: uuid.UUID
    run: SyncRun
    planned: datetime  # its next poll as this reading began
    ends: float  # on the monotonic clock
    asked_at: datetime = field(default_factory=timezone.now)
    client: Client | None = None
    changed: int = 0
    gone: int = 0
    drift: int = 0  # what changed though iCloud said that nothing had
    unmoved: set[str] = field(default_factory=set)
    reads: dict[str, RemoteCalendar] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)

    def conversation(self) -> Conversation:
        """What to say to the server; the caller may advance it in another thread."""
        if self.client is None:
            raise SecretLost
        return conversation(self.client, self.connection.home_path)

    def receive(self, message: Message) -> Sequence[Held] | None:
        """Store what was heard; after a listing, say which calendars to read."""
        match message:
            case Listed():
                return self._poll(message)
            case Page():
                self._store(message)
            case Failed():
                self.failed[message.path] = message.error
        return None

    def _poll(self, listed: Listed) -> list[Held]:
        now = timezone.now()
        with transaction.atomic():
            leasing.extend(self.connection.remote_account, self.lease)
            record_listing(self.connection, listed.calendars, now=now)
            listings = {
                listing.path: listing
                for listing in listed.calendars
                if listing.kind is CalendarKind.EVENTS
            }
            chosen = self.connection.calendars.exclude(busy_source=None).filter(path__in=listings)
            chosen = chosen.select_related("busy_source", "connection__remote_account")
            self.reads = {calendar.path: calendar for calendar in chosen}
        return [
            self._held(calendar, listings[path])
            for path, calendar in self.reads.items()
            if self._is_to_be_read(calendar, listings[path])
        ]

    def _is_to_be_read(self, calendar: RemoteCalendar, listing: CalendarListing) -> bool:
        if not listing.marker or listing.marker != calendar.poll_marker:
            return True
        if wants_whole_listing(calendar, now=self.asked_at):
            self.unmoved.add(calendar.path)
            return True
        return False

    def _held(self, calendar: RemoteCalendar, listing: CalendarListing) -> Held:
        is_whole = wants_whole_listing(calendar, now=self.asked_at)
        return Held(
            calendar.path,
            listing.marker,
            "" if is_whole else calendar.sync_token,
            etags_held(calendar),
            listing.supports_sync,
            hrefs_of_own(calendar),
        )

    def _store(self, page: Page) -> None:
        calendar = self.reads[page.path]
        with transaction.atomic():
            leasing.extend(self.connection.remote_account, self.lease)
            chosen = RemoteCalendar.objects.filter(busy_source=calendar.busy_source_id)
            if not chosen.select_for_update().filter(pk=calendar.pk).exists():
                return  # unticked meanwhile, or ticked anew: what was heard belongs to nobody
            store_facts(calendar, page, asked_at=self.asked_at, now=timezone.now())
        self.changed += len(page.found)
        self.gone += len(page.gone)
        if page.path in self.unmoved:
            self.drift += len(page.found) + len(page.gone)

    def finish(self) -> None:
        """Draw the consequences of all stored facts.

        Each calendar counts as read only once its own consequences are drawn; one that fails keeps
        no other from it. Deletions wait until all of the account was read: a move between two
        calendars is no deletion.
        """
        if unchanged(self.connection).exists():
            for path, calendar in self.reads.items():
                if path not in self.failed:
                    self._apply(calendar)
            follow(self.connection, guard=self._hold)
            if self.failed:
                self.fail(next(iter(self.failed.values())), retries=False)
                return
            for calendar in self.reads.values():
                sweep(calendar, now=timezone.now(), guard=self._hold)
            sweep_gone_calendars(self.connection, now=timezone.now(), guard=self._hold)
            note_gone_calendars(self.connection)
            stop_reading_what_was_left(self.connection)
            next_poll_at = timezone.now() + jittered(settings.SYNC_INTERVAL)
            note_success(self.connection, planned=self.planned, next_poll_at=next_poll_at)
        self.close(SyncRun.Result.DONE, "")

    def fail(self, error: Exception, *, retries: bool = True) -> None:
        """Keep what is known, and decide when to ask again or what a person must do.

        Without `retries` the account itself answered: it is asked again at the usual time.
        """
        if not isinstance(error, CalDAVError | SecretLost):
            log.error("sync failed", connection=self.connection.pk, exc_info=error)
        usual = None if retries else timezone.now() + jittered(settings.SYNC_INTERVAL)
        words = note_failure(self.connection, error, planned=self.planned, next_poll_at=usual)
        self.close(SyncRun.Result.FAILED, words)

    def suspend(self) -> None:
        """Stop here for now: the facts stored so far stand, the rest is read next time."""
        self.close(SyncRun.Result.DONE, "To be continued: there is much to read.")

    @property
    def is_closed(self) -> bool:
        return self.run.finished_at is not None

    def close(self, result: SyncRun.Result, problem: str) -> None:
        self.run.finished_at = timezone.now()
        if self.client is not None:
            self.client.close()
            self.run.requests, self.run.received_bytes = self.client.requests, self.client.received
        self.run.events_changed, self.run.events_gone = self.changed, self.gone
        self.run.drift = self.drift
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
            drift=self.drift,
        )

    def _apply(self, calendar: RemoteCalendar) -> None:
        now = timezone.now()
        try:
            apply(calendar, now=now, guard=self._hold)
            mark_read(calendar, now=now)
        except (LeaseLost, OutOfTime):
            raise
        except Exception as error:
            self.failed[calendar.path] = error

    def _hold(self) -> None:
        """Go on holding the account, while there is time. Called in each transaction."""
        if monotonic() > self.ends:
            raise OutOfTime
        leasing.extend(self.connection.remote_account, self.lease)


def begin(connection: Connection, *, ends: float = float("inf")) -> Pull | None:
    """Take the account's lease and open a client; None while the account is in other hands or
    rests because iCloud asked for it.

    A lost key is a verdict too: then nothing is begun and the connection says what to do.
    """
    lease = leasing.take(connection.remote_account)
    if lease is None:
        later = leasing.free_at(connection.remote_account) or timezone.now() + ACCOUNT_IS_BUSY
        Connection.objects.filter(pk=connection.pk).update(next_poll_at=later)
        return None
    planned = timezone.now() + leasing.LEASE
    Connection.objects.filter(pk=connection.pk).update(next_poll_at=planned)
    reading = Pull(connection, lease, SyncRun.objects.create(connection=connection), planned, ends)
    try:
        reading.client = client_of(connection)
    except (SecretLost, CalDAVError) as lost:
        reading.fail(lost)
        return None
    return reading


def settle(reading: Pull, work: Callable[[], None]) -> None:
    """Do the last part of a reading; whatever happens in it, the reading is closed."""
    try:
        work()
    except (LeaseLost, OutOfTime):
        reading.suspend()
    except Exception as error:
        reading.fail(error)


def pull(connection: Connection) -> Pull | None:
    """Read one connection here and now. Failures are recorded, not raised."""
    reading = begin(connection)
    if reading is not None:
        settle(reading, lambda: _converse(reading))
    return reading


def _converse(reading: Pull) -> None:
    talk = reading.conversation()
    reply: Sequence[Held] | None = None
    try:
        while True:
            reply = reading.receive(talk.send(reply))
    except StopIteration:
        reading.finish()
