"""Which of several free hosts gets a booking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf


class Priority(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free host. `nearby` counts their appointments within 24 hours of the slot on
    either side, `last_assigned` is an instant in epoch seconds or None for never,
    `order` the place in the calendar's host order, `joins` whether their meeting
    of this calendar at exactly this span has seats left."""

    host: int
    priority: int
    nearby: int
    last_assigned: int | None
    order: int
    joins: bool = False


def choose(candidates: Sequence[Candidate]) -> tuple[int, str]:
    """The host who is booked when optimising for availability, and why, in words.

    A meeting with seats left is filled first; then the highest priority counts,
    the fewest appointments nearby, the least recently assigned, the host order.
    Raises ValueError when nobody is a candidate.
    """
    if not candidates:
        raise ValueError("Nobody is free to choose from.")
    if len(candidates) == 1:
        return candidates[0].host, "the only free host"
    remaining = list(candidates)
    for merit, reason in _RULES:
        best = max(map(merit, remaining))
        remaining = [candidate for candidate in remaining if merit(candidate) == best]
        if len(remaining) == 1:
            return remaining[0].host, reason
    return remaining[0].host, reason


def _rest(candidate: Candidate) -> float:
    return inf if candidate.last_assigned is None else -candidate.last_assigned


_RULES: tuple[tuple[Callable[[Candidate], float], str], ...] = (
    (lambda candidate: candidate.joins, "has seats left at this time"),
    (lambda candidate: candidate.priority, "highest priority"),
    (lambda candidate: -candidate.nearby, "fewest appointments within 24 hours"),
    (_rest, "least recently assigned"),
    (lambda candidate: -candidate.order, "first in the host order"),
)
