"""Owners change title and time of their own events here; the worker writes it to iCloud.

Only in their linked calendar, while it can be written, and only what is plainly one timed event
nobody else takes part in. Nothing else on iCloud is ever changed.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import Member
from calendars.models import BlockedSlot, OutboxItem
from calendars.services import outbox
from integrations.caldav.editing import NotEditable, Said, rewrite, said
from integrations.models import CalendarConfiguration, Connection, OwnerEdit, RemoteEvent
from integrations.services.pending_edits import (
    block_both,
    event_known,
    event_of,
    hold,
    stop_showing,
)
from integrations.services.reaching import why_not_reached

NOT_LINKED = _("Only events of your linked calendar can be changed from here.")
READ_ONLY = _("Daybook may not write to this calendar.")
CALENDAR_GONE = _("iCloud no longer lists its calendar.")
NOT_HANDED_OUT = _("iCloud does not hand it out at the moment.")
AN_APPOINTMENT = _("It is an appointment: move that instead.")
NOT_KNOWN = _("Its event is not known any more.")


class ChangedMeanwhile(Exception):
    """The event says something else than its owner saw when they began."""


@dataclass(frozen=True, slots=True)
class Editing:
    """How an event stands for its owner: what it says, what is wanted of it and not there yet, and
    why it can't be changed here; `reason` is empty where it can."""

    event: RemoteEvent | None
    edit: OwnerEdit | None
    stands: Said | None
    reason: str

    @property
    def shown(self) -> Said | None:
        """What a form begins with: what waits for iCloud, else what stands there."""
        return self.edit.wanted if self.edit and self.edit.is_waiting else self.stands

    @property
    def version(self) -> str:
        """Another one as soon as a form would begin otherwise."""
        return sha256(repr(self.shown).encode()).hexdigest()[:16]


def editing_of(slot: BlockedSlot, owner: Member) -> Editing:
    """How the event of that slot of the owner's stands. Writes nothing, asks nobody."""
    event = event_of(slot)
    edit = OwnerEdit.objects.filter(pk=event.pk).first() if event else None
    return _editing(event, edit, owner)


def why_not_written(event: RemoteEvent, owner: Member) -> str:
    """Why the owner's event can't be changed, whatever it says; empty where it can."""
    calendar = event.remote_calendar
    linked = CalendarConfiguration.objects.filter(
        user=owner.user_id, sub_account=owner.sub_account_id, linked_calendar=calendar
    )
    if event.mirrors_id is not None:
        return AN_APPOINTMENT
    if calendar.connection.state == Connection.State.DISCONNECTED or not linked.exists():
        return NOT_LINKED
    if not calendar.can_write:
        return READ_ONLY
    return CALENDAR_GONE if calendar.missing_since else ""


@transaction.atomic
def want_edit(event: RemoteEvent, wanted: Said, *, owner: Member, version: str) -> bool:
    """Have the event say that; False where it says so already and nothing is to be written. Both
    times block until iCloud has it; the last edit wins.

    Raises `NotEditable` with the reason, and `ChangedMeanwhile` where `version` is not that of how
    the event stands by now.
    """
    edit = hold(event)
    now = _editing(event_known(event.pk), edit, owner)
    if now.event is None or now.reason or now.stands is None:
        raise NotEditable(now.reason)
    if now.version != version and now.shown != wanted:  # the same sent twice is no surprise
        raise ChangedMeanwhile
    rewrite(now.event.raw, wanted, zone=owner.zone, stamp=timezone.now())
    if edit is None or not edit.is_waiting:
        edit = OwnerEdit(remote_event=now.event)
        edit.before = now.stands
    edit.wanted = wanted
    return _want(edit, owner)


@transaction.atomic
def take_back(event: RemoteEvent, *, owner: Member) -> None:
    """Leave the event as it was. What may have reached iCloud already is written back."""
    edit = hold(event)
    if edit is not None and edit.is_waiting and edit.sent is not None:
        edit.wanted = edit.before
        _want(edit, owner)
        return
    if edit is not None:
        edit.delete()
    if (source := event.remote_calendar.busy_source) is not None:
        stop_showing(source, event.pk)


def _editing(event: RemoteEvent | None, edit: OwnerEdit | None, owner: Member) -> Editing:
    if event is None:
        return Editing(None, None, None, NOT_KNOWN)
    reason = why_not_written(event, owner) or why_not_reached(event.remote_calendar.connection)
    try:
        stands = said(event.raw, zone=owner.zone)
    except NotEditable as refused:
        return Editing(event, edit, None, reason or str(refused))
    if not reason and (event.missing_since or event.withheld):
        reason = NOT_HANDED_OUT
    return Editing(event, edit, stands, reason)


def _want(edit: OwnerEdit, owner: Member) -> bool:
    """Store it, block what it may take, and have it written; False where nothing is to do."""
    event = edit.remote_event
    source = event.remote_calendar.busy_source
    if source is None:
        raise NotEditable(NOT_KNOWN)
    if edit.sent is None and edit.wanted == edit.before:
        OwnerEdit.objects.filter(pk=edit.pk).delete()
        stop_showing(source, event.pk)
        return False
    edit.state, edit.problem = OwnerEdit.State.WAITING, ""
    edit.save()
    block_both(edit, source)
    outbox.want(OutboxItem.Effect.EDIT, event.pk, sub_account=owner.sub_account)
    outbox.ring()
    return True
