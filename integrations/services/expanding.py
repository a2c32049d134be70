"""Expand feeds anew from what is stored of them: further, in another zone, by other rules.

Nothing here asks a server. So it goes on where nothing is read: while a connection is paused, or
refused, or its server out of reach.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from django.db import transaction
from django.utils import timezone

from calendars.models import BusySource
from calendars.services.horizons import expand_soon
from integrations.models import RemoteAccount, RemoteCalendar
from integrations.services import leasing
from integrations.services.applying import apply
from integrations.services.claiming import Claim, settle, wait_without_trying

MOST_SECONDS = 20.0


class OutOfTime(Exception):
    """Others wait too: what was expanded stands, the rest is done next time."""


@dataclass
class Hold:
    """Goes on holding the account, while there is time. Called in each transaction."""

    account: RemoteAccount
    lease: uuid.UUID
    ends: float  # on the monotonic clock
    parts: int = 0

    def __call__(self) -> None:
        # However slow it is, something is done each time: else it would never end.
        if self.parts > 1 and monotonic() > self.ends:
            raise OutOfTime
        self.parts += 1
        leasing.extend(self.account, self.lease)


def carry_expansion(claim: Claim, *, seconds: float = MOST_SECONDS) -> None:
    """Expand what the feed's events say as far, and in the way, it is wanted now.

    The account's lease keeps a sync from expanding the same events another way meanwhile.
    """
    account = _account(claim.item.subject)
    if account is None:
        settle(claim)
        return
    try:
        with leasing.held(account, speaks=False) as lease:
            _expand(claim.item.subject, Hold(account, lease, monotonic() + seconds))
    except leasing.NotNow as busy:
        wait_without_trying(claim, until=busy.until)
    except (OutOfTime, leasing.LeaseLost):
        wait_without_trying(claim, until=timezone.now())
    else:
        settle(claim)


@transaction.atomic
def want_what_lags(*, now: datetime) -> None:
    """Extend, as days go by, the feeds that no sync extends: those not read today."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    known = BusySource.objects.exclude(remote_calendar=None).exclude(last_read_at=None)
    expand_soon(known.filter(last_read_at__lt=midnight))


def _account(source: int) -> RemoteAccount | None:
    accounts = RemoteAccount.objects.filter(connections__calendars__busy_source=source)
    return accounts.first()


def _expand(source: int, hold: Callable[[], None]) -> None:
    calendars = RemoteCalendar.objects.select_related("busy_source", "connection__remote_account")
    calendar = calendars.defer("connection__secret").filter(busy_source=source).first()
    if calendar is not None:
        apply(calendar, now=timezone.now(), guard=hold)
