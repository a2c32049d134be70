from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.services.lanes import Span, lanes


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 4)], [(1, 1)]),
        ([(0, 4), (4, 8)], [(1, 1), (1, 1)]),
        ([(0, 4), (2, 6)], [(1, 2), (2, 2)]),
        ([(2, 6), (0, 4)], [(2, 2), (1, 2)]),
        ([(0, 4), (0, 4), (0, 4)], [(1, 3), (2, 3), (3, 3)]),
        ([(0, 8), (0, 2), (4, 8)], [(2, 2), (1, 2), (1, 2)]),
        ([(0, 4), (2, 6), (5, 8), (8, 9)], [(1, 2), (2, 2), (1, 2), (1, 1)]),
    ],
    ids=[
        "none",
        "one",
        "touching",
        "overlapping",
        "order of the list",
        "the same time",
        "a lane that is free again",
        "a chain, and what follows it",
    ],
)
def test_events_stand_side_by_side_only_where_they_share_time(
    spans: list[Span], expected: list[tuple[int, int]]
) -> None:
    assert lanes(spans) == expected


SPANS = st.lists(st.tuples(st.integers(0, 95), st.integers(1, 20)).map(lambda t: (t[0], sum(t))))


@given(SPANS)
def test_no_two_events_in_one_lane_share_time(spans: list[Span]) -> None:
    placed = lanes(spans)

    for one, other in combinations(range(len(spans)), 2):
        (start, end), (other_start, other_end) = spans[one], spans[other]
        if start < other_end and other_start < end:
            assert placed[one][0] != placed[other][0]
            assert placed[one][1] == placed[other][1]


@given(SPANS)
def test_no_more_lanes_are_used_than_events_share_a_moment(spans: list[Span]) -> None:
    busiest = max((sum(s <= at < e for s, e in spans) for at, _ in spans), default=0)

    placed = lanes(spans)

    assert max((number for _, number in placed), default=0) == busiest
    assert all(1 <= lane <= number for lane, number in placed)
