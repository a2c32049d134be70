"""The engine's reasons in words that staff understand."""

from collections.abc import Sequence

from django.utils.text import capfirst

from calendars.engine.slots import Reason

_WORDS = {
    Reason.PAST: "the time has passed.",
    Reason.NOTICE: "it is sooner than the calendar's minimum notice.",
    Reason.TOOFAR: "it is further ahead than the calendar can be booked.",
    Reason.HOURS: "it is outside of opening hours, or does not begin on the calendar's grid.",
    Reason.DURATION: "the meeting would not end within opening hours.",
    Reason.BLOCKED: "the time was blocked by hand.",
    Reason.CONFLICT: "an event in a connected calendar lies there.",
    Reason.BOOKED: "another appointment lies there.",
    Reason.BUFFER: "the buffer before or after would touch something else.",
    Reason.DAYLIMIT: "the day has as many meetings as it may.",
    Reason.SLOTMAX: "the time has as many appointments as it may.",
    Reason.NOSEATS: "no seats are left.",
    Reason.USER: "the host is not available.",
    Reason.COLLECTIVE: "not all of the hosts are available.",
    Reason.ROUNDROBIN: "none of the hosts is available.",
    Reason.LOOKBUSY: "it is hidden to look busy.",
    Reason.STALE: "a connected calendar of the host has not been read that far, or not lately.",
}


def in_words(reason: Reason | None) -> str:
    """Why a time is not offered, as the end of a sentence; None is nothing in the way."""
    return _WORDS[reason] if reason else "nothing stands in the way."


def all_in_words(reasons: Sequence[Reason]) -> str:
    """The same for several: one sentence each, the first as the end of one."""
    first, *others = (in_words(reason) for reason in reasons)
    return " ".join([first, *(capfirst(words) for words in others)])
