"""Follow what hosts do to Daybook's own events in iCloud: moved, edited, deleted, dragged away.

Only what is read through the host's own connection in the meeting's sub-account counts, which is
what `RemoteEvent.mirrors` says. Rows say what was followed already, so this can be run at any time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.models import Member
from calendars.models import MeetingHost
from calendars.services import outbox
from calendars.services.meetings import show_copy, want_copy
from calendars.services.remote_changes import RemoteMove, note_remote, take_remote_moves
from integrations.caldav.merge import Merge, Side, merge
from integrations.caldav.parsing import Unreadable
from integrations.caldav.resource import Resource
from integrations.caldav.semantics import Fingerprint, fingerprint
from integrations.caldav.single import single_span
from integrations.models import Connection, MirroredEvent, RemoteEvent
from integrations.services.composing import wanted_event

State = MirroredEvent.State
DELETED = "Deleted in iCloud. The appointment stays."
RESHAPED = "It was made all-day or repeating there. The appointment stays at its time."


@dataclass(frozen=True, slots=True)
class Followed:
    """What an event's owner did to it, as far as anything follows from it."""

    event: MirroredEvent
    merge: Merge
    stood_at: datetime  # when the meeting began as this was decided
    is_unsettled: bool  # the outbox has to look at it again


@transaction.atomic
def follow(connection: Connection, *, guard: Callable[[], None]) -> None:
    """Draw the consequences of every own event that stands otherwise than it was left.

    The moves of one pass are taken together. `guard` raises where the work must stop.
    """
    changed = list(_changed(connection))
    if not changed:
        return
    guard()
    followed = []
    for remote in changed:
        event = remote.mirrors
        if event is None:
            continue
        _note_place(event, remote)
        followed.append(_merged(event, Resource(remote.href, remote.etag, remote.raw)))
    _take(followed)


@transaction.atomic
def follow_one(event: MirroredEvent, standing: Resource) -> None:
    """The same for one event that was found to stand otherwise while writing it."""
    _take([_merged(event, standing)])


def note_deleted(gone: Sequence[RemoteEvent]) -> None:
    """Own events that disappeared from the calendar they stood in. Call it after `follow`: one
    that was dragged to another calendar is known there by then.

    Appointments stay. Where Daybook did not want the event any more, it is simply gone.
    """
    for remote in gone:
        event = _standing(remote)
        if event is None:
            continue
        part = event.meeting_host
        wanted = wanted_event(event) is not None
        event.state = State.DELETED if wanted else State.REMOVED
        event.etag = ""
        event.save(update_fields=["state", "etag"])
        if wanted:
            show_copy(part, MeetingHost.Copy.DELETED)
            note_remote(part, DELETED)


def _changed(connection: Connection) -> Iterable[RemoteEvent]:
    stands_otherwise = (
        ~Q(etag=F("mirrors__etag")) | ~Q(href=F("mirrors__href")) | ~Q(mirrors__state=State.WRITTEN)
    )
    rows = RemoteEvent.objects.filter(
        stands_otherwise,
        remote_calendar__connection=connection,
        mirrors__isnull=False,
        missing_since=None,
        is_applied=True,
    ).exclude(mirrors__state=State.REMOVED)
    return rows.select_related(
        "remote_calendar", "mirrors__meeting_host__meeting", "mirrors__meeting_host__user"
    ).order_by("pk")


def _note_place(event: MirroredEvent, remote: RemoteEvent) -> None:
    """Where it stands now: a dragged event is updated and removed where it was dragged to."""
    if event.href != remote.href and _stands_at_its_old_place(event):
        return  # a copy beside the original: the original counts
    event.remote_calendar, event.href = remote.remote_calendar, remote.href
    event.save(update_fields=["remote_calendar", "href"])


def _stands_at_its_old_place(event: MirroredEvent) -> bool:
    here = RemoteEvent.objects.filter(mirrors=event, href=event.href, missing_since=None)
    return here.exists()


def _merged(event: MirroredEvent, standing: Resource) -> Followed:
    """Compare the sides, and remember what stands there as what both sides have from now on."""
    theirs = _theirs(event, standing.ics)
    wanted = None if _is_superseded(event) else wanted_event(event)
    base = Fingerprint.of_key(event.pushed_hash)
    result = merge(base=base, mine=wanted.side, theirs=theirs) if wanted else Merge()
    # One that is there again after its deletion, or not as wanted: the outbox sorts it out.
    is_unsettled = event.state != State.WRITTEN or base is None or wanted is None
    event.etag, event.pushed_hash, event.state = standing.etag, theirs.means.key, State.WRITTEN
    event.save(update_fields=["etag", "pushed_hash", "state"])
    return Followed(event, result, event.meeting_host.meeting.starts_at, is_unsettled)


def _is_superseded(event: MirroredEvent) -> bool:
    later = MirroredEvent.objects.filter(meeting_host=event.meeting_host_id)
    return later.filter(generation__gt=event.generation).exists()


def _theirs(event: MirroredEvent, ics: str) -> Side:
    try:
        means = fingerprint(ics)
    except Unreadable:
        return Side(Fingerprint("unreadable", "unreadable"), None)
    part = event.meeting_host
    member = Member.objects.filter(
        user=part.user_id, sub_account=part.meeting.sub_account_id
    ).first()
    zone = member.zone if member else part.meeting.calendar.zone
    return Side(means, single_span(ics, zone=zone))


def _take(followed: Sequence[Followed]) -> None:
    # First what locks calendars: whoever writes meetings takes those locks before any other.
    take_remote_moves(
        [
            RemoteMove(one.event.meeting_host_id, *one.merge.move, instead_of=one.stood_at)
            for one in followed
            if one.merge.move is not None
        ]
    )
    for one in followed:
        part = one.event.meeting_host
        for text in one.merge.notes:
            note_remote(part, text)
        if one.merge.is_reshaped:
            show_copy(part, MeetingHost.Copy.CHANGED, RESHAPED)
        elif part.copy in {MeetingHost.Copy.CHANGED, MeetingHost.Copy.DELETED}:
            show_copy(part, MeetingHost.Copy.WRITTEN)
        if one.is_unsettled:
            _want(part)


def _standing(remote: RemoteEvent) -> MirroredEvent | None:
    """The own event that this was, unless it was dragged elsewhere or removed by Daybook."""
    rows = MirroredEvent.objects.select_related("meeting_host__meeting", "meeting_host__user")
    standing = rows.filter(href=remote.href, state__in=[State.WRITTEN, State.INTENDED])
    return standing.filter(seen_as=remote).first()


def _want(part: MeetingHost) -> None:
    want_copy(part, part.meeting)
    outbox.ring()
