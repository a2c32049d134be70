"""One host of a calendar: when a meeting of theirs could begin, and why it could not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain

from calendars.engine.hours import LONGEST_MEETING, Window
from calendars.engine.notice import Bookable
from calendars.engine.spans import EVER, Span, Spans, within


class Reason(StrEnum):
    """Why a time is not offered. BLOCKED is time blocked by hand, CONFLICT an external event."""

    PAST = "PAST"
    NOTICE = "NOTICE"
    TOOFAR = "TOOFAR"
    HOURS = "HOURS"
    DURATION = "DURATION"
    BLOCKED = "BLOCKED"
    CONFLICT = "CONFLICT"
    BOOKED = "BOOKED"
    BUFFER = "BUFFER"
    DAYLIMIT = "DAYLIMIT"
    SLOTMAX = "SLOTMAX"
    NOSEATS = "NOSEATS"
    USER = "USER"
    COLLECTIVE = "COLLECTIVE"
    ROUNDROBIN = "ROUNDROBIN"
    LOOKBUSY = "LOOKBUSY"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Rules:
    """A calendar's rules for its meetings, in seconds of elapsed time.

    `aligned` counts the interval from local midnight instead of the opening of
    each window. Raises ValueError for a duration of zero or less, or beyond
    `LONGEST_MEETING`, an interval of zero or less, and negative buffers.
    """

    duration: int
    interval: int
    buffer_before: int
    buffer_after: int
    aligned: bool = False

    def __post_init__(self) -> None:
        if not timedelta(0) < timedelta(seconds=self.duration) <= LONGEST_MEETING:
            raise ValueError("A meeting lasts longer than nothing and no longer than seven days.")
        if self.interval <= 0:
            raise ValueError("The interval is longer than nothing.")
        if self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError("Buffers are zero or more.")


@dataclass(frozen=True, slots=True)
class SharedMeeting:
    """A meeting of this calendar that holds several appointments; `start` and `end` in
    epoch seconds, the buffers it was booked with in seconds."""

    start: int
    end: int
    buffer_before: int
    buffer_after: int
    seats_left: int

    @property
    def taken(self) -> Span:
        """The time nothing else can use."""
        return (self.start - self.buffer_before, self.end + self.buffer_after)


@dataclass(frozen=True, slots=True)
class Host:
    """What the engine knows of one host; all spans in epoch seconds.

    windows: as `hours.windows_around` gives them for the span that is asked about.
    blocked: time blocked by hand. conflicts: external events.
    meetings: taken time with its buffers, except meetings in `shared`.
    known_until: up to where external calendars are known; 0 if stale now, None
    if there are none. A slot whose span and buffers reach beyond it is STALE.
    shared: this calendar's meetings with several seats, full ones included.
    full_days: the days on which no further meeting may begin, from `full_days`.
    hidden: the months in which others have to catch up first.
    """

    id: int
    windows: Sequence[Window]
    blocked: Iterable[Span] = ()
    conflicts: Iterable[Span] = ()
    meetings: Iterable[Span] = ()
    known_until: int | None = None
    shared: Sequence[SharedMeeting] = ()
    full_days: Sequence[Span] = ()
    hidden: Sequence[Span] = ()


def candidates(windows: Iterable[Window], rules: Rules) -> list[int]:
    """The starts that fit the windows, in their order; nothing busy is considered."""
    return [*chain.from_iterable(_starts(window, rules, rules.duration) for window in windows)]


def _starts(window: Window, rules: Rules, room: int) -> range:
    """The grid of one window, as far as there is room before its end."""
    first = window.start
    if rules.aligned:
        first += (window.midnight - window.start) % rules.interval
    return range(first, min(window.end, window.until - room + 1), rules.interval)


class _Bars:
    """Where meetings of one length and its buffers cannot begin, and why."""

    def __init__(
        self, host: Host, bookable: Bookable, *, length: int, before: int, after: int
    ) -> None:
        self._bookable = bookable
        self._length, self._before, self._reach = length, before, length + after
        self._busy = [
            (Reason.BLOCKED, Spans.of(host.blocked)),
            (Reason.CONFLICT, Spans.of(host.conflicts)),
            (Reason.BOOKED, Spans.of(host.meetings, (one.taken for one in host.shared))),
        ]
        self._limits = [
            (Reason.DAYLIMIT, Spans.of(host.full_days)),
            (Reason.ROUNDROBIN, Spans.of(host.hidden)),
        ]
        known = host.known_until
        self._stale_from = EVER if known is None else known - self._reach + 1

    @cached_property
    def _all_busy(self) -> Spans:
        return Spans.of(*(spans for _, spans in self._busy))

    def outside(self, starts: Sequence[int]) -> Sequence[int]:
        """Those of the sorted starts at which the host is free."""
        first = max(self._bookable.now, self._bookable.opens)
        last = min(self._bookable.closes, self._stale_from)
        free = self._all_busy.spare(
            within(starts, (first, last)), before=self._before, after=self._reach
        )
        for _, spans in self._limits:
            free = spans.spare(free, before=0, after=1)
        return free

    def reason(self, start: int) -> Reason | None:
        """Why the host is not free at that start; None if they are."""
        return next(self._reasons(start), None)

    def _reasons(self, start: int) -> Iterator[Reason]:
        """All there are, the more telling one first."""
        yield from self._too_soon_or_late(start)
        for reason, spans in self._busy:
            if spans.meet(start, start + self._length):
                yield reason
        if self._all_busy.meet(start - self._before, start + self._reach):
            yield Reason.BUFFER
        yield from (reason for reason, spans in self._limits if start in spans)
        # Last, so that it marks just the slots that are lost for want of a reading.
        if start >= self._stale_from:
            yield Reason.STALE

    def _too_soon_or_late(self, start: int) -> Iterator[Reason]:
        if start < self._bookable.now:
            yield Reason.PAST
        if start < self._bookable.opens:
            yield Reason.NOTICE
        if start >= self._bookable.closes:
            yield Reason.TOOFAR


class HostAnswers:
    """What one host answers under a calendar's rules: where they are free, and why not.

    A candidate is a span: a start on the host's own grid with the calendar's
    duration, or a shared meeting with exactly its own span. Such a meeting does
    not stand in its own way and is no further meeting of its day; `full` says
    that it has no seats left.
    """

    def __init__(self, host: Host, rules: Rules, bookable: Bookable, *, full: Reason) -> None:
        self.host = host
        self._full = full
        self._rules, self._bookable = rules, bookable
        self._grid = candidates(host.windows, rules)
        self._bars = _Bars(
            host,
            bookable,
            length=rules.duration,
            before=rules.buffer_before,
            after=rules.buffer_after,
        )
        self._shared = {(meeting.start, meeting.end): meeting for meeting in host.shared}
        self._bars_by_shape: dict[tuple[int, int, int], _Bars] = {}

    def candidates(self, asked: Span) -> list[Span]:
        """Every span that begins in the asked one, free or not."""
        return [*self._lasting(within(self._grid, asked)), *self._shared_within(asked)]

    def free_starts(self, asked: Span) -> Sequence[int]:
        """The starts on the host's grid at which they are free."""
        return self._bars.outside(within(self._grid, asked))

    def joinable(self, asked: Span) -> list[Span]:
        """The shared meetings that somebody can still join."""
        return [span for span in self._shared_within(asked) if self.reason(span) is None]

    def reason(self, span: Span) -> Reason | None:
        """Why the host is not free for that span; None if they are."""
        start, end = span
        if meeting := self._shared.get(span):
            full = None if meeting.seats_left > 0 else self._full
            return self._bars_around(meeting).reason(start) or full
        if end - start != self._rules.duration:
            return Reason.HOURS  # somebody else's meeting, as long as those were when it was booked
        if start in self._fitting:
            return self._bars.reason(start)
        roomless = (_starts(window, self._rules, room=0) for window in self.host.windows)
        return Reason.DURATION if any(start in starts for starts in roomless) else Reason.HOURS

    @cached_property
    def _fitting(self) -> frozenset[int]:
        return frozenset(self._grid)

    def _lasting(self, starts: Iterable[int]) -> list[Span]:
        duration = self._rules.duration
        return [(start, start + duration) for start in starts]

    def _shared_within(self, asked: Span) -> Iterator[Span]:
        return (span for span in self._shared if asked[0] <= span[0] < asked[1])

    def _bars_around(self, meeting: SharedMeeting) -> _Bars:
        # Shared meetings mostly have one length and one pair of buffers: one set of bars.
        length = meeting.end - meeting.start
        shape = (length, meeting.buffer_before, meeting.buffer_after)
        if shape not in self._bars_by_shape:
            without = replace(self.host, shared=(), full_days=())
            self._bars_by_shape[shape] = _Bars(
                without, self._bookable, length=length, before=shape[1], after=shape[2]
            )
        return self._bars_by_shape[shape]
