"""Limits on how many meetings a day holds, and the days and months that are counted."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from calendars.engine.hours import ONE_DAY, instant
from calendars.engine.notice import Unit, later
from calendars.engine.spans import Span


def full_days(starts: Iterable[int], limit: int, zone: ZoneInfo) -> list[Span]:
    """The days of the zone, as epoch seconds, on which at least `limit` meetings begin.

    `starts` has one epoch second for each meeting, however many seats it has.
    """
    begun = Counter(datetime.fromtimestamp(start, zone).date() for start in starts)
    return [
        (instant(zone, day), instant(zone, day + ONE_DAY))
        for day, meetings in sorted(begun.items())
        if meetings >= limit
    ]


def whole_days(span: Span, zone: ZoneInfo) -> Span:
    """From the midnight of the zone before the span to that after it; an empty span as it is."""
    if span[0] >= span[1]:
        return span
    first, last = (datetime.fromtimestamp(at, zone).date() for at in (span[0], span[1] - 1))
    return instant(zone, first), instant(zone, last + ONE_DAY)


def months(span: Span, zone: ZoneInfo) -> list[Span]:
    """The calendar months of the zone that share a second with the span, in order."""
    if span[0] >= span[1]:
        return []
    first = datetime.fromtimestamp(span[0], zone).date().replace(day=1)
    found: list[Span] = []
    while (start := instant(zone, first)) < span[1]:
        first = later(first, 1, Unit.MONTHS)
        found.append((start, instant(zone, first)))
    return found
