"""What must be true, kept beside the product and by other means: plain values and plain sums.

Time is counted in half hours, `slot`s, on three days of which each has eight: few enough for
bookings and events to meet.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tests.icloud import event, utc_event

NOW = datetime(2027, 2, 1, 7, tzinfo=UTC)
DAY = datetime(2027, 2, 8, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")  # the hosts': an all-day event is a day there
DAYS, A_DAY, HALF_HOUR = 3, timedelta(days=1), timedelta(minutes=30)
SLOTS_A_DAY = 8
SLOTS = DAYS * SLOTS_A_DAY
MOST_GONE = 4

LINE = re.compile(r"Slides-\d+")
ASKS = re.compile(r"Asks-\d+")
STAMP = "%Y%m%dT%H%M%SZ"
Shape = Literal["busy", "long", "free", "daily", "all_day"]
SHAPES: tuple[Shape, ...] = ("busy", "long", "free", "daily", "all_day")
Span = tuple[int, int]  # epoch seconds
Says = tuple[str, Span]  # a title, and when


def at(slot: int) -> datetime:
    """When a slot begins: from eight o'clock UTC on, every half hour."""
    day, place = divmod(slot, SLOTS_A_DAY)
    return DAY + day * A_DAY + timedelta(hours=8) + place * HALF_HOUR


