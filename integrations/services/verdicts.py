"""What a failed conversation means for its connection: a pure classifier, and nothing else."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.caldav.errors import CalDAVError, Forbidden, NotFound, Throttled, Unauthorized
from integrations.models import Connection
from integrations.services.clients import SecretLost

LONGEST_WAIT = timedelta(minutes=60)
RECHECK_REFUSAL_AFTER = timedelta(minutes=60)
REFUSAL_IS_DOUBTED_FOR = timedelta(hours=24)
FIRST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_at` None: stop asking until a person acts."""

    problem: Connection.Problem
    retry_at: datetime | None
    waits_for_account: bool = False  # every connection to the same account waits as well


@dataclass(frozen=True, slots=True)
class Past:
    """How the connection fared before this failure."""

    failures: int
    synced_at: datetime | None
    was_refused: bool


def verdict(error: Exception, past: Past, *, now: datetime) -> Verdict:
    """Classify `error`.

    A 401 may be a passing fault of Apple's: one re-check after an hour where the last success is
    under a day old, then nothing until there is a new password, since repeated refusals may lock
    the account. Everything that may mend itself is tried again, ever more slowly.
    """
    if isinstance(error, SecretLost):
        return Verdict(Connection.Problem.KEY_LOST, None)
    if isinstance(error, Unauthorized):
        if _worked_lately(past, now) and not past.was_refused:
            return Verdict(Connection.Problem.REFUSED, now + RECHECK_REFUSAL_AFTER)
        return Verdict(Connection.Problem.REFUSED, None)
    if isinstance(error, Throttled):
        asked = timedelta(seconds=error.retry_after or 0)
        retry_at = now + max(asked, back_off(past.failures))
        return Verdict(Connection.Problem.BUSY, retry_at, waits_for_account=True)
    if isinstance(error, Forbidden | NotFound):
        return Verdict(Connection.Problem.LOST, now + back_off(past.failures))
    known = isinstance(error, CalDAVError)
    problem = Connection.Problem.UNREACHABLE if known else Connection.Problem.INTERNAL
    return Verdict(problem, now + back_off(past.failures))


def jittered(span: timedelta) -> timedelta:
    """±20 %, so that accounts connected together do not go on being asked together."""
    return span * random.uniform(0.8, 1.2)  # noqa: S311 -- nothing depends on guessing it


def _worked_lately(past: Past, now: datetime) -> bool:
    return past.synced_at is not None and now - past.synced_at < REFUSAL_IS_DOUBTED_FOR


def back_off(failures: int) -> timedelta:
    """How long to wait after so many failures: 30 seconds, doubled each time, an hour at most."""
    return jittered(min(FIRST_WAIT * 2 ** min(failures, 10), LONGEST_WAIT))
