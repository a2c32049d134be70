"""The week as a grid: seven columns of quarters of an hour, by the reader's wall clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format

from calendars.engine.hours import ONE_DAY, instant
from calendars.services.lanes import lanes

QUARTER = 15
QUARTERS = 96
MOST_LANES = 4  # narrower columns cannot be read
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Tone(StrEnum):
    """What an event is to its reader; the names are those of the style sheet."""

    APPOINTMENT = "is-appointment"
    TENTATIVE = "is-tentative"
    BUSY = "is-busy"
    FREE = "is-free"
    DELETED = "is-deleted"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that takes time. With `dates` (first and last) it lasts whole days; with `has_news`
    its reader should open it."""

    starts_at: datetime
    ends_at: datetime
    title: str
    tone: Tone
    note: str = ""
    dates: tuple[date, date] | None = None
    blocked_slot: int | None = None
    is_kept: bool = False
    has_news: bool = False
    appointment: int | None = None
    is_overlapping: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry's part in one day: its first quarter, its length in quarters, and its lane."""

    entry: Entry
    when: str
    top: int
    span: int
    lane: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Day:
    """One column. `now` is the quarter that it is at present, on today's column only."""

    date: date
    now: int | None
    all_day: tuple[Entry, ...]
    timed: tuple[Placed, ...]


def first_day(asked: str, *, today: date) -> date:
    """The Monday of the asked week (2026-W05) or date (2026-02-01), else of this week."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        day = today
    return day - timedelta(days=day.weekday())


def lay_out(
    entries: Iterable[Entry], *, first: date, zone: ZoneInfo, now: datetime
) -> tuple[Day, ...]:
    """Seven days from `first`, by the clock of the zone.

    An entry that covers all of a day stands in its all-day row. A clock that is put forward or
    back changes where an entry stands, never on which day.
    """
    ordered = sorted(entries, key=lambda entry: (entry.starts_at, entry.ends_at, entry.title))
    return tuple(
        _day(ordered, first + timedelta(days=number), zone=zone, now=now) for number in range(7)
    )


def _day(entries: Sequence[Entry], day: date, *, zone: ZoneInfo, now: datetime) -> Day:
    start, end = (datetime.fromtimestamp(instant(zone, each), UTC) for each in (day, day + ONE_DAY))
    all_day: list[Entry] = []
    timed: list[Entry] = []
    for entry in entries:
        if entry.dates is not None:
            if entry.dates[0] <= day <= entry.dates[1]:
                all_day.append(entry)
        elif entry.starts_at <= start and end <= entry.ends_at:
            all_day.append(entry)
        elif entry.starts_at < end and start < entry.ends_at:
            timed.append(entry)
    return Day(
        date=day,
        now=_quarters(now, zone)[0] if start <= now < end else None,
        all_day=tuple(all_day),
        timed=_placed(timed, start=start, end=end, zone=zone),
    )


def _placed(
    entries: Sequence[Entry], *, start: datetime, end: datetime, zone: ZoneInfo
) -> tuple[Placed, ...]:
    spans = []
    for entry in entries:
        top = _quarters(max(entry.starts_at, start), zone)[0]
        bottom = QUARTERS if entry.ends_at >= end else _quarters(entry.ends_at, zone)[1]
        spans.append((top, max(bottom, top + 1)))
    return tuple(
        Placed(
            entry=entry,
            when=_when(entry, zone),
            top=top,
            span=bottom - top,
            lane=min(lane, MOST_LANES),
            lanes=min(number, MOST_LANES),
        )
        for entry, (top, bottom), (lane, number) in zip(entries, spans, lanes(spans), strict=True)
    )


def _quarters(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The quarter in which an instant falls, and the first that begins no earlier."""
    local = at.astimezone(zone)
    minutes = local.hour * 60 + local.minute
    return minutes // QUARTER, -(-minutes // QUARTER)


def _when(entry: Entry, zone: ZoneInfo) -> str:
    starts, ends = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    if starts.date() == ends.date():
        return f"{starts:%H:%M}–{ends:%H:%M}"
    return f"{date_format(starts, 'D H:i')} – {date_format(ends, 'D H:i')}"
