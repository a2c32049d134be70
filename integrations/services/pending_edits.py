"""Edits that wait for iCloud, and the time they take meanwhile.

Until iCloud has an edit, both its time and the event's block: nothing opens before it is known.
The new time lies in the event's feed under a key of its own.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from calendars.models import BlockedSlot, BusySource
from calendars.services.blocking import BlockedSpan, forget, note_on, replace_blocked
from integrations.caldav.editing import NotEditable, Said, rewrite
from integrations.models import OwnerEdit, RemoteCalendar, RemoteEvent
from integrations.services.interpreting import Window, read, spans_of, window_of

SAVING = _("Being saved to iCloud")
STILL_THERE = _("Blocked until iCloud has the new time")
NOT_SAVED = _("Your change was not saved")
_SUFFIX = " edit"


def event_of(slot: BlockedSlot) -> RemoteEvent | None:
    """The event that a slot of a feed comes from, or is to become the time of."""
    key = slot.key.removesuffix(_SUFFIX)
    if slot.source_id is None or not (key.isascii() and key.isdecimal()):
        return None
    event = event_known(int(key))
    is_its = event is not None and event.remote_calendar.busy_source_id == slot.source_id
    return event if is_its else None


def event_known(pk: int) -> RemoteEvent | None:
    """The event with that primary key, with its calendar, feed and account."""
    events = RemoteEvent.objects.select_related(
        "remote_calendar__busy_source", "remote_calendar__connection__remote_account"
    )
    found: RemoteEvent | None = (
        events.defer("remote_calendar__connection__secret").filter(pk=pk).first()
    )
    return found


def hold(event: RemoteEvent) -> OwnerEdit | None:
    """The event's edit, locked in the order of a sync: the calendar first, then its events."""
    calendars = RemoteCalendar.objects.select_for_update().filter(pk=event.remote_calendar_id)
    list(calendars.values_list("pk"))
    list(RemoteEvent.objects.select_for_update().filter(pk=event.pk).values_list("pk"))
    edit: OwnerEdit | None = OwnerEdit.objects.select_for_update().filter(pk=event.pk).first()
    return edit


def block_both(edit: OwnerEdit, source: BusySource) -> None:
    """Beside what the event blocks, block what it will once it says what is wanted, or what was
    sent and may have arrived."""
    _block(edit, source, window_of(edit.remote_event.remote_calendar, source, timezone.now()))


def block_again(source: BusySource, events: Iterable[RemoteEvent], window: Window) -> None:
    """Have the edits of these events take their time anew: the events say something else by now,
    and one that was free may be busy."""
    waiting = OwnerEdit.objects.filter(
        remote_event__in=[event.pk for event in events], state=OwnerEdit.State.WAITING
    )
    for edit in waiting.select_related("remote_event"):
        _block(edit, source, window)


def _block(edit: OwnerEdit, source: BusySource, window: Window) -> None:
    said_so = filter(None, (edit.wanted, edit.sent))
    spans = [span for each in said_so for span in _spans_saying(each, edit, window)]
    _show(source, edit.remote_event, spans)


def _spans_saying(each: Said, edit: OwnerEdit, window: Window) -> list[BlockedSpan]:
    try:
        text = rewrite(edit.remote_event.raw, each, zone=window.zone, stamp=timezone.now())
    except NotEditable:  # it is another kind of event by now: the worker finds out, too
        return [BlockedSpan(*each.span, title=each.title, uid=edit.remote_event.uid)]
    expansion = read(RemoteEvent(raw=text), window).expansion
    return spans_of(expansion) if expansion else []


def _show(source: BusySource, event: RemoteEvent, spans: Sequence[BlockedSpan]) -> None:
    """Block these spans, beside what the event blocks, and say so on both."""
    held = BlockedSlot.objects.filter(source=source, key=str(event.pk))
    known = set(held.values_list("starts_at", "ends_at"))
    new = [span for span in spans if (span.starts_at, span.ends_at) not in known]
    replace_blocked(source, _key(event.pk), new)
    note_on(source, _key(event.pk), SAVING)
    note_on(source, str(event.pk), STILL_THERE if new else SAVING)


def stop_showing(source: BusySource, event: int, *, note: str = "") -> None:
    """Nothing of the event with that primary key waits any more; its owner reads the note on it."""
    forget(source, [_key(event)])
    note_on(source, str(event), note)


@transaction.atomic
def lose_edits(source: BusySource | None, gone: Iterable[RemoteEvent]) -> None:
    """What was wanted of events that are gone is gone with them. Their owner is told on what is
    kept of them, or stands elsewhere by now."""
    if source is None:
        return
    pks = {event.pk for event in gone}
    edits = OwnerEdit.objects.filter(remote_event__remote_calendar__busy_source=source)
    for edit in edits.select_related("remote_event"):
        if edit.pk not in pks:
            continue
        stop_showing(source, edit.pk, note=NOT_SAVED)
        slots = BlockedSlot.objects.filter(user=source.user_id, sub_account=source.sub_account_id)
        if uid := edit.remote_event.uid:
            slots.filter(uid=uid).update(note=NOT_SAVED)
        edit.delete()


def _key(event: int) -> str:
    return f"{event}{_SUFFIX}"
