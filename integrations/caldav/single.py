"""The plain case: one event, at one time. What Daybook writes, and what can be followed back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from integrations.caldav.events import Reading, read_event
from integrations.caldav.parsing import Unreadable, read_file
from integrations.caldav.zones import Zones

_REPEATS = frozenset({"RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"})


def single_span(ics: str, *, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When the file's only event begins and ends, in UTC.

    None for anything else: several events, a repeating one, a whole day, one that is cancelled or
    takes no time. Floating times are read in `zone`.
    """
    try:
        file = read_file(ics)
    except Unreadable:
        return None
    if len(file.events) != 1 or not _REPEATS.isdisjoint(file.events[0].lines):
        return None
    event = read_event(file.events[0], Reading(Zones(file.zones), zone, frozenset()))
    if event is None or event.start.is_date or event.is_cancelled:
        return None
    starts_at, ends_at = event.start.at, event.length.end_from(event.start)
    return (starts_at.astimezone(UTC), ends_at.astimezone(UTC)) if starts_at < ends_at else None
