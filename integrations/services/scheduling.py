"""Ring the job queue. A lost or doubled job changes nothing: rows remember what is due."""

from django.utils import timezone
from django_q.tasks import async_task

from integrations.models import Connection


def sync_soon(connection: Connection) -> None:
    """Read this connection now, in the worker.

    Not while Apple refuses its password: the one re-check has its time, and asking sooner could
    lock the account.
    """
    may_ask = Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED)
    if may_ask.exclude(problem=Connection.Problem.REFUSED).update(next_poll_at=timezone.now()):
        async_task("integrations.tasks.sync_connection", connection.pk)


def deliver_soon() -> None:
    """Carry out what the outbox holds now, in the worker."""
    async_task("integrations.tasks.deliver_due")
