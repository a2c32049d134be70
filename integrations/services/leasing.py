"""One request at a time per remote account: a lease in its row, taken by compare-and-set."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from integrations.models import RemoteAccount

LEASE = timedelta(seconds=90)
IN_OTHER_HANDS = timedelta(seconds=3)  # one conversation is mostly over by then


class LeaseLost(Exception):
    """Somebody else works with this account now: what was being done must stop."""


class NotNow(Exception):
    """Somebody else holds the account, or it rests: worth another try at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def take(account: RemoteAccount, *, speaks: bool = True) -> uuid.UUID | None:
    """A token for `extend` and `release`; None while somebody else holds the account, or the
    server asked to be left alone. Who only works on what was read does not speak to it."""
    now, token = timezone.now(), uuid.uuid4()
    free = RemoteAccount.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=account.pk)
    if speaks:
        free = free.filter(Q(retry_at=None) | Q(retry_at__lte=now))
    taken = free.update(lease_until=now + LEASE, lease_token=token)
    return token if taken else None


@contextmanager
def held(account: RemoteAccount, *, speaks: bool = True) -> Iterator[uuid.UUID]:
    """Hold it for the block, which gets the token; see `take`. Raises `NotNow`."""
    lease = take(account, speaks=speaks)
    if lease is None:
        resting = free_at(account) if speaks else None
        raise NotNow(until=resting or timezone.now() + IN_OTHER_HANDS)
    try:
        yield lease
    finally:
        release(account, lease)


def rest(account: RemoteAccount, *, until: datetime | None) -> None:
    """The server asked for a pause: nobody takes the account before it is over."""
    RemoteAccount.objects.filter(pk=account.pk).update(retry_at=until)


def free_at(account: RemoteAccount) -> datetime | None:
    """Until when the account rests; None where it does not."""
    resting = RemoteAccount.objects.filter(pk=account.pk, retry_at__gt=timezone.now())
    return resting.values_list("retry_at", flat=True).first()


def extend(account: RemoteAccount, token: uuid.UUID) -> None:
    """Go on holding it. Raises `LeaseLost`; inside a transaction that undoes what it guarded."""
    held = RemoteAccount.objects.filter(pk=account.pk, lease_token=token).update(
        lease_until=timezone.now() + LEASE
    )
    if not held:
        raise LeaseLost


def release(account: RemoteAccount, token: uuid.UUID) -> None:
    RemoteAccount.objects.filter(pk=account.pk, lease_token=token).update(lease_until=None)
