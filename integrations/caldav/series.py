"""The moments of one series: its rule, its extra dates, what is taken out, what was moved.

RFC 5545 3.8.4.4 and 3.8.5. Occurrences are told apart by their instant, not by how it is
written: a RECURRENCE-ID in UTC means the occurrence a TZID start gives.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from integrations.caldav.clock import (
    Length,
    Moment,
    Stamp,
    midnight,
    moved,
    read_length,
    to_utc,
    to_wall,
)
from integrations.caldav.events import Event, Reading, length_between
from integrations.caldav.parsing import Property
from integrations.caldav.periods import TooComplex, walls
from integrations.caldav.rules import InvalidRule, Rule, TooFrequent, read_rule

OCCURRENCE_LIMIT = 2_000

# What reading one costs, in days of a rule looked at.
_STEPS_PER_RULE = 25
_STEPS_PER_DATE = {"RDATE": 5, "EXDATE": 2}
_STEPS_PER_OCCURRENCE = 10
_ONE_DAY = timedelta(days=1)  # no zone is further from another

ONLY_KNOWN = "only its first date, its extra dates and its changed occurrences are blocked."
TOO_FREQUENT = f"An event repeats by the minute or the second; {ONLY_KNOWN}"
INVALID_RULE = f"The repetition of an event cannot be read; {ONLY_KNOWN}"
IRREGULAR_RULE = "The repetition of an event breaks the standard; it was read as far as possible."
TOO_COMPLEX = "The repetition of an event is too complex; only a part of it is blocked."
TOO_MANY = f"An event has more than {OCCURRENCE_LIMIT} occurrences; only the first are blocked."
ENDS_BEFORE_FIRST = "A repetition ends before its first date; that date alone is blocked."
INVALID_DATES = "Some extra or excluded dates of an event cannot be read."


@dataclass(frozen=True, slots=True)
class Instance:
    """One occurrence of a series, before it is known whether it was changed."""

    start: Moment
    length: Length

    @property
    def end(self) -> datetime:
        return self.length.end_from(self.start)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to before `end`, instants in UTC."""

    start: datetime
    end: datetime

    def widened(self, by: timedelta) -> "Window":
        return Window(moved(self.start, -by), moved(self.end, by))

    def touches(self, instance: "Instance") -> bool:
        return instance.start.at <= self.end and instance.end >= self.start


def instances(master: Event, window: Window, reading: Reading) -> dict[datetime, Instance]:
    """The occurrences of a series that may block in the window, and always its first, by instant.

    Changed occurrences are not taken out yet; excluded dates are.
    """
    found = {master.start.at: Instance(master.start, master.length)}
    for instance in _extra_dates(master, reading):
        if window.touches(instance):  # some have a length of their own
            _add(found, instance)
    for moment in _ruled("RRULE", master, window, reading):
        _add(found, Instance(moment, master.length))
    _exclude(found, master, window, reading)
    return found


def _add(found: dict[datetime, Instance], instance: Instance) -> None:
    """Keep one occurrence per instant: the longest.

    Two can begin at one: an extra date with a length of its own beside the rule, or a day that
    the zone left out, which is read as the day after it.
    """
    known = found.setdefault(instance.start.at, instance)
    if known is not instance and instance.end > known.end:
        found[instance.start.at] = instance


def anchored(original: Moment, master: Event, reading: Reading) -> Moment:
    """The occurrence of the series a RECURRENCE-ID or EXDATE means, also of the other kind."""
    if original.is_date == master.start.is_date:
        return _on_its_clock(original, master)
    if master.start.is_date:
        return master.start.on(midnight(reading.local_day(original)))
    return master.start.on(datetime.combine(original.wall.date(), master.start.wall.time()))


def _on_its_clock(moment: Moment, master: Event) -> Moment:
    """A time written without a zone, though its series has one, is on the series' clock."""
    is_meant = moment.is_floating and not master.start.is_date
    return master.start.on(moment.wall) if is_meant else moment


def take_out(found: dict[datetime, Instance], replaced: Sequence[tuple[Moment, Moment]]) -> None:
    """Remove the occurrences that changed ones stand for, given as (RECURRENCE-ID, anchored).

    A RECURRENCE-ID that is a date means the series' own time on that day, or else the first
    occurrence the series has on it.
    """
    days = [original for original, anchor in replaced if found.pop(anchor.at, None) is None]
    wanted = {original.wall.date() for original in days if original.is_date}
    for at in sorted(found) if wanted else ():
        day = found[at].start.wall.date()
        if day in wanted:
            wanted.discard(day)
            del found[at]


