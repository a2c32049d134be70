"""Which of several free hosts gets a booking, and whom equal distribution hides for a while."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import inf


def _(text: str) -> str:
    """Marks what is translated where it is said: the engine knows of no languages."""
    return text


ONLY_ONE, SEATS_LEFT = _("the only free host"), _("has seats left at this time")
# So many appointments ahead of the host with the fewest, a host is hidden.
AHEAD = 3


class Priority(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Mode(StrEnum):
    """What hosts are chosen for."""

    AVAILABILITY = "availability"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free host. `nearby` counts their appointments within 24 hours of the slot on
    either side, `last_assigned` is an instant in epoch seconds or None for never,
    `order` the place in the calendar's host order, `joins` whether their meeting
    of this calendar at exactly this span has seats left, `counted` their appointments
    of this calendar in the slot's month."""

    host: int
    priority: int
    nearby: int
    last_assigned: int | None
    order: int
    joins: bool = False
    counted: int = 0


def choose(candidates: Sequence[Candidate], mode: Mode = Mode.AVAILABILITY) -> tuple[int, str]:
    """The host who is booked, and why, in words.

    A meeting with seats left is filled first. Then, for availability, the highest
    priority counts, the fewest appointments nearby, the least recently assigned, the
    host order; for equal distribution the fewest appointments in the month, the host
    order. Raises ValueError when nobody is a candidate.
    """
    if not candidates:
        raise ValueError("Nobody is free to choose from.")
    if len(candidates) == 1:
        return candidates[0].host, ONLY_ONE
    remaining = list(candidates)
    for merit, reason in _RULES[mode]:
        best = max(map(merit, remaining))
        remaining = [candidate for candidate in remaining if merit(candidate) == best]
        if len(remaining) == 1:
            return remaining[0].host, reason
    return remaining[0].host, reason


def ahead(counted: Mapping[int, int], able: Collection[int]) -> set[int]:
    """Who is hidden until the others catch up: `AHEAD` or more appointments of the month before
    the host with the fewest.

    `able` are the hosts with any bookable time in that month: of the others nobody waits for
    anybody. One host alone is never hidden.
    """
    fewest = min((counted.get(host, 0) for host in able), default=0)
    return {host for host in able if counted.get(host, 0) - fewest >= AHEAD}


def _rest(candidate: Candidate) -> float:
    return inf if candidate.last_assigned is None else -candidate.last_assigned


_Rule = tuple[Callable[[Candidate], float], str]
_JOINS: _Rule = (lambda candidate: candidate.joins, SEATS_LEFT)
_ORDER: _Rule = (lambda candidate: -candidate.order, _("first in the host order"))
_RULES: dict[Mode, tuple[_Rule, ...]] = {
    Mode.AVAILABILITY: (
        _JOINS,
        (lambda candidate: candidate.priority, _("highest priority")),
        (lambda candidate: -candidate.nearby, _("fewest appointments within 24 hours")),
        (_rest, _("least recently assigned")),
        _ORDER,
    ),
    Mode.EQUAL: (
        _JOINS,
        (lambda candidate: -candidate.counted, _("fewest appointments in the month")),
        _ORDER,
    ),
}
