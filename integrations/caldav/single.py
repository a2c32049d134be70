"""The plain case: one event, at one time. What Daybook writes, and what can be followed back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from integrations.caldav.events import Reading, read_event
from integrations.caldav.parsing import Unreadable, read_file
from integrations.caldav.zones import Zones

_REPEATS = frozenset({"RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"})
_YEARS = range(1971, 2200)  # every clock and both databases can tell these
_LONGEST = timedelta(days=31)


def single_span(ics: str, *, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When the file's only event begins and ends, in UTC.

    None for anything else: several events, a repeating one, a whole day, one that takes no time, or
    more than a month, or lies in no year that anybody books. Floating times are read in `zone`.
    """
    try:
        file = read_file(ics)
    except Unreadable:
        return None
    if len(file.events) != 1 or not _REPEATS.isdisjoint(file.events[0].lines):
        return None
    event = read_event(file.events[0], Reading(Zones(file.zones), zone, frozenset()))
    if event is None or event.start.is_date:
        return None
    starts_at = event.start.at.astimezone(UTC)
    ends_at = event.length.end_from(event.start).astimezone(UTC)
    is_plain = starts_at.year in _YEARS and starts_at < ends_at <= starts_at + _LONGEST
    return (starts_at, ends_at) if is_plain else None
