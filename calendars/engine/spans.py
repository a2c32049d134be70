"""Spans of time: pairs of epoch seconds (UTC), half-open."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

Span = tuple[int, int]
EVER = 1 << 62


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sort the spans and join those that touch or overlap; empty ones disappear."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


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


class Spans:
    """Spans of which only matters what they cover: their starts and their ends, each in order.

    They are asked as they are, without being joined: up to a point of time as many have
    ended as have begun if and only if it is in none of them. Iterated over, they are spans
    that cover the same; the n-th end need not be that of the n-th start.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: Iterable[int] = (), ends: Iterable[int] = ()) -> None:
        """In any order, each end after its start: pairs that are empty must not be among them."""
        self._starts, self._ends = sorted(starts), sorted(ends)

    @classmethod
    def of(cls, *groups: Iterable[Span]) -> "Spans":
        """All of these together; empty ones disappear."""
        each = [group if isinstance(group, Spans) else cls._of_pairs(group) for group in groups]
        solid = [spans for spans in each if spans.edges != ([], [])]
        if len(solid) <= 1:
            return solid[0] if solid else cls()
        starts, ends = zip(*(spans.edges for spans in solid), strict=True)
        return cls(chain.from_iterable(starts), chain.from_iterable(ends))

    @classmethod
    def _of_pairs(cls, spans: Iterable[Span]) -> "Spans":
        solid = [span for span in spans if span[0] < span[1]]
        return cls(*zip(*solid, strict=True)) if solid else cls()

    @property
    def edges(self) -> tuple[Sequence[int], Sequence[int]]:
        """The starts, and the ends."""
        return self._starts, self._ends

    def __iter__(self) -> Iterator[Span]:
        return zip(self._starts, self._ends, strict=True)

    def __contains__(self, instant: int) -> bool:
        return self.meet(instant, instant + 1)

    def meet(self, start: int, end: int) -> bool:
        """Whether `[start, end)`, not empty, shares a second with one of them."""
        return bisect_left(self._starts, end) > bisect_right(self._ends, start)

    def spare(self, instants: Sequence[int], *, before: int, after: int) -> Sequence[int]:
        """Those of the sorted instants around which `[instant - before, instant + after)`, not
        empty, meets none."""
        if not self._starts:
            return instants
        found: list[int] = []
        # As `meet` has it, in one walk through all of them.
        starts, ends = [*self._starts, EVER], [*self._ends, EVER]
        begun = ended = 0
        for instant in instants:
            end = instant + after
            while starts[begun] < end:
                begun += 1
            start = instant - before
            while ends[ended] <= start:
                ended += 1
            if begun == ended:
                found.append(instant)
        return found


def within(instants: Sequence[int], span: Span) -> Sequence[int]:
    """The part of the sorted instants that falls into the span."""
    return instants[bisect_left(instants, span[0]) : bisect_left(instants, span[1])]
