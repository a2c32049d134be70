"""End an appointment, cancelled or marked as invalid, and bring it back."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from calendars.models import Appointment, HistoryEntry, Mail, Meeting
from calendars.services import history
from calendars.services.availability import obstacles, rules_of_meeting
from calendars.services.combining import as_booked
from calendars.services.history import Actor
from calendars.services.locking import lock_meeting_of
from calendars.services.meetings import give_back, serving_hosts, take_the_rest, want_copies
from calendars.services.policies import may_cancel
from calendars.services.refusals import ChangesClosed, NotFree, NotInThisState
from calendars.services.seats import ITSELF, free_seat, meetings_at
from calendars.services.telling import tell

ANYWAY = "Restored anyway, over what lies there by now."


@transaction.atomic
def cancel_by_guest(appointment: Appointment, *, reason: str, now: datetime) -> Appointment:
    """Free the seat at once; hosts and iCloud learn of it from the outbox. What is cancelled
    already stays as it is.

    Raises `ChangesClosed` where the calendar's policy does not let guests cancel, or not any more.
    """
    current = lock_meeting_of(appointment)
    if current.status in Appointment.ENDED:
        return current
    if not may_cancel(current, now=now):
        raise ChangesClosed
    return _cancel(current, Actor.guest(), reason)


@transaction.atomic
def cancel(appointment: Appointment, *, by: User, reason: str = "") -> Appointment:
    """Cancel it for a member of staff, whatever the calendar's policy says to guests.

    What has ended already stays as it is.
    """
    current = lock_meeting_of(appointment)
    if current.status in Appointment.ENDED:
        return current
    return _cancel(current, Actor.staff(by), reason)


@transaction.atomic
def cancel_meeting(meeting: Meeting, actor: Actor, *, note: str) -> None:
    """Cancel every seat of a meeting, with its calendar and its hosts locked (`locking`).

    The note is for staff: guests are told that it does not take place, and no more.
    """
    for seat in meeting.appointments.live():
        _cancel(seat, actor, note=note)


@transaction.atomic
def mark_invalid(appointment: Appointment, *, by: User) -> Appointment:
    """It was never meant, such as spam: its time is free, its event goes, and nobody is written to.

    Raises `NotInThisState` for a cancelled one.
    """
    current = lock_meeting_of(appointment)
    if current.status == Appointment.Status.INVALID:
        return current
    if current.status == Appointment.Status.CANCELLED:
        raise NotInThisState
    _end(current, Appointment.Status.INVALID)
    history.note(current, HistoryEntry.Kind.INVALID, Actor.staff(by))
    want_copies(current.meeting)
    return current


@transaction.atomic
def restore(
    appointment: Appointment, *, by: User, now: datetime, anyway: bool = False
) -> Appointment:
    """Bring a cancelled or invalid one back to the time it had. Guest and hosts are told.

    Raises `NotFree` where that time is no longer its hosts' to give, or no seat is left; with
    `anyway` it takes what is free, or one seat more than there are, and is flagged.
    """
    current = lock_meeting_of(appointment)
    if current.status not in Appointment.ENDED:
        return current
    if not anyway:
        _check(current, now)
    current.meeting = _meeting_there(current)
    current.seat = free_seat(current.meeting)
    current.status = Appointment.Status.CONFIRMED
    current.sequence += 1
    current.save(update_fields=["meeting", "seat", "status", "sequence"])
    take_the_rest(current.meeting)
    actor = Actor.staff(by)
    history.note(current, HistoryEntry.Kind.RESTORED, actor, text=ANYWAY if anyway else "")
    tell(current, Mail.Kind.BOOKED, actor)
    want_copies(current.meeting)
    return current


def _check(appointment: Appointment, now: datetime) -> None:
    """Raise `NotFree` if anything lies where the appointment was, by the rules it was booked with.

    Notice, hours and the grid do not count: they did when it was booked.
    """
    meeting = appointment.meeting
    verdict = obstacles(
        as_booked(meeting),
        int(meeting.starts_at.timestamp()),
        rules_of_meeting(meeting),
        users=serving_hosts(appointment),
        now=now,
    )
    if verdict.refused:
        raise NotFree(verdict)


def _meeting_there(appointment: Appointment) -> Meeting:
    """Its own meeting; where that was dissolved and others took the time since, theirs."""
    meeting = appointment.meeting
    if meeting.appointments.live().exists() or meeting.services.exists():
        return meeting
    span = (int(meeting.starts_at.timestamp()), int(meeting.ends_at.timestamp()))
    hosts = serving_hosts(appointment) or [ITSELF]
    return next(iter(meetings_at(meeting.calendar, span, hosts).values()), meeting)


def _cancel(
    appointment: Appointment, actor: Actor, reason: str = "", *, note: str = ""
) -> Appointment:
    _end(appointment, Appointment.Status.CANCELLED)
    history.note(appointment, HistoryEntry.Kind.CANCELLED, actor, text=note or reason)
    tell(appointment, Mail.Kind.CANCELLED, actor, reason=reason)
    want_copies(appointment.meeting)
    return appointment


def _end(appointment: Appointment, status: Appointment.Status) -> None:
    appointment.status = status
    appointment.sequence += 1
    appointment.save(update_fields=["status", "sequence"])
    give_back(appointment.meeting)
