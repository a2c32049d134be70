"""One host of a calendar: when a meeting of theirs could begin, and why it could not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain

from calendars.engine.hours import LONGEST_MEETING, Window
from calendars.engine.notice import Bookable
from calendars.engine.spans import Cover, Span, within

_EVER = 1 << 62


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
    blocked: Sequence[Span] = ()
    conflicts: Sequence[Span] = ()
    meetings: Sequence[Span] = ()
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
    """Where meetings of one length and its buffers cannot begin, and why.

    Every reason becomes spans of starts that it rules out: a meeting from
    `start` meets `[busy_start, busy_end)` if and only if `start` lies in
    `[busy_start - length + 1, busy_end)`, buffers being part of the length.
    So one look into one merged list answers for a start.
    """

    def __init__(
        self, host: Host, bookable: Bookable, *, length: int, before: int, after: int
    ) -> None:
        self._host, self._bookable = host, bookable
        self._length, self._before, self._after = length, before, after
        layers = chain(self._too_soon_or_late(), self._within_buffers(), self._limits())
        self._barred = Cover(chain.from_iterable(spans for _, spans in layers))

    def outside(self, starts: Iterable[int]) -> list[int]:
        """The starts at which the host is free."""
        return self._barred.outside(starts)

    def reason(self, start: int) -> Reason | None:
        """Why the host is not free at that start; None if they are."""
        if start not in self._barred:
            return None
        return next(reason for reason, cover in self._layers if start in cover)

    @cached_property
    def _layers(self) -> list[tuple[Reason, Cover]]:
        """All that is barred, the more telling reason first."""
        layers = chain(
            self._too_soon_or_late(), self._meeting_busy(), self._within_buffers(), self._limits()
        )
        return [(reason, Cover(spans)) for reason, spans in layers]

    def _too_soon_or_late(self) -> Iterator[tuple[Reason, list[Span]]]:
        yield Reason.PAST, [(-_EVER, self._bookable.now)]
        yield Reason.NOTICE, [(-_EVER, self._bookable.opens)]
        yield Reason.TOOFAR, [(self._bookable.closes, _EVER)]

    def _meeting_busy(self) -> Iterator[tuple[Reason, list[Span]]]:
        for reason, busy in self._busy():
            yield reason, _barred_starts(busy, 0, self._length)

    def _within_buffers(self) -> Iterator[tuple[Reason, list[Span]]]:
        for _, busy in self._busy():
            yield Reason.BUFFER, _barred_starts(busy, self._before, self._length + self._after)

    def _busy(self) -> Iterator[tuple[Reason, Iterable[Span]]]:
        yield Reason.BLOCKED, self._host.blocked
        yield Reason.CONFLICT, self._host.conflicts
        yield Reason.BOOKED, self._host.meetings
        yield Reason.BOOKED, (meeting.taken for meeting in self._host.shared)

    def _limits(self) -> Iterator[tuple[Reason, list[Span]]]:
        yield Reason.DAYLIMIT, list(self._host.full_days)
        yield Reason.ROUNDROBIN, list(self._host.hidden)
        # Last, so that STALE marks just the slots that are lost for want of a reading.
        if self._host.known_until is not None:
            reach = self._length + self._after
            yield Reason.STALE, [(self._host.known_until - reach + 1, _EVER)]


def _barred_starts(busy: Iterable[Span], before: int, after: int) -> list[Span]:
    return [(start - after + 1, end + before) for start, end in busy if start < end]


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

    def free_starts(self, asked: Span) -> list[int]:
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
