"""Whether something may be written over a connection now, and when to try again where not."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from integrations.caldav.errors import Unauthorized, Unreachable
from integrations.models import Connection
from integrations.services import leasing
from integrations.services.clients import SecretLost
from integrations.services.disconnecting import give_up
from integrations.services.failing import note_failure
from integrations.services.verdicts import Past, verdict

NO_HOST = _("Its host is no longer active here.")
UNREACHABLE_REST = timedelta(minutes=2)
NO_ACCOUNT = {
    Connection.State.PAUSED: _("The linked calendar's connection is paused."),
    Connection.State.NEEDS_RECONNECT: _("The linked calendar's account needs reconnecting first."),
    Connection.State.DISCONNECTED: _("The linked calendar's account is disconnected."),
}

# The same of the calendar that was linked before.
NO_FORMER_ACCOUNT = {
    NO_ACCOUNT[Connection.State.PAUSED]: _(
        "The event still stands in the calendar linked before. Its connection is paused: "
        "resume or disconnect it."
    ),
    NO_ACCOUNT[Connection.State.NEEDS_RECONNECT]: _(
        "The event still stands in the calendar linked before. Its account needs reconnecting: "
        "reconnect or disconnect it."
    ),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait, and why, in words for staff."""

    wait: timedelta
    words: str


def why_not_taken_out(connection: Connection) -> str:
    """Why an event cannot be taken out over this connection now, to stand in the calendar that is
    linked instead; empty where it can."""
    why = why_not_reached(connection)
    return NO_FORMER_ACCOUNT.get(why, why)


def why_not_reached(connection: Connection) -> str:
    """Why nothing is written over this connection now; empty where something may be."""
    if connection.problem == Connection.Problem.REFUSED:
        # The one re-check has its time, and it is the sync's: asking sooner could lock the account.
        return NO_ACCOUNT[Connection.State.NEEDS_RECONNECT]
    if connection.state == Connection.State.LEAVING:
        return ""
    if Connection.objects.in_service().filter(pk=connection.pk).exists():
        return ""
    return NO_ACCOUNT.get(Connection.State(connection.state), NO_HOST)


def note_unreached(error: Exception, connection: Connection, *, attempts: int) -> Pause:
    """What follows for connection and account where a write met `error`."""
    if isinstance(error, Unauthorized | SecretLost):
        note_failure(connection, error)
        give_up(connection)
    account, now = connection.remote_account, timezone.now()
    means = verdict(error, Past(attempts, now, was_refused=False), now=now)
    retry_at = means.retry_at or now + timedelta(hours=1)
    if means.waits_for_account:
        leasing.rest(account, until=retry_at)
    elif isinstance(error, Unreachable):
        # The account's other rows would wait as long for the same answer; its reading may not.
        leasing.rest(account, until=min(retry_at, now + UNREACHABLE_REST))
    return Pause(retry_at - now, Connection.Problem(means.problem).label)
