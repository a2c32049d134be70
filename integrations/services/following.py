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
from calendars.services.locking import lock_users
from calendars.services.meetings import show_copy, want_copy
from calendars.services.remote_changes import (
    RemoteMove,
    note_remote,
    take_remote_moves,
    was_moved_for_another,
)
from integrations.caldav.merge import Merge, Side, merge
from integrations.caldav.parsing import Unreadable, description_of
from integrations.caldav.resource import Resource
from integrations.caldav.semantics import Fingerprint, fingerprint
from integrations.caldav.single import single_span
from integrations.caldav.texts import added
from integrations.models import Connection, MirroredEvent, RemoteEvent
from integrations.services.composing import Wanted, wanted_event
from integrations.services.standing import is_superseded, note_place, note_seen, past_of

Copy, State = MeetingHost.Copy, MirroredEvent.State
LONGEST_ADDED = 20_000
RESHAPED = "It is no single appointment there any more. Here it stays at its time."


@dataclass(frozen=True, slots=True)
class Followed:
    """What an event's owner did to it, as far as anything follows from it."""

    event: MirroredEvent
    merge: Merge
    stood_at: datetime | None  # when the meeting began as this was decided
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
        if event is None or _is_a_copy(event, remote):
            continue
        note_place(event, remote)
        followed.append(_merged(event, Resource(remote.href, remote.etag, remote.raw)))
    _take(followed)


@transaction.atomic
def follow_one(event: MirroredEvent, standing: Resource) -> None:
    """Draw the consequences of one own event that was found to stand otherwise while writing it."""
    _take([_merged(event, standing)])


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
    ).exclude(etag="")  # withheld: what it says by now is not known
    return rows.select_related(
        "remote_calendar", "mirrors__meeting_host__meeting", "mirrors__meeting_host__user"
    ).order_by("mirrors__meeting_host", "pk")


def _is_a_copy(event: MirroredEvent, remote: RemoteEvent) -> bool:
    """Whether it lies beside the original, which counts while its calendar is there."""
    original = RemoteEvent.objects.filter(
        mirrors=event,
        href=event.href,
        missing_since=None,
        remote_calendar__busy_source__gone_at=None,
    )
    return remote.href != event.href and original.exists()


def _merged(event: MirroredEvent, standing: Resource) -> Followed:
    """Compare the sides, and remember what stands there."""
    theirs = _theirs(event, standing.ics)
    wanted = None if is_superseded(event) else wanted_event(event)
    past = past_of(event)
    result = Merge(past.agreed)
    if wanted:
        yields = was_moved_for_another(event.meeting_host)
        result = merge(past, mine=wanted.side, theirs=theirs, yields=yields)
    _note_texts(event, description_of(standing.ics), wanted)
    # One that is there again after it went, or not as wanted: the outbox sorts it out.
    is_unsettled = event.state != State.WRITTEN or wanted is None or result.is_overruled
    note_seen(event, standing, theirs.means, agreed=result.agreed)
    return Followed(event, result, _start_of(wanted), is_unsettled)


def _note_texts(event: MirroredEvent, description: str, wanted: Wanted | None) -> None:
    """Tell Daybook's part of the description from what its host wrote into it."""
    own = [event.own_text, event.sent_text, *([wanted.own_text] if wanted else [])]
    event.added_text = added(description, *own)[:LONGEST_ADDED]
    # An answer that was lost may have been to what stands there: its part is the one that fits.
    event.own_text = min(own, key=lambda text: len(added(description, text)))


def _start_of(wanted: Wanted | None) -> datetime | None:
    return wanted.side.span[0] if wanted and wanted.side.span else None


def _theirs(event: MirroredEvent, ics: str) -> Side:
    try:
        means = fingerprint(ics)
    except Unreadable:
        return Side(Fingerprint("unreadable".ljust(64), "unreadable"), None)
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
            if one.merge.move is not None and one.stood_at is not None
        ]
    )
    lock_users(one.event.meeting_host.person.pk for one in followed)
    for one in followed:
        _show(one)
    if any(one.is_unsettled for one in followed):
        outbox.ring()


def _show(one: Followed) -> None:
    part = one.event.meeting_host
    for text in one.merge.notes:
        note_remote(part, text)
    if one.merge.is_reshaped:
        show_copy(part, Copy.CHANGED, RESHAPED)
    elif part.copy in {Copy.CHANGED, Copy.DELETED}:
        show_copy(part, Copy.WRITTEN)
    if one.is_unsettled:
        want_copy(part, part.meeting)
