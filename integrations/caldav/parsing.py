"""The grammar of iCalendar files (RFC 5545 3.1 and 3.6): lines and components, no meaning yet.

Reading is one pass over the text and never fails on a single line: calendars written by others
hold junk, and a line nobody understands must not hide the events beside it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from integrations.caldav.texts import paragraphs, unescape

_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
_PARAMETER = re.compile(r';([^=;:"]*)=((?:"[^"]*"|[^";:]+)*)')
_DEPTH_LIMIT = 8  # the standard nests three deep
_EVENT_LIMIT = 100_000  # Apple's server takes 1 MiB a resource: some thousands at most
_KEPT = 12_000  # more than are ever read of one file; what follows is counted only
_CHILDREN_OF_CALENDAR = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
_OF_INTEREST = frozenset({"VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})


class Unreadable(ValueError):
    """Nothing at all can be said of this file: no iCalendar, or no event with a readable start."""


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: its name in capitals, its parameters without quotes, its raw value."""

    name: str
    parameters: Mapping[str, str]
    value: str

    def parameter(self, name: str) -> str:
        """The parameter's value in capitals, or an empty string."""
        return self.parameters.get(name, "").strip().upper()


@dataclass(slots=True)
class Component:
    """One BEGIN … END block: its lines by name, and the blocks inside it.

    Lines are kept of events and time zones only.
    """

    name: str
    lines: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    is_kept: bool = True

    def properties(self, name: str) -> Iterator[Property]:
        """Every line of that name, in the order of the file."""
        return (_property(name, line) for line in self.lines.get(name, ()))

    def first(self, name: str) -> Property | None:
        """The first line of that name; servers repeat lines that may stand only once."""
        lines = self.lines.get(name)
        return _property(name, lines[0]) if lines else None

    def value(self, name: str) -> str:
        """The first value of that name without outer spaces, or an empty string."""
        found = self.first(name)
        return found.value.strip() if found else ""


@dataclass(slots=True)
class CalendarFile:
    """All events and time zone definitions of a file, whatever number of calendars it holds."""

    events: list[Component] = field(default_factory=list)
    zones: list[Component] = field(default_factory=list)
    is_broken_off: bool = False


def read_file(ics: str) -> CalendarFile:
    """Split a file into components.

    Accepts a byte order mark, any line ending, several calendars and missing END lines.
    Raises Unreadable when there is no VCALENDAR, or when blocks nest without reason.
    """
    reader = _Reader()
    for line in _logical_lines(ics):
        matched = _NAME.match(line)
        if matched is not None:
            reader.take(matched[1].upper(), line)
    return reader.finish()


def uid_of(ics: str) -> str:
    """The UID of the first event that has one, or an empty string (also for what is no file)."""
    try:
        events = read_file(ics).events
    except Unreadable:
        return ""
    return next((uid for event in events if (uid := unescape(event.value("UID")))), "")


def description_of(ics: str) -> str:
    """The description of the first event; empty where there is none, or no file."""
    try:
        events = read_file(ics).events
    except Unreadable:
        return ""
    return paragraphs(unescape(events[0].value("DESCRIPTION"))) if events else ""


def _logical_lines(ics: str) -> list[str]:
    """Unfold (RFC 5545 3.1). A bare CR ends a line only in files that use no LF at all."""
    text = ics.removeprefix("\ufeff")
    text = (
        text.replace("\r\n", "\n").replace("\r\n", "\n")  # CR CR LF occurs, too
        if "\n" in text
        else text.replace("\r", "\n")
    )
    return text.replace("\n ", "").replace("\n\t", "").split("\n")


def _property(name: str, line: str) -> Property:
    parameters: dict[str, str] = {}
    at = len(name)
    while found := _PARAMETER.match(line, at):
        parameters.setdefault(found[1].strip().upper(), found[2].replace('"', ""))
        at = found.end()
    colon = line.find(":", at)
    value = line[colon + 1 :] if colon >= 0 else ""
    if "TZID" in parameters and ":" in value:
        # Outlook's "tzone://Microsoft/Custom" without its quotes; no date has a colon.
        rest, _colon, value = value.rpartition(":")
        parameters["TZID"] += ":" + rest.partition(";")[0]
    return Property(name, parameters, value)


class _Reader:
    """Keeps the stack of open blocks; closes what the file forgot to close."""

    def __init__(self) -> None:
        self._file = CalendarFile()
        self._open: list[Component] = []
        self._has_calendar = False
        self._events = 0

    def take(self, name: str, line: str) -> None:
        if name == "BEGIN":
            self._begin(line[6:].strip().upper())
        elif name == "END":
            self._end(line[4:].strip().upper())
        elif self._open and (block := self._open[-1]).name in _OF_INTEREST:
            if not block.is_kept:
                return
            if name in block.lines:
                block.lines[name].append(line)
            else:
                block.lines[name] = [line]

    def finish(self) -> CalendarFile:
        if not self._has_calendar:
            raise Unreadable("This is not an iCalendar file.")
        self._file.is_broken_off |= bool(self._open)
        return self._file

    def _begin(self, name: str) -> None:
        if name == "VCALENDAR":
            self._close_down_to(0)
            self._has_calendar = True
        elif not self._open:
            return
        elif name in _CHILDREN_OF_CALENDAR:
            self._close_down_to(1)
        if len(self._open) >= _DEPTH_LIMIT:
            raise Unreadable("The blocks of this file are nested deeper than any calendar's.")
        self._push(Component(name))

    def _push(self, component: Component) -> None:
        if component.name == "VEVENT":
            self._events += 1
            if self._events > _EVENT_LIMIT:
                raise Unreadable("This file holds more events than any calendar's.")
            component.is_kept = self._events <= _KEPT
        if component.is_kept:
            self._keep(component)
        self._open.append(component)

    def _keep(self, component: Component) -> None:
        if self._open:
            self._open[-1].parts.append(component)
        if component.name == "VEVENT":
            self._file.events.append(component)
        elif component.name == "VTIMEZONE":
            self._file.zones.append(component)

    def _close_down_to(self, depth: int) -> None:
        self._file.is_broken_off |= len(self._open) > depth
        del self._open[depth:]

    def _end(self, name: str) -> None:
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].name == name:
                del self._open[depth:]
                return
