"""Carry out what the outbox holds: claim a row, make the world match it, settle that revision."""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from time import monotonic

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from calendars.models import Mail, MeetingHost, OutboxItem
from calendars.services.meetings import show_copy
from calendars.services.remote_changes import note_remote
from integrations.caldav.client import Client
from integrations.caldav.errors import CalDAVError, Forbidden, NotFound, RefusedByServer
from integrations.models import Connection, Heartbeat, MirroredEvent, OwnerEdit, RemoteCalendar
from integrations.services import leasing
from integrations.services.claiming import (
    Claim,
    claim_next,
    park,
    put_off,
    settle,
    wait_without_trying,
)
from integrations.services.clients import SecretLost, client_of
from integrations.services.composing import is_wanted
from integrations.services.disconnecting import LEFT_BEHIND, finish, finish_those_done
from integrations.services.expanding import carry_expansion
from integrations.services.mirroring import (
    LinkedElsewhere,
    NotOurs,
    VanishedMeanwhile,
    calendar_for,
    events_of,
    intend,
    is_in_reach,
    linked_calendar_of,
    mirror,
    remove,
    surplus_of,
)
from integrations.services.posting import carry_mail
from integrations.services.reaching import note_unreached, why_not_reached, why_not_taken_out
from integrations.services.revising import carry_edit
from integrations.services.scheduling import sync_soon
from integrations.services.vanishing import note_vanished
from integrations.services.verdicts import back_off

log = structlog.get_logger(__name__)

MOST_REFUSALS = 4  # what refuses once, may let it pass later: a share, a server's bad hour
REFUSED_WAIT = timedelta(minutes=5)
NO_ACCOUNT_WAIT = timedelta(minutes=5)
REFUSED = gettext_noop(
    "iCloud refused the event. Check that the linked calendar can still be written."
)
AN_HOUR = timedelta(hours=1)
FORMER_STANDS = gettext_noop(
    "Its event still stands in the calendar linked before as well, which can only be read by now."
)
LOOK_FIRST = timedelta(seconds=45)
LOOKS = 2
MOST_MISTAKES = 8
OURS = gettext_noop("Something went wrong in Daybook. It is tried again.")


def deliver_due(*, seconds: float) -> int:
    """Work through what is due for at most so many seconds. Returns how many rows it carried."""
    started, carried = monotonic(), 0
    finish_those_done()
    while monotonic() - started < seconds and (claim := claim_next()):
        _carry_safely(claim)
        carried += 1
        Heartbeat.beat_now_and_then()
    return carried


def _carry_safely(claim: Claim) -> None:
    """A mistake of ours in one row keeps no other from being carried out, and is shown."""
    try:
        carry(claim)
    except Exception:
        log.exception("outbox row failed", outbox=claim.item.pk)
        _show_mistake(claim.item)
        if claim.item.attempts < MOST_MISTAKES:
            put_off(claim, back_off(claim.item.attempts), OURS)
        else:
            park(claim, OURS)


def _show_mistake(item: OutboxItem) -> None:
    match item.effect:
        case OutboxItem.Effect.MAIL:
            Mail.objects.filter(pk=item.subject).update(problem=OURS)
        case OutboxItem.Effect.WRITE:
            MeetingHost.objects.filter(pk=item.subject).update(
                copy=MeetingHost.Copy.WAITING, copy_problem=OURS
            )
        case OutboxItem.Effect.EDIT:
            OwnerEdit.objects.filter(pk=item.subject).update(problem=OURS)


def carry(claim: Claim) -> None:
    """Carry out one row, then settle, put off, or park with a reason staff can see."""
    match claim.item.effect:
        case OutboxItem.Effect.WRITE:
            _carry_write(claim)
        case OutboxItem.Effect.MAIL:
            carry_mail(claim)
        case OutboxItem.Effect.EDIT:
            carry_edit(claim)
        case OutboxItem.Effect.EXPAND:
            carry_expansion(claim)


def _carry_write(claim: Claim) -> None:
    """Have exactly the event stand that the host should have, and none that they should not."""
    host = MeetingHost.objects.select_related("meeting__calendar", "meeting__sub_account", "user")
    subject = host.get(pk=claim.item.subject)
    wanted, kept = is_wanted(subject), list[MirroredEvent]()
    for event in surplus_of(subject, wanted=wanted):
        match _remove(claim, subject, event, goes_elsewhere=wanted and _goes_elsewhere(event)):
            case Removal.LATER:
                return
            case Removal.NOT_ALLOWED:
                kept.append(event)
    copy = _written(claim, subject) if wanted else _taken_away(subject)
    if copy is None:
        return
    if kept and subject.meeting.ends_at > timezone.now():
        _try_again_to_remove(claim, subject, copy)
    else:
        _settle(claim, subject, copy)


def _taken_away(host: MeetingHost) -> MeetingHost.Copy:
    gone = host.mirrored_events.exists()
    return MeetingHost.Copy.REMOVED if gone else MeetingHost.Copy.NONE


def _written(claim: Claim, host: MeetingHost) -> MeetingHost.Copy | None:
    """Have the event stand where its host links; None where that failed or has to wait."""
    calendar = calendar_for(host)
    if calendar is None:
        _say_what_stays(host)
        return MeetingHost.Copy.NONE
    if _in_touch(claim, host, calendar, lambda client: _write(client, host, calendar)):
        return MeetingHost.Copy.WRITTEN
    return None


