"""Blocked slots: what feeds of busy time write, keep, and take back."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from calendars.models import BlockedSlot, BusySource

BATCH = 500
LONGEST_TITLE = 500
LONGEST_UID = 300
SAYS = ("starts_at", "ends_at", "all_day", "is_busy", "title", "uid")

Item = TypeVar("Item", str, int)


@dataclass(frozen=True, slots=True)
class BlockedSpan:
    """One span of an event, as a feed gives it; the instants are aware."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool = False
    is_busy: bool = True
    title: str = ""
    uid: str = ""


def replace_blocked(source: BusySource, key: str, spans: Sequence[BlockedSpan]) -> None:
    """Make these spans all that the feed has under that key."""
    replace_many(source, {key: spans})


def replace_many(source: BusySource, spans_by_key: Mapping[str, Sequence[BlockedSpan]]) -> None:
    """Make the spans of each key all that the feed has under it.

    Rows that say the same already stay as they are. The number of queries depends on the number of
    batches of keys, not on the number of keys.
    """
    for keys in _batches(list(spans_by_key)):
        with transaction.atomic():
            _replace(source, {key: spans_by_key[key] for key in keys})


def keep_deleted(
    source: BusySource, keys: Collection[str], *, now: datetime, may_have_moved: bool = False
) -> None:
    """These events were deleted remotely: their free and past slots go, the others stay, labelled.

    `may_have_moved`: they could stand by now in a calendar that is not read.
    """
    for batch in _batches(list(keys)):
        slots = BlockedSlot.objects.filter(source=source, key__in=batch)
        slots.filter(Q(is_busy=False) | Q(ends_at__lte=now)).delete()
        slots.filter(deleted_remotely_at=None).update(
            deleted_remotely_at=now, may_have_moved=may_have_moved
        )


def release_reappeared(source: BusySource, uids: Collection[str]) -> None:
    """Drop what was kept of these events for the feed's user: a move is a move, not a deletion."""
    for batch in _batches([uid for uid in uids if uid]):
        kept = BlockedSlot.objects.kept().filter(uid__in=batch)
        kept.filter(user=source.user_id, sub_account=source.sub_account_id).delete()


def forget(source: BusySource, keys: Collection[str]) -> None:
    """Drop all that the feed has under these keys."""
    for batch in _batches(list(keys)):
        BlockedSlot.objects.filter(source=source, key__in=batch).delete()


def note_on(source: BusySource, key: str, note: str) -> None:
    """Have the owner read this on what the feed has under that key; an empty note takes it away."""
    BlockedSlot.objects.filter(source=source, key=key).exclude(note=note).update(note=note)


def _replace(source: BusySource, spans_by_key: Mapping[str, Sequence[BlockedSpan]]) -> None:
    held: defaultdict[str, dict[BlockedSpan, int]] = defaultdict(dict)
    obsolete: list[int] = []
    changed: list[BlockedSlot] = []
    for slot in BlockedSlot.objects.filter(source=source, key__in=spans_by_key).order_by():
        span = _span_of(slot)
        if slot.deleted_remotely_at is None and span not in held[slot.key]:
            held[slot.key][span] = slot.pk
        else:
            obsolete.append(slot.pk)
    missing: list[BlockedSlot] = []
    for key, spans in spans_by_key.items():
        wanted = dict.fromkeys(_storable(span) for span in spans if span.starts_at < span.ends_at)
        old = [pk for span, pk in held[key].items() if span not in wanted]
        new = [_slot(source, key, span) for span in wanted if span not in held[key]]
        if len(old) == len(new) == 1:  # one that changed keeps its address, and its note
            new[0].pk = old[0]
            changed += new
        else:
            obsolete, missing = obsolete + old, missing + new
    for batch in _batches(obsolete):
        BlockedSlot.objects.filter(pk__in=batch).delete()
    BlockedSlot.objects.bulk_update(changed, SAYS, batch_size=BATCH)
    BlockedSlot.objects.bulk_create(missing, batch_size=BATCH)


def _storable(span: BlockedSpan) -> BlockedSpan:
    # PostgreSQL stores no NUL in a text.
    return replace(
        span,
        title=span.title.replace("\0", "")[:LONGEST_TITLE],
        uid=span.uid.replace("\0", "")[:LONGEST_UID],
    )


def _span_of(slot: BlockedSlot) -> BlockedSpan:
    return BlockedSpan(
        slot.starts_at, slot.ends_at, slot.all_day, slot.is_busy, slot.title, slot.uid
    )


def _slot(source: BusySource, key: str, span: BlockedSpan) -> BlockedSlot:
    return BlockedSlot(
        sub_account_id=source.sub_account_id,
        user_id=source.user_id,
        source=source,
        key=key,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        all_day=span.all_day,
        is_busy=span.is_busy,
        title=span.title,
        uid=span.uid,
    )


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
