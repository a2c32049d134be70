"""The engine's reasons in words that staff understand."""

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from calendars.engine.slots import Reason

_WORDS = {
    Reason.PAST: _("the time has passed."),
    Reason.NOTICE: _("it is sooner than the calendar's minimum notice."),
    Reason.TOOFAR: _("it is further ahead than the calendar can be booked."),
    Reason.HOURS: _("it is outside of opening hours, or does not begin on the calendar's grid."),
    Reason.DURATION: _("the meeting would not end within opening hours."),
    Reason.BLOCKED: _("the time was blocked by hand."),
    Reason.CONFLICT: _("an event in a connected calendar lies there."),
    Reason.BOOKED: _("another appointment lies there."),
    Reason.BUFFER: _("the buffer before or after would touch something else."),
    Reason.DAYLIMIT: _("the day has as many meetings as it may."),
    Reason.SLOTMAX: _("the time has as many appointments as it may."),
    Reason.NOSEATS: _("no seats are left."),
    Reason.USER: _("the host is not available."),
    Reason.COLLECTIVE: _("not all of the hosts are available."),
    Reason.ROUNDROBIN: _("none of the hosts is available."),
    Reason.LOOKBUSY: _("it is hidden to look busy."),
    Reason.STALE: _("a connected calendar of the host has not been read that far, or not lately."),
}
_NOTHING = _("nothing stands in the way.")


def in_words(reason: Reason | None) -> str:
    """Why a time is not offered, as the end of a sentence; None is nothing in the way."""
    return gettext(_WORDS[reason] if reason else _NOTHING)


def all_in_words(reasons: Sequence[Reason]) -> str:
    """Several reasons in words: one sentence each, the first as the end of one."""
    first, *others = (in_words(reason) for reason in reasons)
    return " ".join([first, *(capfirst(words) for words in others)])
