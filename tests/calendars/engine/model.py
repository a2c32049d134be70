"""Slots found minute by minute: slow, plain, and without any of the code under test.

All instants are minutes since the epoch (UTC).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ClockTimes = Sequence[tuple[int, int]]  # minutes of the day


@dataclass(frozen=True)
class Gathering:
    """A meeting of the calendar that is asked about, with seats for more."""

    start: int
    end: int
    before: int
    after: int
    seats_left: int

    @property
    def taken(self) -> tuple[int, int]:
        return self.start - self.before, self.end + self.after


@dataclass(frozen=True)
class Person:
    zone: ZoneInfo
    weekly: Mapping[int, ClockTimes]
    dates: Mapping[date, ClockTimes]
    busy: Sequence[tuple[int, int]]  # what anybody put there, meetings with their buffers
    gatherings: Sequence[Gathering] = ()
    known_until: int | None = None  # beyond it their calendars are not known
    hidden: Sequence[tuple[int, int]] = ()
    further: Sequence["Person"] = ()  # the same one, as open as they are for each further service


@dataclass(frozen=True)
class Terms:
    """A calendar of one kind. `limit`: how many meetings begin on a day of `zone`, of round robin
    for each person; `begun` are those that do already, of each. Where `further` services follow in
    the same meeting, duration and buffers are those of all of it; when they can be booked, and how
    many a day, each says for itself."""

    kind: str
    duration: int
    interval: int
    before: int
    after: int
    aligned: bool
    zone: ZoneInfo
    opens: int
    closes: int
    limit: int | None = None
    begun: Sequence[Sequence[int]] = ()
    further: Sequence["Terms"] = ()

    @property
    def services(self) -> Sequence["Terms"]:
        return [self, *self.further]


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


@lru_cache(maxsize=64)
def midnights(zone: ZoneInfo, first: int, last: int) -> list[int]:
    """The minutes at which the clock shows a later date than ever before."""
    found: list[int] = []
    latest = date.min
    for minute, shown in dial(zone, first, last).items():
        if shown.date() > latest:
            latest = shown.date()
            found.append(minute)
    return found


def grid(
    opened: set[int], clocks: Sequence[Sequence[int]], interval: int, *, aligned: bool
) -> list[int]:
    """Every open minute a meeting might begin at, however long it is. It is counted anew where
    hours open, and at each midnight of everybody who has to come; the first one's is the one to
    which it may be aligned."""
    anew = {minute for clock in clocks for minute in clock}
    starts = []
    origin = None
    for minute in sorted(opened):
        if minute - 1 not in opened or minute in anew:
            origin = minute
        counted_from = clocks[0][bisect_right(clocks[0], minute) - 1] if aligned else origin
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
        for start in grid(opened, [midnights(person.zone, first, last)], interval, aligned=aligned)
        if opened.issuperset(range(start, start + duration))
        and taken.isdisjoint(range(start - before, start + duration + after))
    ]


def offered(
    people: Sequence[Person], terms: Terms, first: int, last: int
) -> dict[tuple[int, int], list[int]]:
    """Who serves each span that is offered, by their number; everybody, for a collective."""
    free: dict[tuple[int, int], list[int]] = {}
    for number, person in enumerate(people):
        team = people if terms.kind == "collective" else [person]
        full = [(each.zone, full_dates(each, number)) for each in terms.services]
        apart = minutes_of(person.busy)
        taken = apart | minutes_of(one.taken for one in person.gatherings)
        for start in team_grid(team, terms, first, last):
            span = (start, start + terms.duration)
            is_full = any(days and reading(zone, start).date() in days for zone, days in full)
            if not is_full and is_free(person, span, terms.before, terms.after, terms, taken):
                free.setdefault(span, []).append(number)
        for one in () if terms.further else person.gatherings:  # of several services for one guest
            span = (one.start, one.end)
            if one.seats_left and is_free(person, span, one.before, one.after, terms, apart):
                free.setdefault(span, []).append(number)
    needed = len(people) if terms.kind == "collective" else 1
    return {span: who for span, who in sorted(free.items()) if len(who) >= needed}


def team_grid(team: Sequence[Person], terms: Terms, first: int, last: int) -> list[int]:
    """The starts with room for a meeting in hours that all of the team have open, for every
    service; they are counted by the hours of the first."""
    opened = set.intersection(*(open_minutes(each, first, last) for each in team))
    further = (open_minutes(hours, first, last) for each in team for hours in each.further)
    room = opened.intersection(*further)
    clocks = [midnights(each.zone, first, last) for each in team]
    return [
        start
        for start in grid(opened, clocks, terms.interval, aligned=terms.aligned)
        if room.issuperset(range(start, start + terms.duration))
    ]


def is_free(
    person: Person,
    span: tuple[int, int],
    before: int,
    after: int,
    terms: Terms,
    taken: set[int],
) -> bool:
    start, end = span
    return (
        all(each.opens <= start < each.closes for each in terms.services)
        and taken.isdisjoint(range(start - before, end + after))
        and (person.known_until is None or end + after <= person.known_until)
        and not any(since <= start < until for since, until in person.hidden)
    )


def full_dates(terms: Terms, number: int) -> set[date]:
    """The dates on which that person may begin no other meeting."""
    if terms.limit is None:
        return set()
    alone = terms.kind == "round_robin"
    starts = terms.begun[number] if alone else [at for each in terms.begun for at in each]
    dates = [reading(terms.zone, start).date() for start in starts]
    return {day for day in dates if dates.count(day) >= terms.limit}


def reading(zone: ZoneInfo, minute: int) -> datetime:
    """What the wall clock shows at that minute."""
    return datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=None, fold=0)


def minutes_of(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}
