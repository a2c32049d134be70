"""Who would have got the bookings there were, by other rules or in another team."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from calendars.engine.choice import Candidate, Mode, ahead, choose
from calendars.engine.spans import Span, merge, overlaps, subtract

NEARBY = 24 * 3600


class Booking(NamedTuple):
    """An appointment that was made, and at what time it was to be; epoch seconds."""

    id: int
    made: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Player:
    """A host in the team that is tried, in host order. Spans in epoch seconds.

    open: their hours. busy: what was in their way besides this calendar's meetings.
    appointments: the starts of those they had with other calendars.
    """

    host: int
    priority: int
    open: Sequence[Span]
    busy: Sequence[Span]
    appointments: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """The calendar's rules that are played by. Buffers in seconds; `limit` is for a host and a
    day of `zone`."""

    mode: Mode
    zone: ZoneInfo
    buffer_before: int = 0
    buffer_after: int = 0
    seats: int = 1
    limit: int | None = None


class Outcome(NamedTuple):
    """The host who would have got each booking, and the bookings nobody could have taken."""

    got: Mapping[int, int]
    lost: tuple[int, ...]

    def counts(self) -> Counter[int]:
        """How many each host would have got."""
        return Counter(self.got.values())


def replay(bookings: Iterable[Booking], team: Sequence[Player], terms: Terms) -> Outcome:
    """Give out the bookings of one month again, in the order in which they were made.

    Each keeps the time that it had. A host is free for it who was open and not busy all the while,
    buffers included, and whom the replay gave nothing else there.
    """
    ordered = sorted(bookings, key=lambda booking: (booking.made, booking.id))
    seats = [_Seat(player, order, terms) for order, player in enumerate(team)]
    able = [seat.player.host for seat in seats if any(map(seat.was_free_at, ordered))]
    got: dict[int, int] = {}
    lost: list[int] = []
    for booking in ordered:
        counts = Counter(got.values())
        hidden = ahead(counts, able) if terms.mode is Mode.EQUAL else set()
        free = {
            seat.player.host: seat
            for seat in seats
            if seat.player.host not in hidden and seat.is_free_at(booking)
        }
        if not free:
            lost.append(booking.id)
            continue
        candidates = [seat.candidate(booking, counts) for seat in free.values()]
        host, _ = choose(candidates, terms.mode)
        free[host].take(booking)
        got[booking.id] = host
    return Outcome(got, tuple(lost))


@dataclass(slots=True)
class _Seat:
    """A player at the table, with what the replay has given them."""

    player: Player
    order: int
    terms: Terms
    _open: list[Span] = field(init=False)
    _busy: list[Span] = field(init=False)
    _held: Counter[Span] = field(init=False, default_factory=Counter)
    _begun: defaultdict[date, int] = field(init=False, default_factory=lambda: defaultdict(int))
    _last: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._open = merge(self.player.open)
        self._busy = merge(self.player.busy)

    def was_free_at(self, booking: Booking) -> bool:
        """Whether nothing outside of the calendar was in their way."""
        whole = self._with_buffers((booking.start, booking.end))
        is_open = not subtract([(booking.start, booking.end)], self._open)
        return is_open and not overlaps(self._busy, *whole)

    def is_free_at(self, booking: Booking) -> bool:
        span = (booking.start, booking.end)
        if not self.was_free_at(booking):
            return False
        if span in self._held:
            return self._held[span] < self.terms.seats
        if self.terms.limit is not None and self._begun[self._day(booking)] >= self.terms.limit:
            return False
        held = merge(self._with_buffers(each) for each in self._held)
        return not overlaps(held, *self._with_buffers(span))

    def candidate(self, booking: Booking, counts: Mapping[int, int]) -> Candidate:
        return Candidate(
            self.player.host,
            self.player.priority,
            self._nearby(booking.start),
            self._last,
            self.order,
            joins=(booking.start, booking.end) in self._held,
            counted=counts.get(self.player.host, 0),
        )

    def take(self, booking: Booking) -> None:
        span = (booking.start, booking.end)
        if span not in self._held:
            self._begun[self._day(booking)] += 1
        self._held[span] += 1
        self._last = booking.made

    def _nearby(self, start: int) -> int:
        elsewhere = sum(abs(other - start) < NEARBY for other in self.player.appointments)
        here = sum(seats for (at, _), seats in self._held.items() if abs(at - start) < NEARBY)
        return elsewhere + here

    def _day(self, booking: Booking) -> date:
        return datetime.fromtimestamp(booking.start, self.terms.zone).date()

    def _with_buffers(self, span: Span) -> Span:
        return span[0] - self.terms.buffer_before, span[1] + self.terms.buffer_after
