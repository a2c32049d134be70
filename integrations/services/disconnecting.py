"""Let an account rest, go on, or go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from calendars.models import BlockedSlot
from calendars.services.remote_changes import note_remote
from integrations.models import (
    CalendarConfiguration,
    ConflictCalendar,
    Connection,
    OwnerEdit,
    an_interval_ahead,
)
from integrations.services.departing import have_removed, leaving_of, upcoming_events
from integrations.services.feeding import stop_reading
from integrations.services.scheduling import sync_soon

LONGEST_LEAVING = timedelta(days=1)
LEFT_BEHIND = gettext_noop(
    "Its iCloud account was disconnected: the event still stands there. Delete it by hand."
)


def pause(connection: Connection) -> bool:
    """Ask iCloud nothing for the time being. What it blocks goes on blocking, and goes stale.

    False where nothing was asked anyway.
    """
    going = Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED)
    return bool(going.update(state=Connection.State.PAUSED))


def resume(connection: Connection) -> bool:
    """Go on after a pause, at once; False where it was not paused, or Apple refused the password
    last: that is asked again when it was to be, since repeated refusals may lock the account."""
    paused = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED)
    refused = paused.filter(problem=Connection.Problem.REFUSED)
    if refused.update(state=Connection.State.CONNECTED):
        return False
    is_resumed = paused.update(state=Connection.State.CONNECTED, next_poll_at=an_interval_ahead())
    if is_resumed:
        sync_soon(connection)
    return bool(is_resumed)


@dataclass(frozen=True)
class Loss:
    """What disconnecting takes away, and the upcoming events it can remove from iCloud."""

    blocked_slots: int
    edits: int
    linked_calendar: str
    events: int
    can_remove: bool


def loss_of(connection: Connection) -> Loss:
    """What would go: blocked time still to come, changes of theirs to events that iCloud does not
    have yet, and the name of the linked calendar, if any."""
    slots = BlockedSlot.objects.filter(
        source__remote_calendar__connection=connection, ends_at__gt=timezone.now()
    )
    edits = OwnerEdit.objects.filter(
        remote_event__remote_calendar__connection=connection, state=OwnerEdit.State.WAITING
    )
    linked = connection.calendars.exclude(linked_by=None).first()
    events = upcoming_events(connection).count()
    name = str(linked) if linked else ""
    return Loss(slots.count(), edits.count(), name, events, _is_open(connection))


def _is_open(connection: Connection) -> bool:
    """Whether its password is thought to be good."""
    opened = {Connection.State.CONNECTED, Connection.State.PAUSED}
    shut = {Connection.Problem.REFUSED, Connection.Problem.KEY_LOST}
    return connection.state in opened and connection.problem not in shut


@transaction.atomic
def disconnect(connection: Connection, *, removes_events: bool = False) -> None:
    """Erase the secret, the choices and all that was read.

    Appointments stay, so do their events on iCloud and the memory of having written them: when the
    account is connected again, they are recognised. With `removes_events` those of upcoming
    appointments are taken away first: until that is done, or a day has passed, the secret is kept.
    """
    # The configuration first: whoever chooses calendars locks it before the connections.
    configurations = CalendarConfiguration.objects.select_for_update().filter(
        user=connection.user_id, sub_account=connection.sub_account_id
    )
    list(configurations)
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    configurations.filter(linked_calendar__connection=current).update(linked_calendar=None)
    ConflictCalendar.objects.filter(remote_calendar__connection=current).delete()
    stop_reading(current.calendars.exclude(busy_source=None))
    if removes_events and _is_open(current) and have_removed(upcoming_events(current)):
        _reset(current, Connection.State.LEAVING)
    else:
        _leave_behind(current)
        _erase(current)


@transaction.atomic
def finish(connection: Connection) -> None:
    """Disconnect one that is leaving once none of its events is left to be removed from iCloud."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    if current.state == Connection.State.LEAVING and not leaving_of(current).exists():
        _erase(current)


def finish_those_done() -> None:
    """Disconnect all that are leaving and have no event left to be removed, such as where the
    process ended between the last removal and `finish`."""
    for connection in Connection.objects.filter(state=Connection.State.LEAVING):
        finish(connection)


@transaction.atomic
def give_up(connection: Connection) -> None:
    """Disconnect one that is leaving though events are left there; their appointments say so."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    if current.state == Connection.State.LEAVING:
        _leave_behind(current)
        _erase(current)


def give_up_overdue(*, now: datetime) -> None:
    """A day is enough: a secret is not kept for events that cannot be removed."""
    overdue = Connection.objects.filter(
        state=Connection.State.LEAVING, leaving_since__lte=now - LONGEST_LEAVING
    )
    for connection in overdue:
        give_up(connection)


def _leave_behind(connection: Connection) -> None:
    """Say of what should have been removed there, and is not, that it still stands."""
    events = leaving_of(connection).select_related("meeting_host__meeting", "meeting_host__user")
    for event in events:
        note_remote(event.meeting_host, LEFT_BEHIND)


def _erase(connection: Connection) -> None:
    connection.secret = ""
    _reset(connection, Connection.State.DISCONNECTED)


def _reset(connection: Connection, state: Connection.State) -> None:
    connection.state = state
    connection.leaving_since = timezone.now() if state == Connection.State.LEAVING else None
    connection.problem = Connection.Problem.NONE
    connection.failing_since = None
    connection.failures = 0
    connection.synced_at = None
    connection.save()
