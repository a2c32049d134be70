"""How a connection fares: what a success or a failure means for it, written once for all."""

from datetime import datetime

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.models import Connection
from integrations.services import leasing
from integrations.services.verdicts import Past, verdict


def unchanged(connection: Connection) -> QuerySet[Connection]:
    """The row, unless somebody paused, disconnected or signed in anew meanwhile: that stands."""
    rows: QuerySet[Connection] = Connection.objects.filter(pk=connection.pk)
    return rows.filter(state=Connection.State.CONNECTED, signed_in_at=connection.signed_in_at)


def note_success(connection: Connection, *, planned: datetime, next_poll_at: datetime) -> None:
    unchanged(connection).update(
        synced_at=timezone.now(),
        failures=0,
        failing_since=None,
        problem=Connection.Problem.NONE,
    )
    _put_off(connection, planned=planned, until=next_poll_at)


def note_failure(
    connection: Connection,
    error: Exception,
    *,
    planned: datetime | None = None,
    next_poll_at: datetime | None = None,
) -> str:
    """Write what `error` means; returns it in words. `next_poll_at` overrules the verdict's."""
    now = timezone.now()
    past = Past(
        failures=connection.failures,
        synced_at=connection.synced_at,
        was_refused=connection.problem == Connection.Problem.REFUSED,
    )
    means = verdict(error, past, now=now)
    stops = means.retry_at is None
    unchanged(connection).update(
        problem=means.problem,
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", now),
        state=Connection.State.NEEDS_RECONNECT if stops else Connection.State.CONNECTED,
    )
    until = next_poll_at or means.retry_at or now
    if planned is None:
        unchanged(connection).update(next_poll_at=until)
    else:
        _put_off(connection, planned=planned, until=until)
    if means.waits_for_account:
        leasing.rest(connection.remote_account, until=means.retry_at)
    return Connection.Problem(means.problem).label


def find_keys_again() -> int:
    """Connections whose passwords can be decrypted again go on: the key was only missing for a
    while, as in a process that did not have a new one yet. Returns how many; asks iCloud nothing.
    """
    shut = Connection.objects.filter(
        state=Connection.State.NEEDS_RECONNECT, problem=Connection.Problem.KEY_LOST
    )
    found = [connection.pk for connection in shut if connection.secret]
    revived: int = shut.filter(pk__in=found).update(
        state=Connection.State.CONNECTED,
        problem=Connection.Problem.NONE,
        failing_since=None,
        failures=0,
        next_poll_at=timezone.now(),
    )
    return revived


def _put_off(connection: Connection, *, planned: datetime, until: datetime) -> None:
    """Read next then, unless somebody asked for it since this reading began."""
    unchanged(connection).filter(next_poll_at=planned).update(next_poll_at=until)