def _exclude(
    found: dict[datetime, Instance], master: Event, window: Window, reading: Reading
) -> None:
    days: set[date] = set()
    for line, value in _listed("EXDATE", master, reading):
        try:
            moment = reading.moment(line, value)
        except ValueError:
            reading.note(INVALID_DATES)
            continue
        if moment.is_date and not master.start.is_date:
            days.add(moment.wall.date())  # a date excludes whatever the series has on that day
        else:
            found.pop(anchored(moment, master, reading).at, None)
    for moment in _ruled("EXRULE", master, window, reading):
        found.pop(moment.at, None)
    for at in [at for at, instance in found.items() if instance.start.wall.date() in days]:
        del found[at]


def _extra_dates(master: Event, reading: Reading) -> Iterator[Instance]:
    for line, value in _listed("RDATE", master, reading):
        try:
            yield _extra_date(line, value, master, reading)
        except ValueError:
            reading.note(INVALID_DATES)


def _extra_date(line: Property, value: str, master: Event, reading: Reading) -> Instance:
    first, is_period, last = value.partition("/")
    moment = _on_its_clock(reading.moment(line, first), master)
    if not is_period:
        return Instance(anchored(moment, master, reading), master.length)
    if last.lstrip("+-")[:1] in ("P", "p"):
        return Instance(moment, read_length(last))
    end = _on_its_clock(reading.moment(line, last), master)
    return Instance(moment, length_between(moment, end, reading))


def _listed(name: str, master: Event, reading: Reading) -> Iterator[tuple[Property, str]]:
    """Every value of every line of that name, as far as the budget goes."""
    try:
        for line in master.component.properties(name):
            for value in line.value.split(","):
                reading.budget.spend(_STEPS_PER_DATE[name])
                if value.strip():
                    yield line, value
    except TooComplex:
        reading.note(TOO_COMPLEX)


def _ruled(name: str, master: Event, window: Window, reading: Reading) -> Iterator[Moment]:
    """The moments of the rules of that name that lie in the window."""
    try:
        for line in master.component.properties(name):
            reading.budget.spend(_STEPS_PER_RULE)
            rule = _readable(line.value, master, reading)
            if rule is not None:
                yield from _moments(rule, master, window, reading)
    except TooComplex:
        reading.note(TOO_COMPLEX)


def _readable(text: str, master: Event, reading: Reading) -> Rule | None:
    """The rule, or nothing (and a note) where it cannot be followed."""
    try:
        rule = read_rule(text)
    except TooFrequent:
        reading.note(TOO_FREQUENT)
        return None
    except InvalidRule:
        reading.note(INVALID_RULE)
        return None
    if rule.frequency == "HOURLY" and master.start.is_date:
        reading.note(INVALID_RULE)
        return None
    if rule.is_irregular:
        reading.note(IRREGULAR_RULE)
    return rule


def _moments(rule: Rule, master: Event, window: Window, reading: Reading) -> Iterator[Moment]:
    zone = master.start.zone
    is_over = _end_of(rule.until, master, reading)
    if is_over(master.start.wall):
        reading.note(ENDS_BEFORE_FIRST)
        return
    times = walls(
        rule,
        master.start.wall,
        is_date=master.start.is_date,
        after=to_wall(window.start, zone),
        before=to_wall(window.end, zone),
        budget=reading.budget,
    )
    for number, wall in enumerate(times):
        if is_over(wall):
            return
        if number == OCCURRENCE_LIMIT:
            reading.note(TOO_MANY)
            return
        reading.budget.spend(_STEPS_PER_OCCURRENCE)
        yield master.start.on(wall)


def _end_of(until: Stamp | None, master: Event, reading: Reading) -> Callable[[datetime], bool]:
    """Whether a wall clock time of the series lies after its UNTIL (RFC 5545 3.3.10)."""
    if until is None:
        return lambda _wall: False
    if master.start.is_date or until.is_date:
        # A date that ends a series of times includes that whole day: Google writes it so.
        zone = UTC if until.is_utc else master.start.zone
        last_day = reading.local_day(Moment(until.wall, zone, until.is_date))
        return lambda wall: wall.date() > last_day
    if until.is_utc:
        last = until.wall.replace(tzinfo=UTC)
        return lambda wall: to_utc(wall, master.start.zone) > last
    return lambda wall: wall > until.wall


def shifted(instance: Instance, anchor: Moment, change: Event) -> Moment:
    """Where "this and future" moves an occurrence: by as much as it moved the first of them."""
    zone = change.start.zone
    by = change.start.wall - to_wall(anchor.at, zone)
    wall = to_wall(instance.start.at, zone)
    try:
        return change.start.on(wall + by)
    except OverflowError:
        return change.start.on(wall)


def reach(master: Event, changes: Sequence[tuple[Moment, Event]]) -> timedelta:
    """How far outside the window an occurrence may start and still block time inside it."""
    furthest = master.reach
    for anchor, change in changes:
        furthest = max(furthest, change.reach + abs(change.start.at - anchor.at) + _ONE_DAY)
    return min(furthest, timedelta(days=400_000)) + 2 * _ONE_DAY
