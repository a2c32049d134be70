"""`make sweep-dst`: series around every clock change of two years, in every IANA zone.

What is expected is computed here without the expander and without the meaning Python gives to
local times in a gap: a wall clock time is the first instant that shows it; where none does, it is
read with the offset before the gap (RFC 5545 3.3.5).
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from integrations.caldav.recurrence import expand

Span = tuple[datetime, datetime]

NO_ZONES = {"localtime", "Factory"}  # files beside the others: the machine's own zone, and none
FIRST_YEAR, YEARS = 2026, 2
NO_ZONES = {"localtime", "Factory"}  # the server's own zone, and none: no calendar means them
ELSEWHERE = ZoneInfo("Asia/Tokyo")  # whose calendar it is must not matter to a zoned series
HALF_AN_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
TEN_YEARS = 3653 * DAY


@dataclass(frozen=True)
class Change:
    """A clock change; `before` and `after` are the offsets from UTC."""

    at: datetime
    before: timedelta
    after: timedelta


@dataclass(frozen=True)
class Case:
    """One series: its lines, its owner's zone, the window, and the spans it must give."""

    lines: str
    owner: ZoneInfo
    window: Span
    spans: list[Span]

    @property
    def found(self) -> list[Span]:
        ics = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{self.lines}\nEND:VEVENT\nEND:VCALENDAR\n"
        start, end = self.window
        expansion = expand(ics, zone=self.owner, start=start, end=end)
        return [(one.starts_at, one.ends_at) for one in expansion.occurrences]


def offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def changes(zone: ZoneInfo, first_year: int = FIRST_YEAR, years: int = YEARS) -> Iterator[Change]:
    """Every change of the offset in these years; in a zone without, one that changes nothing."""
    at, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(first_year + years, 1, 1, tzinfo=UTC)
    step, is_steady = timedelta(hours=6), True
    while at < end:
        if offset(zone, at) != offset(zone, at + step):
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                is_before = offset(zone, middle) == offset(zone, at)
                low, high = (middle, high) if is_before else (low, middle)
            yield Change(high.replace(microsecond=0), offset(zone, low), offset(zone, high))
            is_steady = False
        at += step
    if is_steady:
        steady = datetime(first_year, 3, 29, 1, tzinfo=UTC)
        yield Change(steady, offset(zone, steady), offset(zone, steady))


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in the zone show this time, or would have shown it."""
    guess = wall.replace(tzinfo=UTC)
    before, after = offset(zone, guess - 30 * HOUR), offset(zone, guess + 30 * HOUR)
    shown = [
        candidate
        for candidate in (guess - before, guess - after)
        if candidate.astimezone(zone).replace(tzinfo=None) == wall
    ]
    return min(shown, default=guess - before)


def spans(walls: list[datetime], length: str, zone: ZoneInfo) -> list[Span]:
    """The spans of occurrences at these times; two at one instant are one."""
    found: dict[datetime, datetime] = {}
    for wall in walls:
        start = instant(wall, zone)
        if length == "P1D":
            end = instant(wall + DAY, zone)
        elif length == "P2D":
            end = instant(wall + 2 * DAY, zone)
        else:
            end = start + {"PT1H": HOUR, "PT24H": DAY}[length]
        found[start] = max(end, found.get(start, end))
    return sorted((start, end) for start, end in found.items() if start < end)


def overlapping(window: Span, found: list[Span]) -> list[Span]:
    return [(start, end) for start, end in found if start < window[1] and end > window[0]]


def times_around(change: Change) -> list[datetime]:
    """Wall clock times before, at, inside and after a gap or a repeated hour, and two others."""
    shown = sorted((change.at + off).replace(tzinfo=None) for off in (change.before, change.after))
    low, high = shown
    midnight = low.replace(hour=0, minute=0, second=0)
    return [
        *(low - HALF_AN_HOUR, low, low + (high - low) // 2, high, high + HALF_AN_HOUR),
        *(midnight, midnight + 12 * HOUR),
    ]


def cases(name: str, change: Change) -> Iterator[Case]:
    zone = ZoneInfo(name)
    around = (change.at - 30 * DAY, change.at + 30 * DAY)
    close = (change.at - 3 * DAY, change.at + 3 * DAY)
    for wall in times_around(change):
        daily = [wall + n * DAY for n in range(-3, 4)]
        weekly = [wall + n * 7 * DAY for n in range(-2, 3)]
        since_long = [wall - TEN_YEARS, *(wall + n * DAY for n in range(-6, 7))]
        for kind, owner in ((f";TZID={name}:", ELSEWHERE), (":", zone)):
            yield case(kind, weekly, "FREQ=WEEKLY;COUNT=5", "PT1H", owner, around)
            for length in ("PT1H", "PT24H", "P1D"):
                yield case(kind, daily, "FREQ=DAILY;COUNT=7", length, owner, around)
                yield case(kind, since_long, "FREQ=DAILY", length, owner, close)
    today = times_around(change)[-2]
    daily = [today + n * DAY for n in range(-3, 4)]
    since_long = [today - TEN_YEARS, *(today + n * DAY for n in range(-6, 7))]
    for length in ("P1D", "P2D"):
        yield case(";VALUE=DATE:", daily, "FREQ=DAILY;COUNT=7", length, zone, around)
        yield case(";VALUE=DATE:", since_long, "FREQ=DAILY", length, zone, close)


def case(
    kind: str, walls: list[datetime], rule: str, length: str, owner: ZoneInfo, window: Span
) -> Case:
    is_date = kind == ";VALUE=DATE:"
    zone = ZoneInfo(kind[len(";TZID=") : -1]) if kind.startswith(";TZID=") else owner
    first = f"{walls[0]:%Y%m%d}" if is_date else f"{walls[0]:%Y%m%dT%H%M%S}"
    expected = overlapping(window, spans(walls, length, zone))
    lines = f"DTSTART{kind}{first}\nDURATION:{length}\nRRULE:{rule}"
    return Case(lines, owner, window, expected)


def wrong(name: str, first_year: int = FIRST_YEAR) -> tuple[int, list[Case]]:
    """How many series were expanded around the changes of a zone, and those that went wrong."""
    all_cases = [
        one for change in changes(ZoneInfo(name), first_year) for one in cases(name, change)
    ]
    return len(all_cases), [one for one in all_cases if one.found != one.spans]


def main() -> int:
    began = time.monotonic()
    names = sorted(available_timezones() - NO_ZONES)
    number = failed = 0
    for name in names:
        expanded, odd = wrong(name)
        number += expanded
        failed += len(odd)
        for one in odd[:3]:
            print(f"{name}:\n{one.lines}\nexpected {one.spans}\nfound    {one.found}")
    seconds = time.monotonic() - began
    print(f"{number} series in {len(names)} zones, {failed} wrong, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
