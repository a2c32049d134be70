"""Both sides of one event: what was written, what is wanted now, and what stands there.

A pure decision. What changed on one side only is taken from there; where both changed the time,
Daybook's counts, because its guest was told.
"""

from dataclasses import dataclass
from datetime import datetime

from integrations.caldav.semantics import Fingerprint

BOTH_MOVED = "Moved in iCloud as well as in Daybook; Daybook's time counts."
NOT_ONE_EVENT = "Made all-day or repeating in iCloud; the appointment stays at its time."
SHOWN_AS_FREE = "Marked in iCloud in another way (free, or cancelled); the time stays taken."
TEXT_CHANGED = "Its text was changed in iCloud."

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says: its meaning, and when; None where that is not one timed event."""

    means: Fingerprint
    span: Span | None


@dataclass(frozen=True, slots=True)
class Merge:
    """`move` is the time to follow. `notes` are sentences for staff. With `is_reshaped` the event
    is no single appointment any more, which is not followed."""

    move: Span | None = None
    notes: tuple[str, ...] = ()
    is_reshaped: bool = False


def merge(*, base: Fingerprint | None, mine: Side, theirs: Side) -> Merge:
    """What follows from `theirs`, where `base` is what both sides once had.

    Without a base (its first writing was never acknowledged) nothing is followed.
    """
    if base is None:
        return Merge()
    change = _of_time(base, mine, theirs)
    if theirs.means.text in {base.text, mine.means.text}:
        return change
    return Merge(change.move, (*change.notes, TEXT_CHANGED), change.is_reshaped)


def _of_time(base: Fingerprint, mine: Side, theirs: Side) -> Merge:
    if theirs.means.time in {base.time, mine.means.time}:
        return Merge()
    if theirs.span is None:
        return Merge(notes=(NOT_ONE_EVENT,), is_reshaped=True)
    if theirs.span == mine.span:
        return Merge(notes=(SHOWN_AS_FREE,))
    if mine.means.time != base.time:
        return Merge(notes=(BOTH_MOVED,))
    return Merge(move=theirs.span)
