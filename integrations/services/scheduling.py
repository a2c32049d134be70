"""Ring the job queue. A lost or doubled job changes nothing: rows remember what is due."""

from django.utils import timezone
from django_q.tasks import async_task

from integrations.models import Connection


def sync_soon(connection: Connection) -> None:
    """Read this connection now, in the worker; asked again before that, nothing more is queued.

    Not while Apple refuses its password: the one re-check has its time, and asking sooner could
    lock the account.
    """
    now = timezone.now()
    may_ask = Connection.objects.in_service().exclude(problem=Connection.Problem.REFUSED)
    if may_ask.filter(pk=connection.pk, next_poll_at__gt=now).update(next_poll_at=now):
        async_task("integrations.tasks.sync_connection", connection.pk)


def deliver_soon() -> None:
    """Carry out what the outbox holds now, in the worker."""
    async_task("integrations.tasks.deliver_due")
