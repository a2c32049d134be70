"""Slots found minute by minute: slow, plain, and without any of the code under test.

All instants are minutes since the epoch (UTC).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ClockTimes = Sequence[tuple[int, int]]  # minutes of the day


@dataclass(frozen=True)
class Person:
    zone: ZoneInfo
    weekly: Mapping[int, ClockTimes]
    dates: Mapping[date, ClockTimes]
    busy: Sequence[tuple[int, int]]  # what anybody put there, meetings with their buffers


@lru_cache(maxsize=64)
def dial(zone: ZoneInfo, first: int, last: int) -> dict[int, datetime]:
    """What the wall clock of the zone shows at each minute."""
    return {
        minute: datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=None, fold=0)
        for minute in range(first, last)
    }


@lru_cache(maxsize=64)
def first_shown(zone: ZoneInfo, first: int, last: int) -> dict[datetime, int]:
    """The minute at which the clock shows a time first; skipped times as much later."""
    shown: dict[datetime, int] = {}
    before = None
    for minute, reading in dial(zone, first, last).items():
        if before is not None and reading > before + timedelta(minutes=1):
            skipped = before + timedelta(minutes=1)
            for late in range((reading - skipped) // timedelta(minutes=1)):
                shown.setdefault(skipped + timedelta(minutes=late), minute + late)
        shown.setdefault(reading, minute)
        before = reading
    return shown


def open_minutes(person: Person, first: int, last: int) -> set[int]:
    shown = first_shown(person.zone, first, last)
    readings = dial(person.zone, first, last)
    opened: set[int] = set()
    for day in sorted({reading.date() for reading in readings.values()})[1:-1]:
        times = person.dates.get(day, person.weekly.get(day.weekday(), ()))
        by_the_clock = {minute for opens, closes in times for minute in range(opens, closes)}
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
        for opens in sorted(m for m in by_the_clock if m - 1 not in by_the_clock):
            closes = next(m for m in range(opens, 1441) if m not in by_the_clock)
            start, end = (shown[midnight + timedelta(minutes=m)] for m in (opens, closes))
            opened |= set(range(start, end))
    return opened


def grid(
    opened: set[int], readings: Mapping[int, datetime], interval: int, *, aligned: bool
) -> list[int]:
    """Every open minute a meeting might begin at, however long it is."""
    starts = []
    origin = midnight = None
    today = None
    for minute, reading in readings.items():
        new_day = today is None or reading.date() > today
        if new_day:
            midnight, today = minute, reading.date()
        if minute not in opened:
            origin = None
            continue
        if origin is None or new_day:
            origin = minute
        counted_from = midnight if aligned else origin
        assert counted_from is not None
        if (minute - counted_from) % interval == 0:
            starts.append(minute)
    return starts


def free_starts(
    person: Person,
    *,
    duration: int,
    interval: int,
    before: int,
    after: int,
    aligned: bool,
    first: int,
    last: int,
) -> list[int]:
    opened = open_minutes(person, first, last)
    taken = minutes_of(person.busy)
    return [
        start
        for start in grid(opened, dial(person.zone, first, last), interval, aligned=aligned)
        if opened.issuperset(range(start, start + duration))
        and taken.isdisjoint(range(start - before, start + duration + after))
    ]


def minutes_of(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}
