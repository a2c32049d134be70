"""Write an owner's edit into their event on iCloud, over exactly the version that was read."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import Member
from integrations.caldav import answers
from integrations.caldav.client import Client
from integrations.caldav.editing import NotEditable, Said, agreed, rewrite, said
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RefusedByServer,
    Throttled,
    Unauthorized,
)
from integrations.caldav.parsing import uid_of
from integrations.caldav.resource import Resource
from integrations.models import Connection, OwnerEdit, RemoteEvent
from integrations.services import leasing
from integrations.services.applying import write
from integrations.services.claiming import Claim, put_off, settle, wait_without_trying
from integrations.services.clients import SecretLost, client_of
from integrations.services.editing import why_not_written
from integrations.services.interpreting import read, window_of
from integrations.services.pending_edits import NOT_SAVED, block_both, hold, stop_showing
from integrations.services.reaching import note_unreached, why_not_reached
from integrations.services.scheduling import sync_soon

log = structlog.get_logger(__name__)

GONE = _("The event is gone from its calendar: deleted in iCloud, or moved to another calendar.")
FORBIDDEN = _("iCloud no longer lets Daybook write to this calendar.")
REFUSED = _("iCloud refused the change.")
BOTH_CHANGED = _("It was changed in iCloud at the same time. What stands there counts.")
KEEPS_CHANGING = _("It keeps being changed in iCloud.")
NO_VERSION = _("iCloud names no version of it, so it can't be changed safely.")
MOST_TRIES = 3
NO_ACCOUNT_WAIT = timedelta(minutes=5)
CHANGING_WAIT = timedelta(minutes=1)
REFUSED_WAIT = timedelta(minutes=5)
MOST_REFUSALS = 4


def carry_edit(claim: Claim) -> None:
    """Have the event say what its owner wants; else wait, or give up, with the reason."""
    edit = _waiting(claim.item.subject)
    if edit is None:
        settle(claim)
        return
    connection = edit.remote_event.remote_calendar.connection
    if words := why_not_reached(connection):
        _wait(claim, edit, NO_ACCOUNT_WAIT, words)
        return
    try:
        with leasing.held(connection.remote_account):
            _talk(claim, edit, connection)
    except leasing.NotNow as busy:
        wait_without_trying(claim, until=busy.until)


def _talk(claim: Claim, edit: OwnerEdit, connection: Connection) -> None:
    try:
        with client_of(connection) as client:
            Revision(client, edit).carry()
    except NotEditable as refused:
        _give_up(edit, str(refused))
        settle(claim)
    except (CalDAVError, SecretLost) as error:
        _after(error, claim, edit)
    else:
        settle(claim)


class Revision:
    """One edit, one conversation: read what stands there, decide, write over just that."""

    def __init__(self, client: Client, edit: OwnerEdit) -> None:
        self.client, self.edit, self.event = client, edit, edit.remote_event
        self.owner = _owner(self.event.remote_calendar.connection)
        self.zone: ZoneInfo = self.owner.zone

    def carry(self) -> None:
        """Raises `CalDAVError`s, and `NotEditable` where the edit has to be given up."""
        if words := why_not_written(self.event, self.owner):
            raise NotEditable(words)
        for _try in range(MOST_TRIES):
            # What a listing says has lost its line ends: only this is the file, byte for byte.
            standing = self._standing()
            target = self._target(standing)
            if target == said(standing.ics, zone=self.zone):
                _adopt(self.edit, standing)
                return
            if not self._put(standing, target):
                return
        raise PreconditionFailed

    def _standing(self) -> Resource:
        standing = self.client.get(self.event.href)
        if self.event.uid and uid_of(standing.ics) != self.event.uid:
            raise NotFound
        return standing

    def _target(self, standing: Resource) -> Said:
        """What it is to say. What is not to be changed any more is taken as it stands."""
        try:
            return self._decide(standing)
        except NotEditable:
            _store(self.event, standing)
            raise

    def _decide(self, standing: Resource) -> Said:
        edit, theirs = self.edit, said(standing.ics, zone=self.zone)
        target = agreed(before=edit.before, sent=edit.sent, wanted=edit.wanted, theirs=theirs)
        if target is None:
            raise NotEditable(BOTH_CHANGED)
        return target

    def _put(self, standing: Resource, target: Said) -> bool:
        """Write it; False where something else is wanted by now."""
        if answers.strong(standing.etag) is None:
            raise NotEditable(NO_VERSION)
        text = rewrite(standing.ics, target, zone=self.zone, stamp=timezone.now())
        if not _note_sent(self.edit, target):
            return False
        try:
            etag = self.client.put(self.event.href, text, etag=standing.etag)
        except (PreconditionFailed, RefusedByServer, NotFound, Throttled, Unauthorized) as refused:
            _note_sent(self.edit, None)  # it was not taken
            if not isinstance(refused, PreconditionFailed):
                raise
        else:
            if etag is not None:
                _adopt(self.edit, Resource(standing.href, etag, text))
                return False
        return True


def _waiting(pk: int) -> OwnerEdit | None:
    rows = OwnerEdit.objects.filter(pk=pk, state=OwnerEdit.State.WAITING).select_related(
        "remote_event__remote_calendar__busy_source",
        "remote_event__remote_calendar__connection__remote_account",
    )
    found: OwnerEdit | None = rows.defer(
        "remote_event__remote_calendar__connection__secret"
    ).first()
    return found


def _owner(connection: Connection) -> Member:
    members = Member.objects.select_related("sub_account")
    return members.get(user=connection.user_id, sub_account=connection.sub_account_id)


@transaction.atomic
def _note_sent(edit: OwnerEdit, said: Said | None) -> bool:
    """Before the request: if its answer gets lost, it is known what may stand there. False where
    its owner wants something else by now, or nothing."""
    current = hold(edit.remote_event)
    if current is None or not current.is_waiting:
        return False
    if said is not None and current.wanted != edit.wanted:
        return False
    edit.sent = current.sent = said
    current.save()
    return True


@transaction.atomic
def _adopt(edit: OwnerEdit, standing: Resource) -> None:
    """It stands there as wanted: the slots follow at once, and a sync has nothing to read."""
    current = hold(edit.remote_event)
    _store(edit.remote_event, standing)
    source = edit.remote_event.remote_calendar.busy_source
    if current is None or source is None:
        return
    if current.wanted == edit.wanted:
        current.delete()
        stop_showing(source, edit.pk)
    else:  # something else is wanted meanwhile: that comes over this
        owner = _owner(edit.remote_event.remote_calendar.connection)
        current.before, current.sent = said(standing.ics, zone=owner.zone), None
        current.save()
        current.remote_event = edit.remote_event
        block_both(current, source)


@transaction.atomic
def _store(event: RemoteEvent, standing: Resource) -> None:
    """What stands there is a fact, and has its consequences at once."""
    hold(event)
    calendar = event.remote_calendar
    held = RemoteEvent.objects.filter(pk=event.pk, remote_calendar=calendar).first()
    if held is None or calendar.busy_source is None:
        return  # it is not read any more
    held.etag, held.raw = standing.etag, standing.ics
    held.missing_since, held.is_doubted, held.withheld, held.is_applied = None, False, 0, False
    facts = ["etag", "raw", "missing_since", "is_doubted", "withheld", "is_applied"]
    held.save(update_fields=facts)
    window = window_of(calendar, calendar.busy_source, timezone.now())
    write(calendar.busy_source, [read(held, window)])


@transaction.atomic
def _give_up(edit: OwnerEdit, reason: str) -> None:
    """Its owner is told why, unless they want something else by now."""
    current = hold(edit.remote_event)
    source = edit.remote_event.remote_calendar.busy_source
    if current is None or source is None or current.wanted != edit.wanted:
        return
    current.state, current.problem, current.sent = OwnerEdit.State.GIVEN_UP, reason, None
    current.save()
    stop_showing(source, edit.pk, note=NOT_SAVED)


def _after(error: Exception, claim: Claim, edit: OwnerEdit) -> None:
    """Decide whether to try again, and when."""
    connection = edit.remote_event.remote_calendar.connection
    if isinstance(error, PreconditionFailed):
        _wait(claim, edit, CHANGING_WAIT, KEEPS_CHANGING)
    elif isinstance(error, RefusedByServer | NotFound):
        if edit.sent is not None and claim.item.attempts < MOST_REFUSALS:
            # It may stand there as it was sent: its time opens when a read says otherwise.
            sync_soon(connection)
            _wait(claim, edit, REFUSED_WAIT, _words(error))
            return
        log.warning("edit refused", outbox=claim.item.pk, reason=type(error).__name__)
        _give_up(edit, _words(error))
        sync_soon(connection)  # what it lets us do, and where the event is, may be news
        settle(claim)
    else:
        pause = note_unreached(error, connection, attempts=claim.item.attempts)
        _wait(claim, edit, pause.wait, pause.words)


def _words(error: Exception) -> str:
    if isinstance(error, NotFound):
        return GONE
    return FORBIDDEN if isinstance(error, Forbidden) else REFUSED


def _wait(claim: Claim, edit: OwnerEdit, wait: timedelta, words: str) -> None:
    OwnerEdit.objects.filter(pk=edit.pk, state=OwnerEdit.State.WAITING).update(problem=words)
    put_off(claim, wait, words)
