"""Change title and time of somebody's own event inside the text of its file.

Only the lines that say so change, and those by which RFC 5545 marks a change (3.8.7.2 – 3.8.7.4);
every other byte stays. Of whatever is not plainly one timed event nobody else takes part in,
nothing is changed: iCloud writes to the guests of what changes, and a series is more than a time.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from integrations.caldav.clock import read_length, read_stamp, to_wall
from integrations.caldav.events import TITLE_LIMIT, title_of
from integrations.caldav.lines import Line, join_lines, split_lines
from integrations.caldav.parsing import Component, Property, Unreadable, read_file
from integrations.caldav.single import single_span
from integrations.caldav.texts import escape, one_line
from integrations.caldav.zones import Zones


def _(text: str) -> str:
    """Marks what is translated where it is said: nothing here knows of languages."""
    return text


GUESTS = _("It has an organiser or guests, and iCloud would write to them.")
REPEATS = _("It repeats.")
ALL_DAY = _("It lasts all day.")
NO_SPAN = _("It takes no time, or more than a month.")
UNKNOWN_ZONE = _("Its time zone is not known here.")
ODD = _("It is written in a way that can't be changed safely.")
NOT_ON_ITS_CLOCK = _(
    "The clock of the event's own time zone can't say this time: it shows it twice. Choose another."
)

_PEOPLE = frozenset({"ATTENDEE", "ORGANIZER"})
_REPETITION = frozenset({"RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"})
_ONCE = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "SEQUENCE")
_STAMPS = ("DTSTAMP", "LAST-MODIFIED")
_EVENT = ["VCALENDAR", "VEVENT"]
_UNDECODED = "\ufffd"
MOST = timedelta(days=31)
_LONGEST_FILE = 1_000_000  # characters; Apple's server takes about as much


class NotEditable(Exception):
    """The event can't be changed here, or not like this; the text says why, to its owner."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says: its title on one line, and when it is, in UTC."""

    title: str
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.starts_at, self.ends_at


def plain_title(text: str) -> str:
    """A title as it can be written and compared: one line, in one spelling, of bounded length."""
    normal = unicodedata.normalize("NFC", one_line(text, limit=TITLE_LIMIT))
    return one_line(normal, limit=TITLE_LIMIT)


def said(ics: str, *, zone: ZoneInfo) -> Said:
    """What the file's only event says; floating times are read in `zone`. Raises NotEditable."""
    event, zones = _only_event(ics)
    _Sheet(ics)
    if any(_zone(event, zones, zone, name) is None for name in ("DTSTART", "DTEND")):
        raise NotEditable(UNKNOWN_ZONE)
    span = single_span(ics, zone=zone)
    if span is None:
        raise NotEditable(NO_SPAN)
    return Said(plain_title(title_of(event)), *span)