def _say_what_stays(host: MeetingHost) -> None:
    """An event in an account that was disconnected stands as it was left there, out of reach."""
    stays = any(not event.is_leaving for event in events_of(host))
    if stays and host.copy != MeetingHost.Copy.NONE:
        note_remote(host, LEFT_BEHIND)


def _goes_elsewhere(event: MirroredEvent) -> bool:
    """Whether another one is to stand on the calendar linked now, in its place."""
    linked = linked_calendar_of(event.meeting_host) if event.is_leaving else None
    return linked is not None and linked != event.remote_calendar


def _try_again_to_remove(claim: Claim, host: MeetingHost, copy: MeetingHost.Copy) -> None:
    """The new one stands; the old one may be removed once its calendar can be written again."""
    if host.copy != copy:
        note_remote(host, FORMER_STANDS)
    show_copy(host, copy)
    put_off(claim, min(REFUSED_WAIT * 2 ** min(claim.item.attempts, 4), AN_HOUR), FORMER_STANDS)


@transaction.atomic
def _settle(claim: Claim, host: MeetingHost, copy: MeetingHost.Copy) -> None:
    """Both at once: a row that is settled and not shown would be called waiting for ever."""
    # The part first, as whoever changes meetings writes it before the outbox.
    list(MeetingHost.objects.select_for_update(no_key=True).filter(pk=host.pk).values_list("pk"))
    if settle(claim):
        show_copy(host, copy)


def _write(client: Client, host: MeetingHost, calendar: RemoteCalendar) -> None:
    mirror(client, intend(host, calendar))


class Removal(Enum):
    DONE = auto()
    LATER = auto()  # the row is put off or parked
    NOT_ALLOWED = auto()  # its calendar can only be read by now; the one in its place need not wait


def _remove(
    claim: Claim, host: MeetingHost, event: MirroredEvent, *, goes_elsewhere: bool
) -> Removal:
    """Take an event away, or say why it stays."""
    calendar = event.remote_calendar
    if calendar is not None and is_in_reach(event):
        return _remove_from(claim, host, event, calendar, goes_elsewhere=goes_elsewhere)
    if event.state == MirroredEvent.State.INTENDED:
        return Removal.DONE  # most likely it was never written; nobody is left to ask
    show_copy(host, MeetingHost.Copy.REFUSED, LEFT_BEHIND)
    park(claim, LEFT_BEHIND)
    return Removal.LATER


def _remove_from(
    claim: Claim,
    host: MeetingHost,
    event: MirroredEvent,
    calendar: RemoteCalendar,
    *,
    goes_elsewhere: bool,
) -> Removal:
    result = Removal.DONE

    def work(client: Client) -> None:
        nonlocal result
        try:
            remove(client, event)
        except Forbidden:
            if not goes_elsewhere:
                raise
            result = Removal.NOT_ALLOWED

    ask = why_not_taken_out if event.is_leaving else why_not_reached
    if not _in_touch(claim, host, calendar, work, why_not=ask):
        return Removal.LATER
    if result == Removal.DONE and event.is_leaving:
        finish(calendar.connection)
    return result


def _in_touch(
    claim: Claim,
    host: MeetingHost,
    calendar: RemoteCalendar,
    work: Callable[[Client], None],
    *,
    why_not: Callable[[Connection], str] = why_not_reached,
) -> bool:
    """Do it over the calendar's connection, the account's lease in hand; False where it failed or
    has to wait: then the row is put off or parked, and staff see why."""
    if words := why_not(calendar.connection):
        show_copy(host, MeetingHost.Copy.WAITING, words)
        put_off(claim, NO_ACCOUNT_WAIT, words)
        return False
    try:
        with leasing.held(calendar.connection.remote_account):
            return _talk(claim, host, calendar, work)
    except leasing.NotNow as busy:
        wait_without_trying(claim, until=busy.until)
        return False


def _talk(
    claim: Claim, host: MeetingHost, calendar: RemoteCalendar, work: Callable[[Client], None]
) -> bool:
    try:
        with client_of(calendar.connection) as client:
            work(client)
    except LinkedElsewhere:
        wait_without_trying(claim, until=timezone.now())
        return False
    except (CalDAVError, SecretLost, NotOurs, VanishedMeanwhile) as error:
        _after(error, claim, host, calendar)
        return False
    return True


def _after(error: Exception, claim: Claim, host: MeetingHost, calendar: RemoteCalendar) -> None:
    """Decide when to try again, and say on the meeting what is the matter."""
    connection = calendar.connection
    if isinstance(error, VanishedMeanwhile):
        # Perhaps it was dragged to another calendar: the next sync knows. Else it is written anew.
        if claim.item.attempts > LOOKS:
            note_vanished(error.event)
        sync_soon(connection)
        put_off(claim, LOOK_FIRST, "")
    elif isinstance(error, RefusedByServer | NotFound | NotOurs):
        _refused(error, claim, host)
    else:
        pause = note_unreached(error, connection, attempts=claim.item.attempts)
        show_copy(host, MeetingHost.Copy.WAITING, pause.words)
        put_off(claim, pause.wait, pause.words)


def _refused(error: Exception, claim: Claim, host: MeetingHost) -> None:
    log.warning("event refused", outbox=claim.item.pk, reason=type(error).__name__)
    show_copy(host, MeetingHost.Copy.REFUSED, REFUSED)
    if claim.item.attempts < MOST_REFUSALS:
        put_off(claim, REFUSED_WAIT * 2**claim.item.attempts, REFUSED)
    else:
        park(claim, REFUSED)
