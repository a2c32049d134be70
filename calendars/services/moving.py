"""Move an appointment to another time: by its guest, or by staff."""

from dataclasses import replace
from datetime import datetime

from accounts.models import User
from calendars.models import Appointment, HistoryEntry, Mail
from calendars.services import history
from calendars.services.booking import PICKED_BY_STAFF
from calendars.services.finding import Found, find_anyway, find_slot, find_slot_for_staff
from calendars.services.history import Actor
from calendars.services.locking import lock_meeting_of
from calendars.services.meetings import move_meeting, serving_hosts, want_copies
from calendars.services.policies import may_reschedule
from calendars.services.refusals import ChangesClosed, Ended
from calendars.services.taking import all_or_taken
from calendars.services.telling import Times, tell, tell_hosts

HANDED_OVER = "Somebody else serves it now."


def reschedule(appointment: Appointment, starts_at: datetime, *, now: datetime) -> Appointment:
    """Its guest moves it to another offered time; the host stays where they are free.

    Sent twice, it is moved once. Raises `SlotTaken`, `NotOffered`, `Ended`, and `ChangesClosed`
    where the calendar's policy does not let guests do that, or not any more.
    """
    with all_or_taken():
        current = _current(appointment)
        if current.meeting.starts_at == starts_at:
            return current
        if not may_reschedule(current, now=now):
            raise ChangesClosed
        meeting = current.meeting
        found = find_slot(meeting.calendar, starts_at, now=now, moving=meeting)
        return _move(current, found, Actor.guest())


def move(
    appointment: Appointment,
    starts_at: datetime,
    *,
    by: User,
    now: datetime,
    host: int | None = None,
    anyway: bool = False,
) -> Appointment:
    """Staff move it, and give it to another host where `host` says so. Guest and hosts are told.

    Raises `NotFree` where the time is not offered, `SlotTaken`, and `Ended`; with `anyway` it is
    moved all the same, which is recorded and flagged.
    """
    with all_or_taken():
        current = _current(appointment)
        meeting = current.meeting
        if meeting.starts_at == starts_at and host in {None, *serving_hosts(current)}:
            return current
        find = find_anyway if anyway else find_slot_for_staff
        found = find(meeting.calendar, starts_at, now=now, host=host, moving=meeting)
        if host is not None:
            found = replace(found, because=PICKED_BY_STAFF)
        return _move(current, found, Actor.staff(by))


def _current(appointment: Appointment) -> Appointment:
    current = lock_meeting_of(appointment)
    if current.status in Appointment.ENDED:
        raise Ended
    return current


def _move(appointment: Appointment, found: Found, actor: Actor) -> Appointment:
    meeting = appointment.meeting
    was_at, was_until = meeting.starts_at, meeting.ends_at
    before = serving_hosts(appointment)
    move_meeting(
        meeting, found.slot, host=found.host, because=found.because, anyway=found.is_anyway
    )
    appointment.sequence += 1
    appointment.save(update_fields=["sequence"])
    history.note(appointment, HistoryEntry.Kind.MOVED, actor, was_at=was_at, text=found.note)
    tell(appointment, Mail.Kind.MOVED, actor, was_at=was_at)
    left = [user for user in before if user != found.host]
    if left:
        _hand_over(appointment, left, actor, at=(was_at, was_until))
    want_copies(meeting)
    return appointment


def _hand_over(appointment: Appointment, left: list[int], actor: Actor, *, at: Times) -> None:
    """Who served it so far learns that it is no longer theirs, unless they gave it away."""
    history.note(appointment, HistoryEntry.Kind.HANDED_OVER, actor)
    others = User.objects.filter(pk__in=left).order_by("pk")
    if actor.user is not None:
        others = others.exclude(pk=actor.user.pk)
    tell_hosts(appointment, Mail.Kind.CANCELLED, list(others), at=at, reason=HANDED_OVER)
