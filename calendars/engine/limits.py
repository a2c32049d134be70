"""Limits on how many meetings a day holds."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from calendars.engine.hours import ONE_DAY, instant
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
