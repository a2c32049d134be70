"""Compare a connection with iCloud as a whole, and say where the two differ."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from integrations.models import Connection, MirroredEvent, RemoteCalendar, RemoteEvent
from integrations.services.applying import STRAY
from integrations.services.pulling import Pull, pull


@dataclass(frozen=True, slots=True)
class Stray:
    """An event of Daybook's own that belongs to no appointment it knows; when it is, in UTC."""

    href: str
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Differences:
    """`deleted` are events of appointments that iCloud has no more, by address."""

    changed: int
    gone: int
    strays: tuple[Stray, ...]
    deleted: tuple[str, ...]
    problem: str = ""


def reconcile(connection: Connection) -> Differences | None:
    """Read everything of the connection, whatever iCloud says has changed; None: not now.

    Nothing is deleted or written by this. What differs is taken over as in any sync.
    """
    RemoteCalendar.objects.filter(connection=connection).update(sync_token="", poll_marker="")
    reading = pull(connection)
    return _differences(reading) if reading else None


def _differences(reading: Pull) -> Differences:
    connection, run = reading.connection, reading.run
    return Differences(
        changed=run.events_changed,
        gone=run.events_gone,
        strays=strays_of(connection),
        deleted=_deleted(connection),
        problem=run.problem,
    )


def strays_of(connection: Connection) -> tuple[Stray, ...]:
    """What Daybook wrote there and does not know, as it was last read."""
    rows = RemoteEvent.objects.filter(
        remote_calendar__connection=connection, missing_since=None, problem__contains=STRAY
    ).select_related("remote_calendar")
    return tuple(Stray(row.href, _start_of(row)) for row in rows.order_by("href"))


def _start_of(event: RemoteEvent) -> datetime | None:
    source = event.remote_calendar.busy_source
    slots = source.blockedslot_set.filter(key=str(event.pk)) if source else None
    first = slots.order_by("starts_at").first() if slots is not None else None
    return first.starts_at if first else None


def _deleted(connection: Connection) -> tuple[str, ...]:
    missing = MirroredEvent.objects.filter(
        Q(state=MirroredEvent.State.DELETED) | Q(seen_as__missing_since__isnull=False),
        remote_calendar__connection=connection,
    )
    return tuple(missing.order_by("href").distinct().values_list("href", flat=True))
