"""The live check: read iCloud while somebody waits for a booking, and not a moment too long."""

from collections.abc import Collection
from datetime import timedelta
from time import monotonic, sleep

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import SubAccount
from calendars.models import BusySource
from integrations.models import Connection, SyncRun
from integrations.models.connections import ConnectionQuerySet
from integrations.services.cycling import read_batch

FRESH = timedelta(seconds=30)
PATIENCE = 0.05  # seconds until an account that is in other hands is looked at again


def look(users: Collection[int], sub_account: SubAccount) -> None:
    """Read what blocks these users there, all accounts at once, within `LIVE_CHECK_SECONDS`.

    What was read, or tried, in the last 30 seconds is left alone: guests cannot hammer iCloud. An
    account that is in other hands is waited for, since whoever reads it reads it for us, too. What
    takes longer goes on in the worker, and nothing is raised: the snapshot decides.
    """
    ends = monotonic() + settings.LIVE_CHECK_SECONDS
    while monotonic() < ends and (waiting := list(_unread(users, sub_account))):
        free = [connection for connection in waiting if not _is_held(connection)]
        if free:
            # A web process is no sign of a worker's life.
            read_batch(free, seconds=ends - monotonic(), beat=lambda: None)
        else:
            sleep(PATIENCE)


def _unread(users: Collection[int], sub_account: SubAccount) -> ConnectionQuerySet:
    """Connections whose blocking calendars were last read too long ago, and that may be asked.

    Not while Apple refuses the password: the one re-check has its time, and guests who book could
    lock the account by asking sooner.
    """
    now = timezone.now()
    old = BusySource.objects.filter(
        Q(last_read_at=None) | Q(last_read_at__lt=now - FRESH),
        remote_calendar__connection=OuterRef("pk"),
        is_blocking=True,
        gone_at=None,
    )
    tried = SyncRun.objects.filter(connection=OuterRef("pk"), finished_at__gte=now - FRESH)
    rows: ConnectionQuerySet = Connection.objects.in_service()
    return (
        rows.filter(Exists(old), ~Exists(tried), user__in=users, sub_account=sub_account)
        .filter(Q(remote_account__retry_at=None) | Q(remote_account__retry_at__lte=now))
        .exclude(problem=Connection.Problem.REFUSED)
        .select_related("remote_account", "user", "sub_account")
    )


def _is_held(connection: Connection) -> bool:
    until = connection.remote_account.lease_until
    return until is not None and until >= timezone.now()
