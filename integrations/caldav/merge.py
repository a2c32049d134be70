"""Both sides of one event: what was known, what is wanted now, and what stands there.

A pure decision. What changed on one side only is taken from there; where both changed the time,
Daybook's counts, because its guest was told.
"""

from dataclasses import dataclass
from datetime import datetime

from integrations.caldav.semantics import Fingerprint

BOTH_MOVED = "Moved in iCloud as well as in Daybook; Daybook's time counts."
HOSTS_DIFFER = "Another host moved it to another time; the primary host's choice counts."
NOT_ONE_EVENT = "It is no single appointment in iCloud any more; here it stays at its time."
SHOWN_AS_FREE = "Marked in iCloud in another way (free, or cancelled); the time stays taken."
TEXT_CHANGED = "Its text was changed in iCloud."

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says: its meaning, and when; None where that is not one timed event."""

    means: Fingerprint
    span: Span | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an event: what it meant when it was last seen, what was sent since without
    an answer, and the time that both sides last had."""

    standing: Fingerprint | None
    sent: Fingerprint | None
    agreed: Span | None


@dataclass(frozen=True, slots=True)
class Merge:
    """`move` is the time to follow, `agreed` the time that both sides have from now on. `notes` are
    sentences for staff. With `is_reshaped` the event is no single appointment any more, which is
    not followed; with `is_overruled` Daybook's time has to be written over it."""

    agreed: Span | None
    move: Span | None = None
    notes: tuple[str, ...] = ()
    is_reshaped: bool = False
    is_overruled: bool = False


def merge(past: Past, *, mine: Side, theirs: Side, yields: bool = False) -> Merge:
    """What follows from `theirs`. Of what was never seen there before, nothing does.

    With `yields` Daybook's own time is what another host made of it in iCloud, and these are the
    primary host's wishes, which count.
    """
    known = {one for one in (past.standing, past.sent) if one is not None}
    if not known:
        return Merge(agreed=theirs.span if theirs.span == mine.span else None)
    change = _of_time(past, mine, theirs, known_times={one.time for one in known}, yields=yields)
    if theirs.means.text in {mine.means.text, *(one.text for one in known)}:
        return change
    return Merge(
        change.agreed,
        change.move,
        (*change.notes, TEXT_CHANGED),
        change.is_reshaped,
        change.is_overruled,
    )


def _of_time(past: Past, mine: Side, theirs: Side, *, known_times: set[str], yields: bool) -> Merge:
    is_known = theirs.means.time in known_times
    if theirs.span is None:
        return Merge(past.agreed, notes=() if is_known else (NOT_ONE_EVENT,), is_reshaped=True)
    if past.sent is not None and theirs.means.time == past.sent.time:
        return Merge(agreed=theirs.span)  # our own, of which no answer came
    if theirs.span in {mine.span, past.agreed}:
        is_same = is_known or theirs.means.time == mine.means.time
        return Merge(agreed=theirs.span, notes=() if is_same else (SHOWN_AS_FREE,))
    if _moved_here(past, mine):
        if yields and not is_known:
            return Merge(theirs.span, move=theirs.span, notes=(HOSTS_DIFFER,))
        return Merge(past.agreed, notes=() if is_known else (BOTH_MOVED,), is_overruled=True)
    return Merge(agreed=theirs.span, move=theirs.span)


def _moved_here(past: Past, mine: Side) -> bool:
    """Whether Daybook's own time changed since it was last sent, or agreed upon."""
    if past.sent is not None and past.sent.time == mine.means.time:
        return False
    return past.agreed is not None and mine.span != past.agreed