def span(starts_at: datetime, ends_at: datetime) -> Span:
    return int(starts_at.timestamp()), int(ends_at.timestamp())


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def halves(one: Span) -> set[int]:
    """The half hours in it: sums of time by counting."""
    seconds = int(HALF_HOUR.total_seconds())
    assert one[0] % seconds == one[1] % seconds == 0
    return set(range(one[0] // seconds, one[1] // seconds))


@dataclass(frozen=True)
class Foreign:
    """An event of somebody else's, as it is to stay on the server; `text` is the file where its
    owner had Daybook change it, and `title` what it is called then."""

    uid: str
    path: str
    shape: Shape
    slot: int
    version: int
    title: str = ""
    text: str = field(default="", repr=False)

    @property
    def says(self) -> Says:
        """What its owner could change of it, were it a single timed event."""
        length = 2 * HALF_HOUR if self.shape == "long" else HALF_HOUR
        starts_at = at(self.slot)
        return self.title or f"{self.uid} {self.version}", span(starts_at, starts_at + length)

    @property
    def ics(self) -> str:
        if self.text:
            return self.text
        starts_at, title = at(self.slot), f"{self.uid} {self.version}"
        if self.shape == "all_day":
            first = self._day
            return event(
                self.uid,
                f";VALUE=DATE:{first:%Y%m%d}",
                f";VALUE=DATE:{first + A_DAY:%Y%m%d}",
                "TRANSP:OPAQUE",
                summary=title,
            )
        lines = {"free": ["TRANSP:TRANSPARENT"], "daily": [f"RRULE:FREQ=DAILY;COUNT={DAYS}"]}
        length = 2 * HALF_HOUR if self.shape == "long" else HALF_HOUR
        more = lines.get(self.shape, [])
        return utc_event(self.uid, starts_at, starts_at + length, *more, summary=title)

    @property
    def busy(self) -> frozenset[Span]:
        """The time it takes from its calendar's owner."""
        starts_at = at(self.slot)
        match self.shape:
            case "free":
                return frozenset()
            case "all_day":
                first = self._day
                return frozenset({span(_midnight(first), _midnight(first + A_DAY))})
            case "daily":
                days = [starts_at + number * A_DAY for number in range(DAYS)]
                return frozenset(span(day, day + HALF_HOUR) for day in days)
        length = 2 * HALF_HOUR if self.shape == "long" else HALF_HOUR
        return frozenset({span(starts_at, starts_at + length)})

    @property
    def _day(self) -> datetime:
        return DAY + (self.slot // SLOTS_A_DAY) * A_DAY


def _midnight(day: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


@dataclass(frozen=True)
class Own:
    """An event of Daybook's, as it stands on the server."""

    path: str
    uid: str
    guest: str  # "" where its text does not name one any more
    starts_at: datetime | None  # None where it is no single timed event
    ics: str = field(repr=False)

    @classmethod
    def read(cls, path: str, ics: str) -> "Own":
        lines = ics.replace("\r\n ", "").split("\r\n")
        guest = re.search(r"Guest-\d+", ics)
        stamp = re.search(r"^DTSTART:(\d{8}T\d{6}Z)", ics, re.MULTILINE)
        starts_at = datetime.strptime(f"{stamp[1]}+0000", "%Y%m%dT%H%M%SZ%z") if stamp else None
        uid = next(line[4:] for line in lines if line.startswith("UID:"))
        return cls(path, uid, guest[0] if guest else "", starts_at, ics)

    @property
    def slot(self) -> int | None:
        return next((slot for slot in range(SLOTS) if at(slot) == self.starts_at), None)

    def moved(self, slot: int) -> str:
        return self._with(DTSTART=f":{at(slot):{STAMP}}", DTEND=f":{at(slot) + HALF_HOUR:{STAMP}}")

    def on_a_whole_day(self) -> str:
        return self._with(
            DTSTART=f";VALUE=DATE:{DAY:%Y%m%d}", DTEND=f";VALUE=DATE:{DAY + A_DAY:%Y%m%d}"
        )

    def retitled(self, words: str) -> str:
        return self._with(LOCATION=f":{words}")

    def with_line(self, line: str) -> str:
        """With a line more at the top of its description."""
        return self.ics.replace("\r\nDESCRIPTION:", f"\r\nDESCRIPTION:{line}\\n", 1)

    @property
    def lines(self) -> set[str]:
        """What its host wrote into its description, as far as it stands there."""
        return set(LINE.findall(self.ics.replace("\r\n ", "")))

    @property
    def asks(self) -> set[str]:
        """What its guest asks for, as far as it stands there."""
        return set(ASKS.findall(self.ics.replace("\r\n ", "")))

    def _with(self, **changes: str) -> str:
        lines = self.ics.split("\r\n")
        for name, value in changes.items():
            lines = [f"{name}{value}" if line.startswith(name) else line for line in lines]
        return "\r\n".join(lines)


@dataclass
class Booked:
    """An appointment that was acknowledged. `times`: when it may begin. `excuses`: why its event
    may be missing, or be no single one. `added`: by host, what they wrote into its text. `asks`:
    what its guest may ask for, as staff wrote it down; empty where nothing was."""

    pk: int
    guest: str
    is_live: bool
    times: set[datetime]
    put_at: datetime | None = None  # where its host dragged it to last
    is_torn: bool = False  # both sides moved it before either knew
    was_restored: bool = False  # with a backup: either side may say what the other forgot
    excuses: set[str] = field(default_factory=set)
    may_cancel: bool = False  # its event was deleted: that cancels, where its host wants it so
    must_cancel: bool = False  # and they did, and nobody touched it since
    elsewhere: set[int] = field(default_factory=set)  # whose it may stand on one not linked
    added: dict[int, set[str]] = field(default_factory=dict)
    asks: set[str] = field(default_factory=lambda: {""})


@dataclass(frozen=True)
class Known:
    """A foreign event as it was read for certain, and the time it must block."""

    event: Foreign
    spans: frozenset[Span]


@dataclass
class Wish:
    """What an owner wants an event of theirs to say, the last one last; `olds`: what they changed.
    `is_busy`: as its event was read last. `is_sure`: nothing came between that Daybook may give it
    up for."""

    olds: set[Says]
    wants: list[Says]
    is_busy: bool
    is_sure: bool


@dataclass
class Model:
    """What Daybook acknowledged, and what it has read for certain: by host and UID."""

    booked: list[Booked] = field(default_factory=list)
    known: dict[tuple[int, str], Known] = field(default_factory=dict)
    released: set[tuple[int, str, Span]] = field(default_factory=set)
    wishes: dict[tuple[int, str], Wish] = field(default_factory=dict)
    frees: set[int] = field(default_factory=set)  # hosts who have deleted events free their time
    cancels: set[int] = field(default_factory=set)  # and those who have them cancel appointments
    left: set[int] = field(default_factory=set)  # hosts who disconnected
    linked: dict[int, str] = field(default_factory=dict)  # by host; "": none
    leaving: dict[int, set[str]] = field(default_factory=dict)  # UIDs to be removed, by host

    def named(self, guest: str) -> Booked | None:
        return next((one for one in self.booked if one.guest == guest), None)

    def forget(self, host: int, uid: str, *, spans: frozenset[Span] | None = None) -> None:
        """That event, or these times of it, need not block that host any more."""
        known = self.known.pop((host, uid), None)
        if known is not None and spans is not None:
            self.known[host, uid] = Known(known.event, known.spans - spans)


@dataclass
class Theirs:
    """What is on the server by others' hands, and what else no backup of Daybook's undoes."""

    events: dict[str, Foreign] = field(default_factory=dict)  # by UID
    graves: dict[str, Foreign] = field(default_factory=dict)  # deleted, by UID
    ever_gone: set[str] = field(default_factory=set)  # UIDs deleted once, or said to be
    missed: set[str] = field(default_factory=set)  # those of them not read since
    hidden: set[str] = field(default_factory=set)  # paths that listings leave out
    lost: dict[str, Any] = field(default_factory=dict)  # calendars out of sight, by path
    gone: Counter[int] = field(default_factory=Counter)  # by host, since the last good sync
    passwords: dict[int, list[str]] = field(default_factory=dict)  # by host; "" while revoked
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    ever_cancels: set[int] = field(default_factory=set)  # hosts who had deletions cancel once
    forgotten: set[tuple[str, int]] = field(default_factory=set)  # guest, user: since a backup
    was_restored: bool = False

    def within(self, folders: tuple[str, ...]) -> list[Foreign]:
        return [one for one in self.events.values() if one.path.startswith(folders)]

    def is_lost(self, path: str) -> bool:
        return path.startswith(tuple(self.lost))

    def may_lose(self, host: int, events: int = 1) -> bool:
        """More at once might be taken for a fault of the server's, which is another story."""
        return self.gone[host] + events <= MOST_GONE
