"""When an event blocks its owner: one calendar resource, read as spans of UTC time.

The rule behind every choice: what is known is blocked, what cannot be known is said. An event
that is broken or too complex never disappears and never blocks the whole future.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from integrations.caldav.blocking import DEFAULT_RULES, ReadingRules
from integrations.caldav.clock import Length, Moment, moved
from integrations.caldav.events import Event, Reading, read_event
from integrations.caldav.parsing import Component, Unreadable, read_file
from integrations.caldav.periods import TooComplex
from integrations.caldav.series import (
    OCCURRENCE_LIMIT,
    TOO_COMPLEX,
    TOO_MANY,
    Window,
    anchored,
    instances,
    reach,
    shifted,
    take_out,
)
from integrations.caldav.zones import Zones

__all__ = ["Expansion", "Occurrence", "Unreadable", "expand"]

BROKEN_OFF = "The file is not complete; what it holds was read."
DOUBLED = "Two events of this file share one identifier; both are blocked."
NO_UID = "An event has no identifier."
RULE_IN_CHANGE = "A changed occurrence has a repetition of its own, which was left out."

_STEPS_PER_EVENT = 25  # what merely reading one costs, so a file holds at most 10,000


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One span of an event, in UTC. It blocks time only where it `is_busy`."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    is_busy: bool
    title: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """What one resource blocks in a window, and what staff should know about it."""

    uid: str
    occurrences: tuple[Occurrence, ...]
    problems: tuple[str, ...]


def expand(
    ics: str,
    *,
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    owner: frozenset[str] = frozenset(),
    rules: ReadingRules = DEFAULT_RULES,
) -> Expansion:
    """The occurrences that overlap [start, end), sorted by start; cancelled ones are left out.

    `start` and `end` are aware. Dates and floating times are read in `zone`, the calendar
    owner's (RFC 4791 7.3). `owner` holds the owner's calendar user addresses: what they have
    declined is free. `rules` say what else the reader wants to be free or busy. Events of no
    length are left out: they block nothing.

    Problems are sentences for staff; they never repeat text from the file. Raises Unreadable
    when the file has no event with a readable start.
    """
    file = read_file(ics)
    reading = Reading(Zones(file.zones), zone, owner, rules)
    if file.is_broken_off:
        reading.note(BROKEN_OFF)
    events = _read_events(file.events, reading)
    window = Window(start.astimezone(UTC), end.astimezone(UTC))
    found = {
        occurrence
        for series in _by_uid(events)
        for occurrence in _expand_series(series, window, reading)
    }
    occurrences = sorted(found, key=lambda one: (one.starts_at, one.ends_at, one.title))
    if len(occurrences) > OCCURRENCE_LIMIT:
        reading.note(TOO_MANY)
    uid = next((event.uid for event in events if event.uid), "")
    return Expansion(uid, tuple(occurrences[:OCCURRENCE_LIMIT]), reading.problems)


def _read_events(components: Sequence[Component], reading: Reading) -> list[Event]:
    events = []
    try:
        for component in components:
            reading.budget.spend(_STEPS_PER_EVENT)
            event = read_event(component, reading)
            if event is not None:
                events.append(event)
    except TooComplex:
        reading.note(TOO_COMPLEX)
    if not events:
        raise Unreadable("This file has no event with a readable start.")
    if not all(event.uid for event in events):
        reading.note(NO_UID)
    return events


def _by_uid(events: Sequence[Event]) -> list[list[Event]]:
    series: dict[str, list[Event]] = {}
    for event in events:
        series.setdefault(event.uid, []).append(event)
    return list(series.values())


def _expand_series(
    events: Sequence[Event], window: Window, reading: Reading
) -> Iterator[Occurrence]:
    """All that share a UID: usually one event, or a series and its changed occurrences."""
    masters = [event for event in events if event.original is None]
    changes = _newest(events)
    if sum("RECURRENCE-ID" not in master.component.lines for master in masters) > 1:
        reading.note(DOUBLED)
    for master in masters:
        if not master.is_cancelled:
            yield from _expand_master(master, changes, window, reading)
    for change in changes:
        if "RRULE" in change.component.lines:
            reading.note(RULE_IN_CHANGE)
        if not change.is_cancelled:
            yield from _occurrences(change, change.start, change.length, window)


def _newest(events: Sequence[Event]) -> list[Event]:
    """The changed occurrences; where one is there twice, the one with the higher SEQUENCE."""
    newest: dict[tuple[datetime, bool], Event] = {}
    for event in events:
        if event.original is not None:
            key = (event.original.at, event.original.is_date)
            if key not in newest or event.version >= newest[key].version:
                newest[key] = event
    return list(newest.values())


def _expand_master(
    master: Event, changes: Sequence[Event], window: Window, reading: Reading
) -> Iterator[Occurrence]:
    try:
        reading.budget.spend(len(changes))
    except TooComplex:
        reading.note(TOO_COMPLEX)
        yield from _occurrences(master, master.start, master.length, window)
        return
    anchors = [
        (anchored(change.original, master, reading), change)
        for change in changes
        if change.original is not None
    ]
    futures = sorted(
        ((anchor, change) for anchor, change in anchors if change.is_this_and_future),
        key=lambda pair: pair[0].at,
    )
    found = instances(master, window.widened(reach(master, futures)), reading)
    take_out(found, [(change.original or anchor, anchor) for anchor, change in anchors])
    since = [anchor.at for anchor, _change in futures]
    for at, instance in found.items():
        ruling = bisect_right(since, at)
        if not ruling:
            yield from _occurrences(master, instance.start, instance.length, window)
            continue
        anchor, change = futures[ruling - 1]
        if not change.is_cancelled:
            yield from _occurrences(
                change, shifted(instance, anchor, change), change.length, window
            )


def _occurrences(
    event: Event, start: Moment, length: Length, window: Window
) -> Iterator[Occurrence]:
    """The one occurrence, or none where it has no length or lies outside the window."""
    starts_at, ends_at = start.at, length.end_from(start)
    if event.is_busy:
        starts_at = moved(starts_at, -event.travel_before)
        ends_at = moved(ends_at, event.travel_after)
    if starts_at < ends_at and starts_at < window.end and ends_at > window.start:
        yield Occurrence(starts_at, ends_at, start.is_date, event.is_busy, event.title)
