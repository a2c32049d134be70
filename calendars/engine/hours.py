"""Opening hours: wall-clock rules in a time zone, and the windows they open."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from calendars.engine.spans import Span, merge

DAY_IN_MINUTES = 24 * 60
ONE_DAY = timedelta(days=1)
# How far windows that meet at midnight are joined, and therefore the longest meeting.
LONGEST_MEETING = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenTime:
    """Hours of one day, in minutes of its wall clock; 1440 is the midnight that ends it.

    Raises ValueError unless 0 <= opens < closes <= 1440.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY_IN_MINUTES:
            raise ValueError("Hours open before they close, within one day.")


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is available, by the wall clock of `zone`.

    `weekly` is keyed by weekday, Monday = 0. An entry in `dates` replaces the
    weekly hours of that date; an empty one closes it.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[OpenTime, ...]]
    dates: Mapping[date, tuple[OpenTime, ...]]


class Window(NamedTuple):
    """Open time of one local day, in epoch seconds: `[start, end)`.

    Meetings begin inside it, on a grid that starts at `start` or, where it is
    aligned to the clock, at `midnight`. They last at most to `until`: beyond
    `end` where hours of the following days meet this window at midnight.
    """

    start: int
    end: int
    until: int
    midnight: int


def windows(hours: Hours, first: date, last: date) -> list[Window]:
    """The windows of the local dates from `first` to `last`, both included, in order.

    Hours are read by the wall clock and then fixed as instants. A time that the
    clock skips moves forward by as much as is skipped, if need be into the next
    day; one that it shows twice is the first of the two. Windows of one day that
    touch or overlap are one; no two windows overlap.
    """
    found: list[Window] = []
    following: list[Window] = []
    for day, opened in _windows_by_day(hours, first, last + LONGEST_MEETING + ONE_DAY):
        if day.date <= last:
            found += opened
            continue
        following += opened
        if not _open_all_day(day, opened):
            break
    return _joined_at_midnight(found + following)[: len(found)]


def windows_around(hours: Hours, asked: Span) -> list[Window]:
    """All windows in which a meeting can begin during the asked span of epoch seconds."""
    start, end = asked
    if start >= end:
        return []
    first, last = (datetime.fromtimestamp(at, hours.zone).date() for at in (start, end - 1))
    return windows(hours, first, last)


def common_windows(hosts: Sequence[Sequence[Window]]) -> list[Window]:
    """The windows that are open for all of the hosts; midnights are those of the first.

    Raises ValueError when there are no hosts.
    """
    if not hosts:
        raise ValueError("Nobody has windows to share.")
    common = list(hosts[0])
    for others in hosts[1:]:
        common = _open_in_both(common, others)
    return common


def instant(zone: ZoneInfo, day: date, minutes: int = 0) -> int:
    """The epoch second at which the clock of the zone shows that time, for the first time.

    `minutes` count from midnight, 0 to 1440. A time that the clock skips moves
    forward by as much as is skipped.
    """
    # fold=0 is both: Python reads a skipped time with the offset before the gap.
    wall_clock = datetime.combine(day, time.min, zone) + timedelta(minutes=minutes)
    return int(wall_clock.timestamp())


class _Day(NamedTuple):
    """A date, and the epoch seconds of the midnights around it."""

    date: date
    starts: int
    ends: int


@lru_cache(maxsize=64)
def _days(zone: ZoneInfo, first: date, last: date) -> Sequence[_Day]:
    """The dates from `first` to `last`, both included: the same for all hosts of a zone."""
    dates = [first + ONE_DAY * number for number in range((last - first).days + 2)]
    midnights = [instant(zone, day) for day in dates]
    return [*map(_Day, dates, midnights, midnights[1:])]


def _windows_by_day(hours: Hours, first: date, last: date) -> Iterator[tuple[_Day, list[Window]]]:
    weekly = {weekday: _by_the_clock(times) for weekday, times in hours.weekly.items()}
    dates = {day: _by_the_clock(times) for day, times in hours.dates.items()}
    moved_on: list[Span] = []
    for day in _days(hours.zone, first - ONE_DAY, last):
        minutes = dates[day.date] if day.date in dates else weekly.get(day.date.weekday(), [])
        midnight = day.starts
        if day.ends - midnight == DAY_IN_MINUTES * 60 and not moved_on:
            # No transition: the clock counts elapsed time, and the zone need not be asked.
            spans = [(midnight + opens * 60, midnight + closes * 60) for opens, closes in minutes]
        else:
            spans = merge([*moved_on, *_instants(hours.zone, day.date, minutes)])
            moved_on = [(max(start, day.ends), end) for start, end in spans if end > day.ends]
            spans = [(start, min(end, day.ends)) for start, end in spans if start < day.ends]
        if day.date >= first:
            yield day, [Window(start, end, end, midnight) for start, end in spans]


def _by_the_clock(open_times: Iterable[OpenTime]) -> list[Span]:
    return merge((open_time.opens, open_time.closes) for open_time in open_times)


def _instants(zone: ZoneInfo, day: date, minutes: Iterable[Span]) -> list[Span]:
    return [(instant(zone, day, opens), instant(zone, day, closes)) for opens, closes in minutes]


def _open_all_day(day: _Day, opened: Sequence[Window]) -> bool:
    return [(window.start, window.end) for window in opened] == [(day.starts, day.ends)]


def _joined_at_midnight(found: Sequence[Window]) -> list[Window]:
    joined: list[Window] = []
    opened = until = None
    for start, end, _, midnight in reversed(found):
        until = until if until and opened == end else end
        opened = start
        joined.append(Window(start, end, until, midnight))
    joined.reverse()
    return joined


def _open_in_both(ours: Sequence[Window], theirs: Sequence[Window]) -> list[Window]:
    both: list[Window] = []
    ends = [their.end for their in theirs]
    for our in ours:
        for their in theirs[bisect_right(ends, our.start) :]:
            if their.start >= our.end:
                break
            start, end = max(our.start, their.start), min(our.end, their.end)
            both.append(Window(start, end, min(our.until, their.until), our.midnight))
    return both
