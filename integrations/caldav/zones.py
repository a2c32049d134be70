"""Time zones as calendar files name them (RFC 5545 3.2.19 and 3.6.5).

A name is looked up in this order: IANA, IANA behind a vendor's prefix, Windows, `GMT+0100`, and
only then the definition in the file: standard names beat definitions that may be years old.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from integrations.caldav.clock import read_stamp
from integrations.caldav.parsing import Component
from integrations.caldav.periods import Budget, TooComplex, walls
from integrations.caldav.rules import InvalidRule, read_rule

_OFFSET_NAME = re.compile(r"(?:GMT|UTC)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_EXCHANGE = "tzone://Microsoft/"
_NO_ZONES = frozenset({"localtime", "Factory"})  # beside the others: the server's own, and none
_STEPS_PER_FILE = 100_000  # a common definition takes 8,000
_STEPS_PER_OBSERVANCE = 25  # what merely reading one costs
_LAST_CHANGE = datetime(2100, 1, 1)  # noqa: DTZ001 - wall clock


class Zones:
    """The zones one file can name: the known ones, and those it defines itself."""

    def __init__(self, definitions: Iterable[Component] = ()) -> None:
        self._definitions: dict[str, Component] = {}
        self._found: dict[str, tzinfo | None] = {}
        self._budget = Budget(_STEPS_PER_FILE)
        for definition in definitions:
            self._definitions.setdefault(_clean(definition.value("TZID")), definition)

    def named(self, name: str) -> tzinfo | None:
        """The zone of that TZID, or nothing where no zone of that name can be found."""
        name = _clean(name)
        if name not in self._found:
            self._found[name] = known_zone(name) or self._defined(name)
        return self._found[name]

    def _defined(self, name: str) -> tzinfo | None:
        definition = self._definitions.get(name)
        if definition is None:
            return None
        return known_zone(_clean(definition.value("X-LIC-LOCATION"))) or _build(
            definition, self._budget
        )


def known_zone(name: str) -> tzinfo | None:
    """The zone of a name that needs no definition, in any spelling clients use."""
    for candidate in _spellings(name):
        if zone := _standard_names().get(candidate.casefold()):
            return UTC if zone == "UTC" else ZoneInfo(zone)
    return _fixed(name)


class FileZone(tzinfo):
    """A zone that only its VTIMEZONE describes: an offset, and instants at which it changes."""

    def __init__(self, name: str, changes: "list[_Change]") -> None:
        self._name = name
        self._offsets = [changes[0].before, *(change.after for change in changes)]
        self._instants = [change.at for change in changes]
        # On the wall clock a change is over when both offsets agree that it is: a time in the
        # gap keeps the offset before it, a repeated time is the first.
        self._walls = [change.at + max(change.before, change.after) for change in changes]

    def utcoffset(self, moment: datetime | None, /) -> timedelta | None:
        if moment is None:
            return None
        return self._offsets[bisect_right(self._walls, moment.replace(tzinfo=None))]

    def dst(self, _moment: datetime | None, /) -> timedelta | None:
        return None

    def tzname(self, _moment: datetime | None, /) -> str:
        return self._name

    def fromutc(self, moment: datetime, /) -> datetime:
        return moment + self._offsets[bisect_right(self._instants, moment.replace(tzinfo=None))]


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    at: datetime  # naive, UTC
    before: timedelta
    after: timedelta


def _clean(name: str) -> str:
    return name.replace('"', "").replace("'", "").strip()


def _spellings(name: str) -> Iterator[str]:
    yield name.removeprefix(_EXCHANGE)
    if name.startswith("/"):
        # "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin": the name is at the end.
        pieces = [piece for piece in name.split("/", 8) if piece]
        for length in (3, 2, 1):
            yield "/".join(pieces[-length:])


@lru_cache(maxsize=1)
def _standard_names() -> dict[str, str]:
    """IANA names by their small letters, and Windows names with the zone CLDR gives them."""
    names = {windows.casefold(): iana for windows, iana in WINDOWS_TO_OLSON.items()}
    names |= {iana.casefold(): iana for iana in sorted(available_timezones() - _NO_ZONES)}
    names["z"] = "UTC"
    return names


def _fixed(name: str) -> tzinfo | None:
    matched = _OFFSET_NAME.fullmatch(name)
    if matched is None:
        return None
    minutes = int(matched[2]) * 60 + int(matched[3] or 0)
    if minutes > 18 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if matched[1] == "-" else minutes))


def _build(definition: Component, budget: Budget) -> tzinfo | None:
    """A zone from its VTIMEZONE; nothing when a part of it cannot be read."""
    try:
        changes = [
            change
            for observance in definition.parts
            if observance.name in ("STANDARD", "DAYLIGHT")
            for change in _changes(observance, budget)
        ]
    except (ValueError, OverflowError, TooComplex):
        return None
    return FileZone(_clean(definition.value("TZID")), sorted(changes)) if changes else None


def _changes(observance: Component, budget: Budget) -> Iterator[_Change]:
    budget.spend(_STEPS_PER_OBSERVANCE)
    before = _offset(observance.value("TZOFFSETFROM"))
    after = _offset(observance.value("TZOFFSETTO"))
    for wall in _onsets(observance, before, budget):
        yield _Change(wall - before, before, after)


def _onsets(observance: Component, before: timedelta, budget: Budget) -> Iterator[datetime]:
    """When the observance begins, on the wall clock in force until then."""
    start = read_stamp(observance.value("DTSTART")).wall
    yield start
    for dates in observance.properties("RDATE"):
        for value in dates.value.split(","):
            budget.spend()
            yield read_stamp(value).wall
    for line in observance.properties("RRULE"):
        yield from _yearly(line.value, start, before, budget)


def _yearly(text: str, start: datetime, before: timedelta, budget: Budget) -> Iterator[datetime]:
    rule = read_rule(text)
    if rule.frequency != "YEARLY":
        raise InvalidRule("Clocks change by the year.")
    last = _LAST_CHANGE
    if rule.until:
        last = min(last, rule.until.wall + (before if rule.until.is_utc else timedelta(0)))
    yield from walls(rule, start, is_date=False, after=start, before=last, budget=budget)


def _offset(value: str) -> timedelta:
    matched = _OFFSET.fullmatch(value)
    if matched is None:
        raise ValueError("This is no offset.")
    hours, minutes, seconds = (int(number or 0) for number in matched.groups()[1:])
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if size >= timedelta(days=1):
        raise ValueError("This offset is longer than a day.")
    return -size if matched[1] == "-" else size
