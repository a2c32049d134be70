"""What a calendar resource means, as two short hashes to compare.

Servers rewrite what they store: order, folding, PRODID, stamps, the spelling of time zones. Two
files with the same fingerprint mean the same thing to Daybook.
"""

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256

from integrations.caldav.blocking import blocks_time
from integrations.caldav.clock import Length, Moment, midnight, moved, read_length, read_stamp
from integrations.caldav.parsing import Component, Property, Unreadable, read_file
from integrations.caldav.rules import InvalidRule, split_rule
from integrations.caldav.texts import paragraphs, unescape
from integrations.caldav.zones import Zones

_EVENT_LIMIT = 3_000  # beyond, only a file equal in every byte has the same meaning
_DATES_LIMIT = 10_000  # beyond, only dates written alike are the same
_HASH_LENGTH = 64
_REPETITION = ("RRULE", "EXRULE")
_EXTRA_DATES = ("RDATE", "EXDATE")
_DEFAULT_PARTS = {"INTERVAL": "1", "WKST": "MO"}
_TEXTS = ("SUMMARY", "LOCATION", "DESCRIPTION")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`time` changes with when and whether an event blocks, `text` with what people read."""

    time: str
    text: str

    @property
    def key(self) -> str:
        """Both in one string, to be stored."""
        return f"{self.time}{self.text}"

    @classmethod
    def of_key(cls, key: str) -> "Fingerprint | None":
        """The fingerprint that gave this `key`; None for an empty one."""
        return cls(key[:_HASH_LENGTH], key[_HASH_LENGTH:]) if key else None


@dataclass(frozen=True, slots=True)
class _When:
    """A moment and what it counts as: a date, an instant, or a wall clock time without a zone."""

    kind: str
    moment: Moment

    def at(self, instant: datetime) -> str:
        return f"{self.kind} {instant.replace(tzinfo=None).isoformat()}"

    def __str__(self) -> str:
        return self.at(self.moment.at)


def fingerprint(ics: str) -> Fingerprint:
    """The meaning of the whole resource, series and changed occurrences together.

    Time: start, end, repetition, STATUS and TRANSP. Text: SUMMARY, LOCATION and DESCRIPTION.
    Times with a zone count as instants; floating times stay what they are. Raises Unreadable
    when the file has no event with a readable start.
    """
    file = read_file(ics)
    if len(file.events) > _EVENT_LIMIT:
        return Fingerprint(_hash(ics), _hash(ics))
    zones = Zones(file.zones)
    if not any(_when(event.first("DTSTART"), zones) for event in file.events):
        raise Unreadable("This file has no event with a readable start.")
    times = [_time(event, zones) for event in file.events]
    texts = [_text(event, zones) for event in file.events]
    return Fingerprint(_hash(json.dumps(sorted(times))), _hash(json.dumps(sorted(texts))))


def _hash(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()


def _time(event: Component, zones: Zones) -> list[str]:
    start = _when(event.first("DTSTART"), zones)
    all_day = start is not None and start.moment.is_date
    is_busy = blocks_time(event.value("TRANSP").upper(), all_day=all_day)
    return [
        _changed(event, zones),
        str(start or event.value("DTSTART")),
        _end(event, start, zones),
        _clock_changes(event, start),
        *(f"{name} {rules}" for name in _REPETITION if (rules := _rules(name, event))),
        *(f"{name} {dates}" for name in _EXTRA_DATES if (dates := _dates(name, event, zones))),
        event.value("STATUS").upper() or "CONFIRMED",
        "busy" if is_busy else "free",
    ]


def _text(event: Component, zones: Zones) -> list[str]:
    return [_changed(event, zones), *(_plain(event.value(name)) for name in _TEXTS)]


def _plain(value: str) -> str:
    return unicodedata.normalize("NFC", paragraphs(unescape(value)))


def _changed(event: Component, zones: Zones) -> str:
    """The occurrence this event is a changed one of; empty for the series itself."""
    line = event.first("RECURRENCE-ID")
    if line is None:
        return ""
    return f"{_when(line, zones) or line.value} {line.parameter('RANGE')}"


def _end(event: Component, start: _When | None, zones: Zones) -> str:
    """The end, however it is said; the default of RFC 5545 3.6.1 where it is not."""
    end = _when(event.first("DTEND"), zones)
    if end is not None or start is None:
        return str(end or event.value("DTEND"))
    try:
        length = read_length(event.value("DURATION"))
    except ValueError:
        length = Length(days=1 if start.moment.is_date else 0)
    return start.at(length.end_from(start.moment))


def _clock_changes(event: Component, start: _When | None) -> str:
    """What a repeated event's zone does in a year: spelled otherwise, it is still the same."""
    is_repeated = any(name in event.lines for name in _REPETITION)
    if start is None or start.moment.zone is UTC or not is_repeated:
        return ""
    first = start.moment.wall
    weeks = [moved(first.replace(tzinfo=UTC), timedelta(weeks=week)) for week in range(53)]
    walls = [week.replace(tzinfo=None) for week in weeks]
    return " ".join(str(wall - start.moment.on(wall).at.replace(tzinfo=None)) for wall in walls)


def _rules(name: str, event: Component) -> list[str]:
    return sorted(_rule(line.value) for line in event.properties(name))


def _rule(text: str) -> str:
    try:
        parts = split_rule(text)
    except InvalidRule:
        return text.strip().upper()
    return ";".join(
        f"{name}={','.join(sorted(value.split(',')))}"
        for name, value in sorted(parts.items())
        if _DEFAULT_PARTS.get(name) != value
    )


def _dates(name: str, event: Component, zones: Zones) -> list[str]:
    if sum(line.count(",") + 1 for line in event.lines.get(name, ())) > _DATES_LIMIT:
        return sorted(event.lines[name])
    return sorted(
        {
            "/".join(_date(line, piece, zones) for piece in value.split("/"))
            for line in event.properties(name)
            for value in line.value.split(",")
        }
    )


def _date(line: Property, value: str, zones: Zones) -> str:
    return str(_when(line, zones, value) or value.strip().upper())


def _when(line: Property | None, zones: Zones, value: str | None = None) -> _When | None:
    """The moment a line names; nothing where there is no line or no date in it."""
    if line is None:
        return None
    try:
        stamp = read_stamp((line.value if value is None else value).rpartition(":")[2])
    except ValueError:
        return None
    if stamp.is_date or line.parameter("VALUE") == "DATE":
        return _When("date", Moment(midnight(stamp.wall.date()), UTC, is_date=True))
    kind, zone = ("instant", UTC) if stamp.is_utc else _zone(line, zones)
    return _When(kind, Moment(stamp.wall, zone, is_date=False))


def _zone(line: Property, zones: Zones) -> tuple[str, tzinfo]:
    name = line.parameters.get("TZID")
    if name is None:
        return "floating", UTC
    zone = zones.named(name)
    return ("instant", zone) if zone else (f"floating in {name.casefold()}", UTC)
