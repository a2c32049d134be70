"""Rows of the outbox in one's hands: claimed by compare-and-set, settled for what was claimed."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from calendars.models import OutboxItem
from calendars.models.outbox import OutboxQuerySet

CLAIM = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Claim:
    item: OutboxItem
    revision: int
    token: uuid.UUID


def claim_next() -> Claim | None:
    """Take one due row by compare-and-set; None when there is none."""
    for item in OutboxItem.objects.due(timezone.now()).order_by("due_at")[:10]:
        now, token = timezone.now(), uuid.uuid4()
        taken = (
            OutboxItem.objects.due(now)
            .filter(pk=item.pk, revision=item.revision)
            .update(lease_until=now + CLAIM, lease_token=token, attempts=F("attempts") + 1)
        )
        if taken:
            item.attempts += 1
            return Claim(item, item.revision, token)
    return None


def is_newest(claim: Claim) -> bool:
    """Whether nobody wanted anything newer since it was claimed; nobody does until this transaction
    is over."""
    rows = OutboxItem.objects.select_for_update().filter(pk=claim.item.pk)
    return claim.revision in rows.values_list("revision", flat=True)


def settle(claim: Claim) -> bool:
    """Done, if nobody wanted something newer meanwhile; else the row stays due."""
    settled = _mine(claim).filter(revision=claim.revision)
    done = settled.update(settled_revision=claim.revision, attempts=0, problem="")
    _mine(claim).update(lease_until=None)
    return bool(done)


def put_off(claim: Claim, wait: timedelta, problem: str) -> None:
    """Try again after that time; what is newly wanted meanwhile is due at once."""
    _mine(claim).filter(revision=claim.revision).update(due_at=timezone.now() + wait)
    _mine(claim).update(lease_until=None, problem=problem[:300])


def wait_without_trying(claim: Claim, *, until: datetime) -> None:
    """Somebody else has to be done first: nothing was attempted."""
    unchanged = _mine(claim).filter(revision=claim.revision, attempts__gt=0)
    unchanged.update(attempts=F("attempts") - 1)
    put_off(claim, until - timezone.now(), "")


def park(claim: Claim, problem: str) -> None:
    """Not tried again until somebody acts or the subject changes."""
    refused = _mine(claim).filter(revision=claim.revision)
    refused.update(parked_at=timezone.now(), problem=problem[:300])
    _mine(claim).update(lease_until=None)


def is_anything_due() -> bool:
    return OutboxItem.objects.due(timezone.now()).exists()


def _mine(claim: Claim) -> OutboxQuerySet:
    """The row, while the claim holds: after a lease ran out somebody else may have it."""
    return OutboxItem.objects.filter(pk=claim.item.pk, lease_token=claim.token)
