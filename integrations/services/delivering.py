"""Carry out what the outbox holds: claim a row, make the world match it, settle that revision."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from django.db.models import F
from django.utils import timezone

from calendars.models import MeetingHost, OutboxItem
from calendars.models.outbox import OutboxQuerySet
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    Rejected,
    Unauthorized,
)
from integrations.models import Connection, Heartbeat, RemoteAccount, RemoteCalendar
from integrations.services import leasing
from integrations.services.clients import SecretLost, client_of
from integrations.services.failing import note_failure
from integrations.services.mirroring import NotOurs, calendar_for, intend, mirror
from integrations.services.verdicts import Past, verdict

log = structlog.get_logger(__name__)

NO_HOST = "Its host is no longer active here."
CLAIM = timedelta(seconds=120)
ACCOUNT_IS_BUSY = timedelta(seconds=3)
MOST_REFUSALS = 4  # what refuses once, may let it pass later: a share, a server's bad hour
REFUSED_WAIT = timedelta(minutes=5)
NO_ACCOUNT_WAIT = timedelta(minutes=5)
REFUSED = "iCloud refused the event. Check that the linked calendar can still be written."
NO_ACCOUNT = {
    Connection.State.PAUSED: "The linked calendar's connection is paused.",
    Connection.State.NEEDS_RECONNECT: "The linked calendar's account needs reconnecting first.",
    Connection.State.DISCONNECTED: "The linked calendar's account is disconnected.",
}


@dataclass(frozen=True, slots=True)
class Claim:
    item: OutboxItem
    revision: int
    token: uuid.UUID


def deliver_due(*, seconds: float) -> int:
    """Work through what is due for at most so many seconds. Returns how many rows it carried."""
    started, carried = monotonic(), 0
    while monotonic() - started < seconds and (claim := claim_next()):
        carry(claim)
        carried += 1
        Heartbeat.beat_now_and_then()
    return carried


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


def carry(claim: Claim) -> None:
    """Write one host's event, then settle, put off, or park with a reason staff can see."""
    host = MeetingHost.objects.select_related("meeting__calendar", "meeting__sub_account", "user")
    subject = host.get(pk=claim.item.subject)
    calendar = calendar_for(subject)
    if calendar is None:
        _show(subject, MeetingHost.Copy.NONE, "")
        settle(claim)
        return
    if words := _why_not(calendar.connection):
        _show(subject, MeetingHost.Copy.WAITING, words)
        put_off(claim, NO_ACCOUNT_WAIT, words)
        return
    account = calendar.connection.remote_account
    lease = leasing.take(account)
    if lease is None:
        rests_until = leasing.free_at(account)
        wait = rests_until - timezone.now() if rests_until else ACCOUNT_IS_BUSY
        _mine(claim).update(attempts=F("attempts") - 1)  # nothing was attempted
        put_off(claim, wait, "")
        return
    try:
        _write(claim, subject, calendar)
    finally:
        leasing.release(account, lease)


def _why_not(connection: Connection) -> str:
    """Why nothing is written over this connection now; empty where something may be."""
    if connection.problem == Connection.Problem.REFUSED:
        # The one re-check has its time, and it is the sync's: asking sooner could lock the account.
        return NO_ACCOUNT[Connection.State.NEEDS_RECONNECT]
    if Connection.objects.in_service().filter(pk=connection.pk).exists():
        return ""
    return NO_ACCOUNT.get(Connection.State(connection.state), NO_HOST)


def settle(claim: Claim) -> bool:
    """Done, if nobody wanted something newer meanwhile; else the row stays due."""
    settled = _mine(claim).filter(revision=claim.revision)
    done = settled.update(settled_revision=claim.revision, attempts=0, problem="")
    _mine(claim).update(lease_until=None)
    return bool(done)


def put_off(claim: Claim, wait: timedelta, problem: str) -> None:
    _mine(claim).update(lease_until=None, due_at=timezone.now() + wait, problem=problem[:300])


def park(claim: Claim, problem: str) -> None:
    """Not tried again until somebody acts or the subject changes."""
    refused = _mine(claim).filter(revision=claim.revision)
    refused.update(parked_at=timezone.now(), problem=problem[:300])
    _mine(claim).update(lease_until=None)


def _write(claim: Claim, host: MeetingHost, calendar: RemoteCalendar) -> None:
    event = intend(host, calendar)
    try:
        with client_of(calendar.connection) as client:
            mirror(client, event)
    except (Forbidden, Rejected, NotFound, NotOurs) as refused:
        log.warning("event refused", outbox=claim.item.pk, reason=type(refused).__name__)
        _show(host, MeetingHost.Copy.REFUSED, REFUSED)
        if claim.item.attempts < MOST_REFUSALS:
            put_off(claim, REFUSED_WAIT * 2**claim.item.attempts, REFUSED)
        else:
            park(claim, REFUSED)
    except (CalDAVError, SecretLost) as error:
        if isinstance(error, Unauthorized | SecretLost):
            note_failure(calendar.connection, error)
        _put_off_for(error, claim, host, calendar.connection.remote_account)
    else:
        _show(host, MeetingHost.Copy.WRITTEN, "")
        settle(claim)


def _put_off_for(error: Exception, claim: Claim, host: MeetingHost, account: RemoteAccount) -> None:
    now = timezone.now()
    means = verdict(error, Past(claim.item.attempts, now, was_refused=False), now=now)
    if means.waits_for_account:
        leasing.rest(account, until=means.retry_at)
    words = Connection.Problem(means.problem).label
    _show(host, MeetingHost.Copy.WAITING, words)
    put_off(claim, (means.retry_at or now + timedelta(hours=1)) - now, words)


def _show(host: MeetingHost, copy: MeetingHost.Copy, problem: str) -> None:
    MeetingHost.objects.filter(pk=host.pk).update(copy=copy, copy_problem=problem)


def _mine(claim: Claim) -> OutboxQuerySet:
    """The row, while the claim holds: after a lease ran out somebody else may have it."""
    return OutboxItem.objects.filter(pk=claim.item.pk, lease_token=claim.token)


def is_anything_due() -> bool:
    return OutboxItem.objects.due(timezone.now()).exists()