def rewrite(ics: str, wanted: Said, *, zone: ZoneInfo, stamp: datetime) -> str:
    """The same file, its event with that title and time; `stamp` is the aware time of writing.

    Each time stays as it was expressed: in its own zone, in UTC, or floating (then in `zone`); a
    DURATION stays one. Raises NotEditable.
    """
    current = said(ics, zone=zone)
    wanted = Said(plain_title(wanted.title), *wanted.span)
    if wanted == current:
        return ics
    if not timedelta(0) < wanted.ends_at - wanted.starts_at <= MOST:
        raise NotEditable(NO_SPAN)
    sheet = _Sheet(ics)
    if wanted.title != current.title:
        sheet.set("SUMMARY", escape(wanted.title))
    if wanted.span != current.span:
        _set_span(sheet, current, wanted, partial(_zone, *_only_event(ics), zone))
        _count_up(sheet)
    for name in _STAMPS:
        sheet.replace(name, f"{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    written = str(sheet)
    if said(written, zone=zone) != wanted:
        raise NotEditable(NOT_ON_ITS_CLOCK)
    return written


def agreed(*, before: Said, sent: Said | None, wanted: Said, theirs: Said) -> Said | None:
    """What is to stand where `theirs` stands now; None where both sides changed the same.

    `before` is what the owner changed, `sent` what was sent since without a known answer. What
    only one side changed is taken from there, title and time each for itself.
    """
    known = [before] if sent is None else [before, sent]
    title = wanted.title
    if theirs.title not in {title, *(one.title for one in known)}:
        if wanted.title != before.title:
            return None
        title = theirs.title
    span = wanted.span
    if theirs.span not in {span, *(one.span for one in known)}:
        if wanted.span != before.span:
            return None
        span = theirs.span
    return Said(title, *span)


class _Sheet:
    """The lines of a file with one event in it, and which of them are the event's own."""

    def __init__(self, ics: str) -> None:
        self.lines = split_lines(ics)
        self._own: defaultdict[str, list[int]] = defaultdict(list)
        self._added: list[str] = []
        if _UNDECODED in ics or any("\r" in line.content for line in self.lines):
            raise NotEditable(ODD)
        self._read()
        if any(len(self._own[name]) > 1 for name in _ONCE) or not self._own["DTSTART"]:
            raise NotEditable(ODD)
        if self._own["DTEND"] and self._own["DURATION"]:
            raise NotEditable(ODD)
        if any(":" in line.value for line in (self.line("DTSTART"), self.line("DTEND")) if line):
            raise NotEditable(ODD)  # a colon in a parameter without quotes: where does it end?

    def _read(self) -> None:
        """Find the event's own lines; alarms are blocks of their own inside it."""
        blocks: list[str] = []
        for number, line in enumerate(self.lines):
            name = line.name
            if name == "BEGIN":
                blocks.append(line.value.strip().upper())
                if not _is_expected(blocks):
                    raise NotEditable(ODD)
            elif name == "END":
                if not blocks or blocks.pop() != line.value.strip().upper():
                    raise NotEditable(ODD)
            elif blocks == _EVENT and name:
                self._own[name].append(number)
        if blocks:
            raise NotEditable(ODD)

    def line(self, name: str) -> Line | None:
        """The event's own line of that name."""
        numbers = self._own[name]
        return self.lines[numbers[0]] if numbers else None

    def replace(self, name: str, value: str) -> None:
        """Another value on the lines of that name, with the parameters they have."""
        for number in self._own[name]:
            line = self.lines[number]
            self.lines[number] = line.saying(line.head + value)

    def set(self, name: str, value: str) -> None:
        """The same, with a line of its own after DTSTART where there is none yet."""
        if self._own[name]:
            self.replace(name, value)
        else:
            self._added.append(f"{name}:{value}")

    def __str__(self) -> str:
        lines = list(self.lines)
        start = self._own["DTSTART"][0]
        lines[start + 1 : start + 1] = [lines[start].saying(content) for content in self._added]
        return join_lines(lines)


def _is_expected(blocks: list[str]) -> bool:
    """A calendar, and in it the event and definitions of zones; further down nothing is touched."""
    return blocks[:1] == ["VCALENDAR"] and (len(blocks) < 2 or blocks[1] in {"VEVENT", "VTIMEZONE"})


def _only_event(ics: str) -> tuple[Component, Zones]:
    if len(ics) > _LONGEST_FILE:
        raise NotEditable(ODD)
    try:
        file = read_file(ics)
    except Unreadable as error:
        raise NotEditable(ODD) from error
    if any(not _PEOPLE.isdisjoint(event.lines) for event in file.events):
        raise NotEditable(GUESTS)
    if any(not _REPETITION.isdisjoint(event.lines) for event in file.events):
        raise NotEditable(REPEATS)
    if len(file.events) != 1:
        raise NotEditable(ODD)
    [event] = file.events
    if _is_date(event.first("DTSTART")):
        raise NotEditable(ALL_DAY)
    return event, Zones(file.zones)


def _is_date(line: Property | None) -> bool:
    try:
        return line is not None and (
            line.parameter("VALUE") == "DATE" or read_stamp(line.value).is_date
        )
    except ValueError as error:
        raise NotEditable(ODD) from error


def _zone(event: Component, zones: Zones, home: ZoneInfo, name: str) -> tzinfo | None:
    """The zone by whose clock a line is written; None where it is not known."""
    line = event.first(name)
    if line is not None and _is_utc(line.value):
        return UTC
    if line is None or "TZID" not in line.parameters:
        return home
    return zones.named(line.parameters["TZID"])


def _is_utc(value: str) -> bool:
    return value.strip().upper().endswith("Z")


def _set_span(
    sheet: _Sheet, current: Said, wanted: Said, zone_of: Callable[[str], tzinfo | None]
) -> None:
    for name, before, at in zip(("DTSTART", "DTEND"), current.span, wanted.span, strict=True):
        line = sheet.line(name)
        if line is None or at == before:
            continue
        wall = to_wall(at, zone_of(name) or UTC)
        sheet.replace(name, f"{wall:%Y%m%dT%H%M%S}{'Z' if _is_utc(line.value) else ''}")
    length = sheet.line("DURATION")
    if length is not None and not _lasts(length, current, wanted):
        sheet.replace("DURATION", _duration(wanted.ends_at - wanted.starts_at))


def _lasts(line: Line, current: Said, wanted: Said) -> bool:
    """Whether the event lasts as long as before, said in elapsed time: then the line may stay."""
    is_elapsed = not read_length(line.value).days
    return is_elapsed and wanted.ends_at - wanted.starts_at == current.ends_at - current.starts_at


def _duration(length: timedelta) -> str:
    """In elapsed time: a nominal day has 23 hours now and then (RFC 5545 3.3.6)."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "H"), (minutes, "M"), (seconds, "S")]
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def _count_up(sheet: _Sheet) -> None:
    """SEQUENCE rises with each change of time; where there is none it was 0."""
    line = sheet.line("SEQUENCE")
    digits = line.value.strip() if line else "0"
    if digits.isdecimal():
        sheet.set("SEQUENCE", str(int(digits) + 1))
