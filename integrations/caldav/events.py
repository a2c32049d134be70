"""VEVENTs as values: when, for how long, and what they are called. Whether they block time is
said in `blocking`.

What a line means is said in RFC 5545; where the standard leaves a choice, or calendars in the
wild do otherwise, the choice is a function here with its own name.
"""

from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo

from integrations.caldav.blocking import DEFAULT_RULES, ReadingRules, canonical, is_busy, travel
from integrations.caldav.clock import (
    NO_LENGTH,
    Length,
    Moment,
    midnight,
    read_length,
    read_stamp,
    to_wall,
)
from integrations.caldav.parsing import Component, Property
from integrations.caldav.periods import Budget
from integrations.caldav.texts import one_line, unescape
from integrations.caldav.zones import Zones

TITLE_LIMIT = 500

UNKNOWN_ZONE = "A time zone is not known; its times were read in the calendar owner's zone."
NO_START = "An event without a readable start was left out."
NO_START_OF_CHANGE = "A changed occurrence has no readable start; its original time is blocked."
NO_ORIGINAL = "A changed occurrence does not say which one it replaces; both are blocked."
ENDS_BEFORE_START = "An event ends before it starts; it blocks no time."
DAY_ENDS_BEFORE_START = "An event ends before the day it starts on; that day is blocked."
NO_READABLE_END = "The end of an event cannot be read; it was read as if it had none."
MIXED_KINDS = "An event starts on a day but ends at a time, or the other way round."


