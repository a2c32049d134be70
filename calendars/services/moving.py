"""Move an appointment to another time: by its guest, or by staff; alone, or with all the others.

Who moves out of a meeting with several guests takes a seat in another meeting, new or there.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from calendars.models import Appointment, Calendar, HistoryEntry, Mail
from calendars.services import history
from calendars.services.booking import PICKED_BY_STAFF
from calendars.services.combining import as_booked
from calendars.services.finding import Found, find_anyway, find_slot, find_slot_for_staff
from calendars.services.history import Actor
from calendars.services.locking import lock_meeting_of
from calendars.services.meetings import (
    give_back,
    make_meeting,
    move_meeting,
    serving_hosts,
    take_the_rest,
    want_copies,
)
from calendars.services.policies import may_reschedule
from calendars.services.refusals import ChangesClosed, Ended
from calendars.services.seats import Moving, moving_all, moving_seat, take_seat
from calendars.services.serving import hosts_of
from calendars.services.taking import all_or_taken, free
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
        moving = moving_seat(current)
        found = find_slot(current.meeting.calendar, starts_at, now=now, moving=moving)
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

    Raises `NotFree` where the time is not offered, `SlotTaken`, `NotBookable` and `Ended`; with
    `anyway` it is moved all the same, which is recorded and flagged.
    """
    with all_or_taken():
        current = _current(appointment)
        if _is_there(current, starts_at, host):
            return current
        moving = moving_seat(current)
        found = _find(current, starts_at, moving, now=now, host=host, anyway=anyway)
        return _move(current, found, Actor.staff(by))


def move_all(
    appointment: Appointment,
    starts_at: datetime,
    *,
    by: User,
    now: datetime,
    host: int | None = None,
    anyway: bool = False,
) -> Appointment:
    """Staff move every guest of its meeting, which goes as it is: all of them are told.

    Takes and raises what `move` does.
    """
    with all_or_taken():
        current = _current(appointment)
        if _is_there(current, starts_at, host):
            return current
        moving = moving_all(current.meeting)
        found = _find(current, starts_at, moving, now=now, host=host, anyway=anyway)
        _move_meeting(list(_seats(current)), found, Actor.staff(by))
        return current


def _is_there(appointment: Appointment, starts_at: datetime, host: int | None) -> bool:
    """Whether it is at that time, and served by whom it is to be: by `host`, or by somebody who
    may serve it today. One whose host has left can be given to another at its own time."""
    if appointment.meeting.starts_at != starts_at:
        return False
    serving = set(serving_hosts(appointment))
    if host is not None:
        return host in serving
    calendar = as_booked(appointment.meeting)
    today = set(hosts_of(calendar).values_list("user_id", flat=True))
    is_collective = calendar.first.kind == Calendar.Kind.COLLECTIVE
    return serving == today if is_collective else serving <= today


def _find(
    appointment: Appointment,
    starts_at: datetime,
    moving: Moving,
    *,
    now: datetime,
    host: int | None,
    anyway: bool,
) -> Found:
    find = find_anyway if anyway else find_slot_for_staff
    calendar = appointment.meeting.calendar
    found = find(calendar, starts_at, now=now, host=host, moving=moving)
    return found if host is None else found.picked(calendar, PICKED_BY_STAFF)


def _current(appointment: Appointment) -> Appointment:
    current = lock_meeting_of(appointment)
    if current.status in Appointment.ENDED:
        raise Ended
    return current


def _seats(appointment: Appointment) -> QuerySet[Appointment]:
    """The guests of its meeting, each with the same meeting."""
    seats = Appointment.objects.live().filter(meeting=appointment.meeting_id)
    return seats.select_related("meeting__calendar__sub_account", "meeting__sub_account")


def _move(appointment: Appointment, found: Found, actor: Actor) -> Appointment:
    seats = appointment.meeting.appointments
    # Who is alone takes the meeting, and its event, along. A seat that was cancelled stays where
    # it was: it may be restored there.
    is_alone = not seats.exclude(pk=appointment.pk).exists()
    if is_alone and found.joins is None:
        _move_meeting([appointment], found, actor)
        return appointment
    meeting, before = appointment.meeting, serving_hosts(appointment)
    was = (meeting.starts_at, meeting.ends_at)
    _change_meeting(appointment, found)
    _tell_of_move(appointment, found, actor, at=was, before=before)
    for changed in (meeting, appointment.meeting):
        want_copies(changed)
    return appointment


def _move_meeting(seats: Sequence[Appointment], found: Found, actor: Actor) -> None:
    """Move the meeting with all its guests."""
    meeting, before = seats[0].meeting, serving_hosts(seats[0])
    was = (meeting.starts_at, meeting.ends_at)
    move_meeting(meeting, found.slot, hosts=found.hosts, anyway=found.is_anyway)
    for seat in seats:
        seat.meeting = meeting
        _tell_of_move(seat, found, actor, at=was, before=before)
    want_copies(meeting)


def _change_meeting(appointment: Appointment, found: Found) -> None:
    """Give up the seat for one in another meeting: one that is there, or a new one."""
    left = appointment.meeting
    if not moving_seat(appointment).stays_behind:
        for part in left.hosts.serving():
            free(part)
    appointment.meeting = found.joins or make_meeting(
        as_booked(left), found.slot, hosts=found.hosts, anyway=found.is_anyway
    )
    appointment.seat = take_seat(appointment.meeting, anyway=found.is_anyway)
    appointment.save(update_fields=["meeting", "seat"])
    give_back(left)
    if found.is_anyway:
        take_the_rest(appointment.meeting)


def _tell_of_move(
    appointment: Appointment, found: Found, actor: Actor, *, at: Times, before: Sequence[int]
) -> None:
    appointment.sequence += 1
    appointment.save(update_fields=["sequence"])
    history.note(appointment, HistoryEntry.Kind.MOVED, actor, was_at=at[0], text=found.note)
    tell(appointment, Mail.Kind.MOVED, actor, was_at=at[0])
    left = [user for user in before if user not in found.users]
    if left:
        _hand_over(appointment, left, actor, at=at)


def _hand_over(appointment: Appointment, left: Sequence[int], actor: Actor, *, at: Times) -> None:
    """Who served it so far learns that it is no longer theirs, unless they gave it away."""
    history.note(appointment, HistoryEntry.Kind.HANDED_OVER, actor)
    others = User.objects.filter(pk__in=left).order_by("pk")
    if actor.user is not None:
        others = others.exclude(pk=actor.user.pk)
    tell_hosts(appointment, Mail.Kind.CANCELLED, list(others), at=at, reason=HANDED_OVER)
