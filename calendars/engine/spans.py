"""Spans of time: pairs of epoch seconds (UTC), half-open."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sort the spans and join those that touch or overlap; empty ones disappear."""
    edges = _edges(spans)
    return list(zip(edges[::2], edges[1::2], strict=True))


def _edges(spans: Iterable[Span]) -> list[int]:
    """The instants at which the covered time starts and ends, by turns and strictly rising."""
    solid = [span for span in spans if span[0] < span[1]]
    if not solid:
        return []
    starts, ends = map(sorted, zip(*solid, strict=True))
    edges = [starts[0]]
    # There is a gap before the i-th start if and only if i spans have ended before it.
    for end, start in zip(ends, starts[1:], strict=False):
        if end < start:
            edges += (end, start)
    edges.append(ends[-1])
    return edges


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of the spans once the taken time is cut out; sorted and disjoint."""
    cuts = merge(taken)
    left: list[Span] = []
    for start, end in merge(spans):
        cursor = start
        for cut_start, cut_end in cuts[bisect_right(cuts, start, key=_end) :]:
            if cut_start >= end:
                break
            if cursor < cut_start:
                left.append((cursor, cut_start))
            cursor = cut_end
        if cursor < end:
            left.append((cursor, end))
    return left


def overlaps(merged: Sequence[Span], start: int, end: int) -> bool:
    """Whether `[start, end)` shares a second with spans that `merge` has put in order."""
    following = bisect_right(merged, start, key=_end)
    return start < end and following < len(merged) and merged[following][0] < end


def _end(span: Span) -> int:
    return span[1]


class Cover:
    """The time that some spans cover, built once and then asked many times."""

    __slots__ = ("_edges",)

    def __init__(self, spans: Iterable[Span]) -> None:
        # The number of edges up to an instant is odd exactly where it is covered.
        self._edges = _edges(spans)

    def __contains__(self, instant: int) -> bool:
        return bool(bisect_right(self._edges, instant) & 1)

    def outside(self, instants: Iterable[int]) -> list[int]:
        """Those of the instants that are not covered, in their order."""
        edges = self._edges
        return [instant for instant in instants if not bisect_right(edges, instant) & 1]


def within(instants: Sequence[int], span: Span) -> Sequence[int]:
    """The part of the sorted instants that falls into the span."""
    return instants[bisect_left(instants, span[0]) : bisect_left(instants, span[1])]
