"""Doubt that many events were deleted at once: a listing can be wrong, and time would open.

What vanished is doubted where it is too much for one read. It goes on blocking, and nothing follows
from it, until a second full listing agrees that is begun ten minutes later or more.
"""

from datetime import datetime, timedelta

import structlog

from integrations.models import RemoteCalendar

log = structlog.get_logger(__name__)

LEAST_DOUBTED = 5
WHOLE_LISTING_AFTER = timedelta(days=7)
SECOND_LOOK_AFTER = timedelta(minutes=10)


def is_too_much(vanished: int, *, known: int) -> bool:
    """Whether so many of the events known of a calendar are too many to vanish in one read."""
    return vanished >= LEAST_DOUBTED and 2 * vanished > known


def wants_whole_listing(calendar: RemoteCalendar, *, now: datetime) -> bool:
    """Whether all of it is to be listed, though nothing moved: for a second look, or because that
    was not done for a week. What a token missed for whatever reason is found then."""
    is_old = calendar.listed_at is not None and now >= calendar.listed_at + WHOLE_LISTING_AFTER
    return is_old or wants_second_look(calendar, now=now)


def wants_second_look(calendar: RemoteCalendar, *, now: datetime) -> bool:
    """Whether what vanished from it is to be looked for once more."""
    return calendar.doubted_since is not None and now >= calendar.doubted_since + SECOND_LOOK_AFTER


def believe(calendar: RemoteCalendar) -> None:
    """A second full listing agrees: what was doubted and is still missing was deleted."""
    calendar.doubted_since = None
    calendar.save(update_fields=["doubted_since"])
    calendar.events.filter(is_doubted=True).update(is_doubted=False)


def note_vanished(calendar: RemoteCalendar, vanished: int, *, known: int, now: datetime) -> bool:
    """Whether so many, gone in one read of so many known before, are doubted: without those that
    Daybook itself took away.

    While a calendar is in doubt, all that vanishes from it is.
    """
    if calendar.doubted_since is not None:
        return True
    if not is_too_much(vanished, known=known):
        return False
    calendar.doubted_since = now
    calendar.save(update_fields=["doubted_since"])
    log.warning("many events vanished", calendar=calendar.pk, vanished=vanished, known=known)
    return True
