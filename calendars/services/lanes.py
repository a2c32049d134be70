"""Side by side: where events that share time stand in a column."""

from collections.abc import Sequence

Span = tuple[int, int]
Lane = tuple[int, int]


def lanes(spans: Sequence[Span]) -> list[Lane]:
    """For each half-open span its lane, counted from one, and how many lanes stand side by side.

    Spans in one lane never overlap. Spans that overlap, directly or through others, share the
    number of lanes.
    """
    placed: list[Lane] = [(1, 1)] * len(spans)
    cluster: dict[int, int] = {}
    ends: list[int] = []  # of each lane of the cluster
    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        start, end = spans[index]
        if ends and start >= max(ends):
            _close(cluster, len(ends), placed)
            cluster, ends = {}, []
        lane = next((lane for lane, free in enumerate(ends) if free <= start), len(ends))
        ends[lane : lane + 1] = [end]
        cluster[index] = lane + 1
    _close(cluster, len(ends), placed)
    return placed


def _close(cluster: dict[int, int], number: int, placed: list[Lane]) -> None:
    for index, lane in cluster.items():
        placed[index] = (lane, number)
