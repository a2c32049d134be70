import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.engine.spans import Span, Spans, merge, overlaps, subtract, within

any_spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def covered(spans: list[Span]) -> set[int]:
    return {instant for start, end in spans for instant in range(start, end)}


@pytest.mark.parametrize(
    ("spans", "merged"),
    [
        ([], []),
        ([(5, 7), (1, 2)], [(1, 2), (5, 7)]),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(1, 4), (2, 6), (8, 9)], [(1, 6), (8, 9)]),
        ([(3, 3), (5, 4)], []),
        ([(1, 3), (1, 3)], [(1, 3)]),
    ],
)
def test_merge_joins_spans_that_touch_or_overlap(spans: list[Span], merged: list[Span]) -> None:
    assert merge(spans) == merged


@pytest.mark.parametrize(
    ("spans", "taken", "left"),
    [
        ([(0, 10)], [], [(0, 10)]),
        ([(0, 10)], [(3, 5)], [(0, 3), (5, 10)]),
        ([(0, 10)], [(0, 10)], []),
        ([(0, 10)], [(-5, 2), (8, 20)], [(2, 8)]),
        ([(0, 10)], [(10, 12), (-3, 0)], [(0, 10)]),
        ([(0, 3), (6, 9)], [(2, 7)], [(0, 2), (7, 9)]),
        ([(0, 10)], [(4, 4)], [(0, 10)]),
    ],
)
def test_subtract_leaves_what_is_not_taken(
    spans: list[Span], taken: list[Span], left: list[Span]
) -> None:
    assert subtract(spans, taken) == left


@pytest.mark.parametrize(
    ("start", "end", "overlapping"),
    [
        (0, 10, False),
        (0, 11, True),
        (20, 30, False),
        (19, 30, True),
        (12, 13, True),
        (0, 99, True),
        (15, 15, False),
    ],
)
def test_spans_are_half_open(start: int, end: int, overlapping: bool) -> None:  # noqa: FBT001
    assert overlaps([(10, 20), (30, 40)], start, end) is overlapping


@given(any_spans, any_spans)
def test_merge_and_subtract_agree_with_sets_of_instants(
    spans: list[Span], taken: list[Span]
) -> None:
    assert covered(merge(spans)) == covered(spans)
    assert covered(subtract(spans, taken)) == covered(spans) - covered(taken)
    assert merge(subtract(spans, taken)) == subtract(spans, taken)


@given(any_spans, st.integers(0, 40), st.integers(0, 40))
def test_overlaps_agrees_with_sets_of_instants(spans: list[Span], start: int, end: int) -> None:
    shared = covered(spans) & set(range(start, end))

    assert overlaps(merge(spans), start, end) is bool(shared)


@given(any_spans, any_spans, st.integers(0, 40), st.integers(1, 9))
def test_spans_agree_with_sets_of_instants(
    some: list[Span], others: list[Span], start: int, length: int
) -> None:
    spans, all_covered = Spans.of(some, Spans.of(others)), covered(some + others)

    assert covered(list(spans)) == all_covered
    assert {instant for instant in range(41) if instant in spans} == all_covered
    assert spans.meet(start, start + length) is bool(
        all_covered & set(range(start, start + length))
    )


@given(any_spans, st.integers(0, 9), st.integers(1, 9))
def test_spare_instants_have_room_before_and_after(
    spans: list[Span], before: int, after: int
) -> None:
    roomy = [
        instant
        for instant in range(41)
        if covered(spans).isdisjoint(range(instant - before, instant + after))
    ]
    spare = Spans.of(spans).spare(range(41), before=before, after=after)

    assert list(spare) == roomy


def test_within_takes_the_start_of_a_span_and_leaves_its_end() -> None:
    assert within([1, 3, 5, 7], (3, 7)) == [3, 5]
