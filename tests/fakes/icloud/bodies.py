"""iCalendar text, as far as the server looks into it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import available_timezones

PRODID = "PRODID:-//caldav.icloud.com//CALDAVJ 2614B12//EN"


@dataclass(frozen=True)
class Component:
    """A VEVENT, VTODO … with its own lines, those of alarms in it included."""

    name: str
    lines: tuple[str, ...]

    def value(self, prop: str) -> str:
        """The value of its first property of that name, "" where it has none."""
        return next((_value(line) for line in self.lines if _name(line) == prop), "")

    def has(self, prop: str) -> bool:
        return any(_name(line) == prop for line in self.lines)

    def count(self, prop: str) -> int:
        return sum(_name(line) == prop for line in self.lines)


@dataclass(frozen=True)
class Body:
    method: str
    zones: tuple[Component, ...]
    parts: tuple[Component, ...]

    @property
    def uids(self) -> set[str]:
        return {part.value("UID") for part in self.parts}

    @property
    def attendees(self) -> int:
        return max((part.count("ATTENDEE") for part in self.parts), default=0)


def read(ics: str) -> Body | None:
    """The body's components; None where it is no calendar with one."""
    lines = re.sub(r"\r?\n[ \t]", "", ics.strip()).splitlines()
    if not lines or lines[0].upper() != "BEGIN:VCALENDAR" or lines[-1].upper() != "END:VCALENDAR":
        return None
    components = tuple(_components(lines[1:-1]))
    zones = tuple(part for part in components if part.name == "VTIMEZONE")
    parts = tuple(part for part in components if part.name != "VTIMEZONE")
    method = next((_value(line) for line in lines if _name(line) == "METHOD"), "")
    return Body(method, zones, parts) if parts else None


def uid_of(ics: str) -> str:
    """The UID, found even in a body that is damaged."""
    found = re.search(r"^UID(?:;[^:\r\n]*)?:(.*?)\r?$", ics, re.MULTILINE)
    return found[1].strip() if found else ""


def rewritten(body: Body) -> str:
    """The body as iCloud stores it: equal in meaning, different in almost every line."""
    lines = ["BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", PRODID, "VERSION:2.0"]
    for zone in body.zones:
        if zone.value("TZID") not in available_timezones():
            lines += [f"BEGIN:{zone.name}", *zone.lines, f"END:{zone.name}"]
    for part in body.parts:
        alarms = next((n for n, line in enumerate(part.lines) if _name(line) == "BEGIN"), None)
        own = part.lines[:alarms]
        stamps = [line for line in own if _name(line) == "DTSTAMP"][:1]
        rest = part.lines[len(own) :]
        lines += [f"BEGIN:{part.name}", *sorted(own), *stamps, *rest, f"END:{part.name}"]
    return "\r\n".join(folded for line in [*lines, "END:VCALENDAR"] for folded in _fold(line)) + (
        "\r\n"
    )


def when(value: str) -> str:
    """A DATE or DATE-TIME as text that sorts: only the digits, a day as its midnight."""
    digits = re.sub(r"[^0-9]", "", value)
    return digits.ljust(14, "0")


def _components(lines: list[str]) -> Iterator[Component]:
    name, own = "", list[str]()
    for line in lines:
        key, value = _name(line), _value(line).upper()
        if not name and key == "BEGIN":
            name, own = value, []
        elif name and key == "END" and value == name:
            yield Component(name, tuple(own))
            name = ""
        elif name:
            own.append(line)


def _fold(line: str) -> Iterator[str]:
    """RFC 5545 3.1: 75 octets a line; never inside a character."""
    content, first = line, True
    while content:
        room = 75 if first else 74
        part = content.encode()[:room].decode(errors="ignore")
        yield part if first else f" {part}"
        content, first = content[len(part) :], False


def _name(line: str) -> str:
    return re.split("[:;]", line, maxsplit=1)[0].upper()


def _value(line: str) -> str:
    """What follows the first colon outside of quotes."""
    found = re.match(r'[^:"]*(?:"[^"]*"[^:"]*)*:(.*)', line)
    return found[1].strip() if found else ""
