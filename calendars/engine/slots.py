"""The one answer to "what can be booked": for pages, for the submit, and for staff."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from calendars.engine.hosts import Host, HostAnswers, Reason, Rules, SharedMeeting, candidates
from calendars.engine.hours import common_windows
from calendars.engine.notice import Bookable
from calendars.engine.spans import Span

__all__ = [
    "Host",
    "Kind",
    "Reason",
    "Rules",
    "SharedMeeting",
    "Slot",
    "Verdict",
    "candidates",
    "examine",
    "explain",
    "is_offered",
    "offered",
]


class Kind(StrEnum):
    ROUND_ROBIN = "round_robin"
    COLLECTIVE = "collective"
    CLASS = "class"
    SERVICE = "service"
    SIMPLE = "simple"


class Slot(NamedTuple):
    """An offered time in epoch seconds, with the hosts who are free, in host order."""

    start: int
    end: int
    hosts: tuple[int, ...]


class Verdict(NamedTuple):
    """A candidate time in epoch seconds: the hosts who are free, each other host's reason,
    and the reason why it is not offered, None if it is."""

    start: int
    end: int
    free: tuple[int, ...]
    refused: Mapping[int, Reason]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class _Combination:
    """How the answers of several hosts make one: are that many free of all enough,
    what to say if not, and what if a meeting is full."""

    suffices: Callable[[int, int], bool]
    refusal: Reason
    full: Reason


def _any(free: int, _: int) -> bool:
    return free > 0


def _all(free: int, asked: int) -> bool:
    return free == asked


_COMBINATIONS = {
    Kind.ROUND_ROBIN: _Combination(_any, Reason.ROUNDROBIN, Reason.SLOTMAX),
    Kind.COLLECTIVE: _Combination(_all, Reason.COLLECTIVE, Reason.SLOTMAX),
    Kind.CLASS: _Combination(_any, Reason.USER, Reason.NOSEATS),
    Kind.SERVICE: _Combination(_any, Reason.ROUNDROBIN, Reason.SLOTMAX),
    Kind.SIMPLE: _Combination(_any, Reason.USER, Reason.SLOTMAX),
}


# What stands in everybody's way is the calendar's reason, not "none of the hosts".
_OF_THE_CALENDAR = frozenset({Reason.PAST, Reason.NOTICE, Reason.TOOFAR, Reason.DAYLIMIT})


def offered(
    kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable, asked: Span
) -> list[Slot]:
    """The slots that begin in the asked span of epoch seconds, in order.

    Windows and busy times of the hosts must reach beyond the asked span by the
    calendar's duration and buffers; a slot then does not depend on that span.
    """
    suffices = _COMBINATIONS[kind].suffices
    on_grid: defaultdict[int, list[int]] = defaultdict(list)
    joining: defaultdict[Span, list[int]] = defaultdict(list)
    for answers in _answers(kind, rules, hosts, bookable):
        host = answers.host.id
        for start in answers.free_starts(asked):
            on_grid[start].append(host)
        for span in answers.joinable(asked):
            joining[span].append(host)
    free = {(start, start + rules.duration): ids for start, ids in on_grid.items()}
    for span, ids in joining.items():
        # Whoever has a meeting to join there is not free for another: nobody is listed twice.
        free[span] = _in_order(hosts, {*ids, *free.get(span, ())})
    return [
        Slot(*span, tuple(ids))
        for span, ids in sorted(free.items())
        if suffices(len(ids), len(hosts))
    ]


def _in_order(hosts: Sequence[Host], ids: Collection[int]) -> list[int]:
    return [host.id for host in hosts if host.id in ids]


def is_offered(
    kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable, start: int
) -> Slot | None:
    """The slot that `offered` has at exactly that start, if any."""
    slots = offered(kind, rules, hosts, bookable, (start, start + 1))
    return slots[0] if slots else None


def examine(
    kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable, asked: Span
) -> list[Verdict]:
    """Every candidate that begins in the asked span, with what each host says to it."""
    answers = _answers(kind, rules, hosts, bookable)
    spans = {span for each in answers for span in each.candidates(asked)}
    return [_verdict(kind, answers, span) for span in sorted(spans)]


def explain(
    kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable, start: int
) -> Verdict:
    """What each host says to that start, be it a candidate or not."""
    verdicts = examine(kind, rules, hosts, bookable, (start, start + 1))
    if verdicts:
        return verdicts[0]
    return _verdict(kind, _answers(kind, rules, hosts, bookable), (start, start + rules.duration))


def _answers(
    kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable
) -> list[HostAnswers]:
    if kind is Kind.COLLECTIVE and hosts:
        # Everybody has to come, so the grid starts where the last of them opens.
        shared = common_windows([host.windows for host in hosts])
        hosts = [replace(host, windows=shared) for host in hosts]
    full = _COMBINATIONS[kind].full
    return [HostAnswers(host, rules, bookable, full=full) for host in hosts]


def _verdict(kind: Kind, answers: Sequence[HostAnswers], span: Span) -> Verdict:
    reasons = {each.host.id: each.reason(span) for each in answers}
    free = tuple(host for host, reason in reasons.items() if reason is None)
    refused = {host: reason for host, reason in reasons.items() if reason is not None}
    return Verdict(*span, free, refused, _reason(kind, free, refused))


def _reason(kind: Kind, free: tuple[int, ...], refused: Mapping[int, Reason]) -> Reason | None:
    combination = _COMBINATIONS[kind]
    if combination.suffices(len(free), len(free) + len(refused)):
        return None
    reasons = set(refused.values())
    if not free and (len(refused) == 1 or (len(reasons) == 1 and reasons <= _OF_THE_CALENDAR)):
        return next(iter(reasons))
    return combination.refusal
