"""Time kept of events that were deleted remotely: what there is, and how it becomes free.

Frozen: nothing changes it any more, until it is released or its event reappears.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from accounts.models import Member
from calendars.models import BlockedSlot, BusySource
from calendars.models.blocked import BlockedSlotQuerySet
from calendars.services.discretion import BUSY


class NotDeletedRemotely(Exception):
    """The event still stands in its calendar, so its time cannot be released here."""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event that is gone and what is kept of it: `times` of them, from `first` to `last`."""

    first: BlockedSlot
    last: BlockedSlot
    times: int
    title: str
    note: str

    @property
    def last_day(self) -> datetime:
        """Within the last day of the last time, whole days included."""
        return self.last.ends_at - timedelta(seconds=1)


def kept_events(member: Member, *, now: datetime) -> list[KeptEvent]:
    """What goes on blocking the member's time ahead, the soonest first."""
    slots = kept_ahead(member, now=now).select_related("source")
    by_event = groupby(slots.order_by("source", "key", "starts_at"), key=_event_of)
    events = [_kept(list(times), member.zone) for _event, times in by_event]
    return sorted(events, key=lambda event: (event.first.starts_at, event.first.pk))


def kept_ahead(member: Member, *, now: datetime) -> BlockedSlotQuerySet:
    """The member's kept slots that are not over."""
    kept: BlockedSlotQuerySet = BlockedSlot.objects.within(member.sub_account).kept()
    return kept.filter(user=member.user_id, ends_at__gt=now)


def release(slot: BlockedSlot) -> None:
    """Free one time of an event that was deleted remotely. Raises `NotDeletedRemotely`."""
    released, _rows = BlockedSlot.objects.kept().filter(pk=slot.pk).delete()
    if not released:
        raise NotDeletedRemotely


def release_event(slot: BlockedSlot) -> int:
    """Free all that is kept of the slot's event; how many times. Raises `NotDeletedRemotely`."""
    released, _rows = BlockedSlot.objects.kept().filter(source=slot.source, key=slot.key).delete()
    if not released:
        raise NotDeletedRemotely
    return released


def release_all(member: Member, *, seen_at: datetime, now: datetime) -> int:
    """Free all that was kept for the member by `seen_at`; how many times ahead are free by that.

    What was deleted since then nobody has looked at: it stays.
    """
    return _free(kept_ahead(member, now=now).filter(deleted_remotely_at__lte=seen_at))


def release_feeds(sources: Collection[BusySource], *, now: datetime) -> int:
    """Free all that these feeds keep; how many times ahead are free by that."""
    kept = BlockedSlot.objects.kept().filter(source__in=[source.pk for source in sources])
    freed = _free(kept.filter(ends_at__gt=now))
    kept.delete()
    return freed


def deleted_note(slot: BlockedSlot, zone: ZoneInfo) -> str:
    """Since when the slot's event is gone, as a label; empty while it stands in its calendar."""
    if slot.deleted_remotely_at is None:
        return ""
    day = date_format(slot.deleted_remotely_at.astimezone(zone), _("j F Y"))
    gone_at = slot.source.gone_at if slot.source else None
    if gone_at is not None and gone_at <= slot.deleted_remotely_at:
        said = _("Calendar gone from iCloud on %(day)s")
    elif slot.may_have_moved:
        said = _("Deleted in iCloud on %(day)s, or moved to a calendar not read here")
    else:
        said = _("Deleted in iCloud on %(day)s")
    return said % {"day": day}


def _free(slots: BlockedSlotQuerySet) -> int:
    freed, _rows = slots.delete()
    return freed


def _event_of(slot: BlockedSlot) -> tuple[int | None, str]:
    return slot.source_id, slot.key


def _kept(times: Sequence[BlockedSlot], zone: ZoneInfo) -> KeptEvent:
    first = times[0]
    return KeptEvent(
        first, times[-1], len(times), first.title or _(BUSY), deleted_note(first, zone)
    )
