"""Daybook's own events that are gone from iCloud: believed at the second look, and shown to staff.

Appointments stay, unless their primary host's connection is set to cancel them. Where Daybook did
not want the event any more, it is simply gone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calendars.models import MeetingHost
from calendars.services.locking import lock_users
from calendars.services.meetings import show_copy, want_copy
from calendars.services.remote_changes import note_remote, take_remote_deletions
from integrations.models import Connection, MirroredEvent, RemoteCalendar, RemoteEvent
from integrations.services import standing
from integrations.services.composing import wanted_event

Copy, State = MeetingHost.Copy, MirroredEvent.State
DELETED = "Deleted in iCloud. The appointment stays."
CALENDAR_GONE = "Its calendar is gone from iCloud. The appointment stays."
SEEN_MISSING = 1
LONGEST_TROUBLE = timedelta(days=1)
NEVER = datetime.min.replace(tzinfo=UTC)


def sweep_own(calendar: RemoteCalendar, gone: Sequence[RemoteEvent], *, now: datetime) -> set[int]:
    """Treat the own events among what is gone; returns the rows that have to wait, by primary key.

    A listing can lag behind: an own event has to be missing in two passes, and the user's other
    accounts have to be read since, where it may have been dragged to. Call it after `follow`:
    one that was dragged to another calendar is known there by then.
    """
    own = [remote for remote in gone if remote.mirrors_id is not None]
    unseen = unread_since(calendar.connection) if own else None
    waiting = {
        remote.pk
        for remote in own
        if remote.withheld < SEEN_MISSING or _is_before(unseen, remote.missing_since)
    }
    RemoteEvent.objects.filter(pk__in=waiting).update(withheld=SEEN_MISSING)
    deleted = _standing_as([remote for remote in own if remote.pk not in waiting])
    _cancel(deleted, calendar.connection_id, now=now)
    _note(deleted, user=calendar.connection.user_id)
    _expect_unseen(calendar, now=now)
    return waiting


def unread_since(connection: Connection) -> datetime | None:
    """Since when not all of the user's other accounts there were read: an event could stand in one
    of them by now. One in trouble that may pass is waited for, a day at most. None: there is none,
    or none that will be read."""
    readable = Connection.objects.filter(
        Q(failing_since=None) | Q(failing_since__gt=timezone.now() - LONGEST_TROUBLE),
        user=connection.user_id,
        sub_account=connection.sub_account_id,
        state=Connection.State.CONNECTED,
    )
    read_at = list(readable.exclude(pk=connection.pk).values_list("synced_at", flat=True))
    return min((at or NEVER for at in read_at), default=None)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


@transaction.atomic
def note_gone_calendars(connection: Connection) -> None:
    """The copies in calendars that are gone from the account are not on iCloud any more."""
    lost = MirroredEvent.objects.filter(
        remote_calendar__connection=connection,
        remote_calendar__busy_source__gone_at__isnull=False,
        state=State.WRITTEN,
    )
    _note(_with_parts(lost), user=connection.user_id, text=CALENDAR_GONE)


@transaction.atomic
def note_vanished(event: MirroredEvent) -> None:
    """It was not found where it was written, nor anywhere else since."""
    still = MirroredEvent.objects.filter(pk=event.pk, href=event.href, state=State.WRITTEN)
    _note(_with_parts(still), user=event.meeting_host.person.pk)


def _standing_as(gone: Sequence[RemoteEvent]) -> list[MirroredEvent]:
    """The own events these were, without those that were dragged elsewhere or removed."""
    hrefs = {remote.mirrors_id: remote.href for remote in gone if remote.mirrors_id is not None}
    events = MirroredEvent.objects.filter(
        pk__in=list(hrefs), state__in=[State.WRITTEN, State.INTENDED]
    )
    return [event for event in _with_parts(events) if event.href == hrefs[event.pk]]


def _expect_unseen(calendar: RemoteCalendar, *, now: datetime) -> None:
    """What was written here and is not among what was read, such as after a time without reading,
    counts as missing from now on."""
    seen = RemoteEvent.objects.filter(remote_calendar=calendar, mirrors__isnull=False)
    unseen = MirroredEvent.objects.filter(remote_calendar=calendar, state=State.WRITTEN).exclude(
        pk__in=seen.values("mirrors")
    )
    # At its address another event was read: no later look will find it missing there.
    others = calendar.events.filter(mirrors=None, missing_since=None, is_applied=True)
    others = others.exclude(parse_state=RemoteEvent.Parse.UNREADABLE)
    displaced = unseen.filter(href__in=others.values("href"))
    _note(_with_parts(displaced), user=calendar.connection.user_id)
    RemoteEvent.objects.bulk_create(
        [
            RemoteEvent(
                remote_calendar=calendar,
                href=event.href,
                uid=str(event.uid),
                mirrors=event,
                missing_since=now,
                withheld=SEEN_MISSING,
                is_applied=True,
            )
            for event in unseen
        ],
        ignore_conflicts=True,
    )


def _with_parts(events: Iterable[MirroredEvent]) -> list[MirroredEvent]:
    pks = [event.pk for event in events]
    rows = MirroredEvent.objects.select_related("meeting_host__meeting", "meeting_host__user")
    return list(rows.filter(pk__in=pks).order_by("meeting_host"))


def _cancel(events: Sequence[MirroredEvent], connection: int, *, now: datetime) -> None:
    """Where the connection through which this was seen is set so: a deletion is a cancellation.

    It comes first: whoever writes meetings locks their calendars before any user.
    """
    cancels = Connection.objects.filter(pk=connection, cancels_deleted=True)
    if events and cancels.exists():
        # One on its way out may be gone because Daybook took it, and the answer never came.
        staying = [event for event in events if not event.is_leaving]
        standing_last = [event for event in staying if not standing.is_superseded(event)]
        take_remote_deletions(
            {event.meeting_host_id: event.agreed_start for event in standing_last}, now=now
        )


def _note(events: Sequence[MirroredEvent], *, user: int, text: str = DELETED) -> None:
    if not events:
        return
    lock_users([user])  # as whoever changes meetings does, before their rows
    for event in events:
        if event.is_leaving or standing.is_superseded(event) or wanted_event(event) is None:
            standing.note_removed(event)
            _look_again(event.meeting_host)
            continue
        standing.note_deleted(event)
        show_copy(event.meeting_host, Copy.DELETED)
        note_remote(event.meeting_host, text)


def _look_again(part: MeetingHost) -> None:
    """What could not be taken away is gone: somebody did it by hand, and pages have to say so."""
    if part.copy == Copy.REFUSED:
        want_copy(part, part.meeting)
