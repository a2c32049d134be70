"""What staff say of an appointment: it is confirmed, its guest came, or did not come."""

from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from calendars.models import Appointment, HistoryEntry, Mail
from calendars.services import history
from calendars.services.history import Actor
from calendars.services.locking import lock_meeting_of
from calendars.services.meetings import want_copies
from calendars.services.refusals import NotInThisState
from calendars.services.telling import tell

Status, Kind = Appointment.Status, HistoryEntry.Kind


@transaction.atomic
def confirm(appointment: Appointment, *, by: User) -> Appointment:
    """A booking that waited counts from now on; its guest is told, its event is no longer
    tentative. Also takes back that somebody came or did not. Raises `NotInThisState`."""
    current = lock_meeting_of(appointment)
    waited = current.status == Status.NEW
    if _change(current, Status.CONFIRMED, Kind.CONFIRMED, by, {Status.NEW, *_CAME_OR_NOT}):
        if waited:
            tell(current, Mail.Kind.CONFIRMED, Actor.staff(by))
        want_copies(current.meeting)
    return current


@transaction.atomic
def mark_showed(appointment: Appointment, *, by: User) -> Appointment:
    """The guest came. Nothing on iCloud changes. Raises `NotInThisState`."""
    current = lock_meeting_of(appointment)
    _change(current, Status.SHOWED, Kind.SHOWED, by, {Status.CONFIRMED, Status.NOSHOW})
    return current


@transaction.atomic
def mark_noshow(appointment: Appointment, *, by: User) -> Appointment:
    """The guest did not come. Nothing on iCloud changes. Raises `NotInThisState`."""
    current = lock_meeting_of(appointment)
    _change(current, Status.NOSHOW, Kind.NOSHOW, by, {Status.CONFIRMED, Status.SHOWED})
    return current


_CAME_OR_NOT = {Status.SHOWED, Status.NOSHOW}


def _change(
    appointment: Appointment,
    status: Appointment.Status,
    kind: HistoryEntry.Kind,
    by: User,
    allowed: Collection[Appointment.Status],
) -> bool:
    """Give it the status; False where it has it already."""
    if appointment.status == status:
        return False
    if appointment.status not in allowed:
        raise NotInThisState
    appointment.status = status
    appointment.sequence += 1
    appointment.save(update_fields=["status", "sequence"])
    history.note(appointment, kind, Actor.staff(by))
    return True
