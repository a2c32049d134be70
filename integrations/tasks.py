"""What django-q2 runs. Arguments are primary keys only: payloads lie readable in the database."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from accounts.services import throttling
from calendars.services import reminding
from integrations.models import Connection, Heartbeat, SyncRun
from integrations.services import claiming, cycling, delivering, disconnecting, expanding, failing
from integrations.services.past_syncs import RUNS_ARE_KEPT
from integrations.services.scheduling import deliver_soon

DELIVERY_SECONDS = 60.0


def ring() -> None:
    """The outbox has something due: called by the booking side, inside its transaction."""
    deliver_soon()


def beat() -> None:
    """Nothing but a sign of life, for when there is nothing else to do."""
    Heartbeat.beat()


def sync_due() -> int:
    """Each minute: hand on the connections whose next poll has come."""
    Heartbeat.beat()
    disconnecting.give_up_overdue(now=timezone.now())
    failing.find_keys_again()
    return cycling.hand_on_due(batch_size=settings.SYNC_CONCURRENCY)


def sync_batch(connections: Sequence[int]) -> None:
    Heartbeat.beat()
    rows = Connection.objects.select_related("remote_account", "user", "sub_account")
    still = rows.in_service().filter(pk__in=connections)
    cycling.read_batch(list(still))


def sync_connection(connection: int) -> None:
    """Read one connection now, because somebody waits for it."""
    sync_batch([connection])


def deliver_due() -> int:
    """Carry out what the outbox holds; what is left after a minute rings again."""
    Heartbeat.beat()
    carried = delivering.deliver_due(seconds=DELIVERY_SECONDS)
    if claiming.is_anything_due():
        async_task("integrations.tasks.deliver_due")
    return carried


def remind() -> int:
    """Each minute: write the reminders that are due."""
    Heartbeat.beat()
    return reminding.remind(now=timezone.now())


def extend() -> None:
    """Each day: have feeds reach a day further where no sync sees to it."""
    Heartbeat.beat()
    expanding.want_what_lags(now=timezone.now())


def tidy() -> int:
    """Each day: forget how old syncs went, and old counts. Returns how many runs."""
    throttling.forget_old()
    forgotten, _ = SyncRun.objects.filter(started_at__lt=timezone.now() - RUNS_ARE_KEPT).delete()
    return forgotten
