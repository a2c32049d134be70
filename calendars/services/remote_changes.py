"""What hosts did to their copies of meetings, in their own calendars: followed, noted, shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from calendars.engine.spans import Span
from calendars.models import Appointment, HistoryEntry, Mail, Meeting, MeetingHost, MeetingService
from calendars.services import history, outbox
from calendars.services.cancelling import cancel_meeting
from calendars.services.history import Actor
from calendars.services.locking import lock_calendars, lock_users
from calendars.services.meetings import want_copy
from calendars.services.taking import free, retake, span_of
from calendars.services.telling import tell

MOVED_HERE = "Moved in iCloud as well as in Daybook; Daybook's time counts."
OVERLAPS = "It now overlaps another booking."
DELETED = "Deleted in iCloud."
OVERRULED = "Another host moved it to another time; the primary host's choice counts."


@dataclass(frozen=True, slots=True)
class RemoteMove:
    """A host moved their copy: `part` is the MeetingHost, by primary key.

    `instead_of` is when the meeting began as this was found: if that changed meanwhile, both sides
    moved it, and Daybook's time counts, because its guest was told.
    """

    part: int
    starts_at: datetime
    ends_at: datetime
    instead_of: datetime


@transaction.atomic
def take_remote_moves(moves: Sequence[RemoteMove]) -> None:
    """Move these meetings to where their hosts put them, together, for all hosts and guests.

    All old times are free before the first new one is taken: two meetings can swap places. Where
    the new time is another's, the meeting takes what is free of it and is flagged. Of two hosts
    who moved one meeting differently, the primary one counts.
    """
    by_part = {move.part: move for move in moves}
    parts = _unmoved(_locked_parts(by_part), by_part)
    taken = {part.meeting_id: part for part in reversed(parts)}  # the primary host comes first
    for part in parts:
        if not _is_same(by_part[part.pk], by_part[taken[part.meeting_id].pk]):
            _overrule(part, OVERRULED)
    moved = [part for part in taken.values() if not _stands_at(part.meeting, by_part[part.pk])]
    was_at = {part.meeting_id: part.meeting.starts_at for part in moved}
    around = [span_of(part.meeting) for part in moved]
    resources = {each.resource for part in moved for each in part.meeting.hosts.all()}
    for part in moved:
        for each in part.meeting.hosts.all():
            free(each)
    around += [_place(part.meeting, by_part[part.pk]) for part in moved]
    retake(resources, around=around)
    for part in moved:
        _announce(part, was_at[part.meeting_id])
    if moves:
        outbox.ring()


def was_moved_for_another(part: MeetingHost) -> bool:
    """Whether another host's move in iCloud made the meeting's time what it is, and this is the
    primary host, whose own move would count."""
    if not _is_primary(part):
        return False
    moves = HistoryEntry.objects.filter(appointment__meeting=part.meeting_id)
    last = moves.filter(kind=HistoryEntry.Kind.MOVED).last()
    if last is None or last.source != HistoryEntry.Source.ICLOUD:
        return False
    return last.by_id != part.user_id


@transaction.atomic
def take_remote_deletions(deletions: Mapping[int, datetime | None], *, now: datetime) -> None:
    """Cancel, for all hosts and guests, the meetings whose primary host deleted their copy.

    `deletions` has the MeetingHost, by primary key, and when the meeting began as its copy last
    said. What has begun stays, and so does what was moved in Daybook since: its guest was told of
    another time.
    """
    for part in _locked_parts(deletions):
        meeting = part.meeting
        is_old = deletions[part.pk] not in {None, meeting.starts_at}
        if _is_primary(part) and meeting.starts_at > now and not is_old:
            cancel_meeting(meeting, Actor.icloud(part.person), note=DELETED)


@transaction.atomic
def note_remote(part: MeetingHost, text: str) -> None:
    """Put into the history what the host did to their copy, where the meeting stays as it is."""
    for appointment in part.meeting.appointments.live():
        history.note(appointment, HistoryEntry.Kind.NOTED, Actor.icloud(part.person), text=text)


def _locked_parts(pks: Iterable[int]) -> list[MeetingHost]:
    """The parts that still move something, the calendars and all users concerned locked."""
    rows = MeetingHost.objects.holding().filter(pk__in=pks)
    calendars = list(rows.values_list("meeting__calendar_id", flat=True))
    services = MeetingService.objects.filter(meeting__hosts__in=list(pks))
    lock_calendars([*calendars, *services.values_list("calendar_id", flat=True)])
    concerned = MeetingHost.objects.filter(meeting__hosts__in=list(pks))
    lock_users(concerned.values_list("user_id", flat=True))
    current = rows.filter(meeting__calendar__in=calendars)
    return list(current.select_related("meeting__sub_account", "user").primary_first())


def _is_primary(part: MeetingHost) -> bool:
    return part.meeting.hosts.serving().primary_first().first() == part


def _unmoved(parts: Sequence[MeetingHost], moves: Mapping[int, RemoteMove]) -> list[MeetingHost]:
    """Those whose meeting stands where it stood; of the others it is noted that both moved it."""
    found = []
    for part in parts:
        if part.meeting.starts_at == moves[part.pk].instead_of:
            found.append(part)
        else:
            _overrule(part, MOVED_HERE)
    return found


def _place(meeting: Meeting, move: RemoteMove) -> Span:
    meeting.starts_at, meeting.ends_at = move.starts_at, move.ends_at
    meeting.save(update_fields=["starts_at", "ends_at"])
    return span_of(meeting)


def _announce(part: MeetingHost, was_at: datetime) -> None:
    """History, mails, and the copies of the other hosts; the mover's says it already."""
    meeting, actor = part.meeting, Actor.icloud(part.person)
    overlaps = MeetingHost.objects.filter(meeting=meeting, is_overlapping=True).exists()
    text = OVERLAPS if overlaps else ""
    for appointment in meeting.appointments.live().select_related("meeting__sub_account"):
        Appointment.objects.filter(pk=appointment.pk).update(sequence=F("sequence") + 1)
        appointment.sequence += 1
        history.note(appointment, HistoryEntry.Kind.MOVED, actor, was_at=was_at, text=text)
        tell(appointment, Mail.Kind.MOVED, actor, was_at=was_at)
    for other in meeting.hosts.exclude(pk=part.pk):
        want_copy(other, meeting)


def _overrule(part: MeetingHost, text: str) -> None:
    note_remote(part, text)
    want_copy(part, part.meeting)


def _is_same(one: RemoteMove, other: RemoteMove) -> bool:
    return (one.starts_at, one.ends_at) == (other.starts_at, other.ends_at)


def _stands_at(meeting: Meeting, move: RemoteMove) -> bool:
    return (meeting.starts_at, meeting.ends_at) == (move.starts_at, move.ends_at)
