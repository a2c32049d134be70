"""Let an account rest, go on, or go."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from calendars.models import BlockedSlot
from integrations.models import (
    CalendarConfiguration,
    ConflictCalendar,
    Connection,
    an_interval_ahead,
)
from integrations.services.feeding import stop_reading
from integrations.services.scheduling import sync_soon


def pause(connection: Connection) -> None:
    """Ask iCloud nothing for the time being. What it blocks goes on blocking, and goes stale."""
    Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED).update(
        state=Connection.State.PAUSED
    )


def resume(connection: Connection) -> None:
    """Go on after a pause, at once."""
    resumed = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED).update(
        state=Connection.State.CONNECTED, next_poll_at=an_interval_ahead()
    )
    if resumed:
        sync_soon(connection)


@dataclass(frozen=True)
class Loss:
    """What disconnecting takes away."""

    blocked_slots: int
    linked_calendar: str


def loss_of(connection: Connection) -> Loss:
    """What would go: blocked time still to come, and the name of the linked calendar, if any."""
    slots = BlockedSlot.objects.filter(
        source__remote_calendar__connection=connection, ends_at__gt=timezone.now()
    )
    linked = connection.calendars.exclude(linked_by=None).first()
    return Loss(slots.count(), str(linked) if linked else "")


@transaction.atomic
def disconnect(connection: Connection) -> None:
    """Erase the secret, the choices and all that was read.

    Appointments stay, so do their events on iCloud and the memory of having written them: when the
    account is connected again, they are recognised.
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
    current.secret = ""
    current.state = Connection.State.DISCONNECTED
    current.problem = Connection.Problem.NONE
    current.failing_since = None
    current.failures = 0
    current.synced_at = None
    current.save()