class Reading:
    """What reading one file takes along: its zones, its owner, its budget, what went wrong."""

    def __init__(
        self,
        zones: Zones,
        home: tzinfo,
        owner: frozenset[str],
        rules: ReadingRules = DEFAULT_RULES,
    ) -> None:
        self.zones = zones
        self.home = home
        self.owner = frozenset(canonical(address) for address in owner) - {""}
        self.rules = rules
        self.budget = Budget()
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(self._problems)

    def note(self, problem: str) -> None:
        """Keep a sentence for staff, once."""
        self._problems[problem] = None

    def moment(self, line: Property, value: str | None = None) -> Moment:
        """The moment a line (or one value of its list) names. Raises ValueError."""
        # Some clients write a parameter with a colon in it; no date has one.
        stamp = read_stamp((line.value if value is None else value).rpartition(":")[2])
        if stamp.is_date or line.parameter("VALUE") == "DATE":
            return Moment(midnight(stamp.wall.date()), self.home, is_date=True)
        if stamp.is_utc:
            return Moment(stamp.wall, UTC, is_date=False)
        is_floating = "TZID" not in line.parameters
        return Moment(stamp.wall, self._zone(line), is_date=False, is_floating=is_floating)

    def local_day(self, moment: Moment) -> date:
        """The day a moment stands for where only days count; midnight is its own day's."""
        if moment.is_date or moment.wall == midnight(moment.wall.date()):
            return moment.wall.date()
        return to_wall(moment.at, self.home).date()

    def _zone(self, line: Property) -> tzinfo:
        name = line.parameters.get("TZID")
        if name is None:
            return self.home
        zone = self.zones.named(name)
        if zone is None:
            self.note(UNKNOWN_ZONE)
        return zone or self.home


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT. A changed occurrence has the `original` moment of its series it stands for."""

    uid: str
    component: Component
    start: Moment
    length: Length
    original: Moment | None
    is_this_and_future: bool
    is_cancelled: bool
    is_busy: bool
    title: str
    travel_before: timedelta
    travel_after: timedelta
    version: tuple[int, str]

    @property
    def reach(self) -> timedelta:
        """At least how far from its start an occurrence can still block time."""
        return max(timedelta(0), self.length.roughly) + self.travel_before + self.travel_after


def read_event(component: Component, reading: Reading) -> Event | None:
    """The event, or nothing (and a note) where not even its start can be read."""
    original = _moment_of("RECURRENCE-ID", component, reading)
    is_change = "RECURRENCE-ID" in component.lines
    is_cancelled = component.value("STATUS").upper() == "CANCELLED"
    start = _moment_of("DTSTART", component, reading) or (original if is_cancelled else None)
    if start is None:
        reading.note(NO_START_OF_CHANGE if is_change else NO_START)
        return None
    if is_change and original is None:
        reading.note(NO_ORIGINAL)
    return Event(
        uid=unescape(component.value("UID")),
        component=component,
        start=start,
        length=_length(component, start, reading),
        original=original,
        is_this_and_future=is_change and _is_this_and_future(component),
        is_cancelled=is_cancelled,
        is_busy=_is_busy(component, start, reading),
        title=title_of(component),
        travel_before=_travel("X-APPLE-TRAVEL-DURATION", component, reading),
        travel_after=_travel("X-APPLE-TRAVEL-RETURN-DURATION", component, reading),
        version=(_sequence(component), component.value("DTSTAMP")[:20]),
    )


def title_of(component: Component) -> str:
    """SUMMARY on one line, without control characters, at most TITLE_LIMIT characters."""
    found = component.first("SUMMARY")
    return one_line(unescape(found.value[: TITLE_LIMIT * 4]), limit=TITLE_LIMIT) if found else ""


def _is_busy(component: Component, start: Moment, reading: Reading) -> bool:
    return is_busy(component, all_day=start.is_date, owner=reading.owner, rules=reading.rules)


def _travel(name: str, component: Component, reading: Reading) -> timedelta:
    return travel(name, component) if reading.rules.travel_counts else timedelta(0)


def _moment_of(name: str, component: Component, reading: Reading) -> Moment | None:
    """The first readable of the lines of that name."""
    for line in component.properties(name):
        try:
            return reading.moment(line)
        except ValueError:
            continue
    return None


def _is_this_and_future(component: Component) -> bool:
    line = component.first("RECURRENCE-ID")
    return line is not None and line.parameter("RANGE") == "THISANDFUTURE"


def _sequence(component: Component) -> int:
    digits = component.value("SEQUENCE")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def _length(component: Component, start: Moment, reading: Reading) -> Length:
    """DTEND or DURATION; without both a day for a date, nothing for a time (RFC 5545 3.6.1)."""
    length = _length_to_end(component, start, reading)
    if length is None:
        length = _length_stated(component, start)
    if length is None:
        if "DTEND" in component.lines or "DURATION" in component.lines:
            reading.note(NO_READABLE_END)
        return Length(days=1) if start.is_date else NO_LENGTH
    if length.is_negative:
        reading.note(DAY_ENDS_BEFORE_START if start.is_date else ENDS_BEFORE_START)
        length = NO_LENGTH
    # "DTEND = DTSTART" is how some clients write a single day.
    return Length(days=1) if start.is_date and length == NO_LENGTH else length


def _length_to_end(component: Component, start: Moment, reading: Reading) -> Length | None:
    end = _moment_of("DTEND", component, reading)
    if end is None:
        return None
    if end.is_date != start.is_date:
        reading.note(MIXED_KINDS)
    return length_between(start, end, reading)


def length_between(start: Moment, end: Moment, reading: Reading) -> Length:
    """Days between dates; elapsed time between times (RFC 5545 3.8.5.3, third paragraph)."""
    if start.is_date:
        is_midnight = end.wall == midnight(end.wall.date())
        last = reading.local_day(end) + timedelta(days=0 if end.is_date or is_midnight else 1)
        return Length(days=(last - start.wall.date()).days)
    elapsed = end.at - start.at
    if elapsed <= timedelta(0) and end.zone is start.zone:
        # From within the gap of a clock change to its other side: what the clock shows counts.
        elapsed = max(elapsed, end.wall - start.wall)
    return Length(elapsed=elapsed)


def _length_stated(component: Component, start: Moment) -> Length | None:
    try:
        length = read_length(component.value("DURATION"))
    except ValueError:
        return None
    if start.is_date and length.elapsed:
        # A date lasts whole days: PT24H is one, and PT25H touches two.
        return Length(days=length.days - (-length.elapsed // timedelta(days=1)))
    return length
