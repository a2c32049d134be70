from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from calendars.engine.hours import Hours, OpenTime, windows
from calendars.engine.slots import Host, Rules, candidates
from tests.calendars.engine.making import (
    BERLIN,
    DAY,
    HOUR,
    HOURLY,
    LORD_HOWE,
    MINUTE,
    MONDAY,
    NEW_YORK,
    TUESDAY,
    clock,
    open_on,
    times,
)


@pytest.mark.parametrize(
    ("duration", "interval", "open_times", "expected"),
    [
        # The grid restarts at each window.
        (60, 60, ((10, 12), (18, 20)), ["10:00", "11:00", "18:00", "19:00"]),
        (60, 60, ((9.5, 11), (14.25, 16.5)), ["09:30", "14:15", "15:15"]),
        # A slot may end with its window, not later.
        (45, 15, ((10, 11),), ["10:00", "10:15"]),
        (60, 30, ((10, 12),), ["10:00", "10:30", "11:00"]),
        (30, 60, ((10, 12),), ["10:00", "11:00"]),
        (90, 60, ((10, 11),), []),
        # Hours that touch are one window, so nothing stops at their seam.
        (60, 60, ((10, 11.5), (11.5, 13)), ["10:00", "11:00", "12:00"]),
        (60, 60, ((22, 24),), ["22:00", "23:00"]),
    ],
)
def test_candidates_stand_on_the_grid_of_their_window(
    duration: int, interval: int, open_times: tuple[tuple[float, float], ...], expected: list[str]
) -> None:
    rules = Rules(duration * MINUTE, interval * MINUTE, 0, 0)

    assert clock(candidates(open_on(*open_times), rules)) == expected
    assert times(Host(1, open_on(*open_times)), rules) == expected


@pytest.mark.parametrize(
    ("interval", "open_times", "expected"),
    [
        (60, ((9.5, 12),), ["10:00", "11:00"]),
        (30, ((9.25, 11),), ["09:30", "10:00"]),
        (60, ((10, 12),), ["10:00", "11:00"]),
        (45, ((9, 11),), ["09:00", "09:45"]),
        (60, ((9.5, 10.25),), []),
    ],
)
def test_a_grid_can_be_aligned_to_the_clock(
    interval: int, open_times: tuple[tuple[float, float], ...], expected: list[str]
) -> None:
    rules = Rules(HOUR, interval * MINUTE, 0, 0, aligned=True)

    assert times(Host(1, open_on(*open_times)), rules) == expected


def test_windows_that_meet_at_midnight_join_for_the_end_but_not_for_the_grid() -> None:
    late, early = OpenTime(22 * 60 + 30, 1440), OpenTime(0, 150)
    hours = Hours(BERLIN, {0: (late,), 1: (early,)}, {})

    both_days = candidates(windows(hours, MONDAY, TUESDAY), HOURLY)

    # 23:30 runs on into Tuesday; Tuesday's grid starts at its own midnight.
    assert clock(both_days) == ["22:30", "23:30", "00:00", "01:00"]
    assert clock(candidates(windows(hours, MONDAY, MONDAY), HOURLY)) == ["22:30", "23:30"]
    assert clock(candidates(windows(hours, TUESDAY, TUESDAY), HOURLY)) == ["00:00", "01:00"]


def test_a_day_that_ends_before_midnight_does_not_run_on() -> None:
    hours = Hours(BERLIN, {0: (OpenTime(1350, 1439),), 1: (OpenTime(0, 150),)}, {})

    assert clock(candidates(windows(hours, MONDAY, MONDAY), HOURLY)) == ["22:30"]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (LORD_HOWE, date(2026, 10, 4), 47),
        (LORD_HOWE, date(2026, 4, 5), 49),
    ],
)
def test_a_day_with_a_transition_has_as_many_slots_as_elapsed_time(
    zone: ZoneInfo, day: date, expected: int
) -> None:
    length = HOUR if zone is not LORD_HOWE else HOUR // 2
    rules = Rules(length, length, 0, 0)

    starts = candidates(open_on((0, 24), zone=zone, first=day), rules)

    assert len(starts) == expected
    assert {later - start for start, later in pairwise(starts)} == {length}


def test_slots_over_a_gap_are_read_by_the_new_clock() -> None:
    starts = candidates(open_on((1, 5), first=date(2026, 3, 29)), HOURLY)

    assert clock(starts) == ["01:00", "03:00", "04:00"]


def test_slots_over_an_overlap_show_an_hour_twice() -> None:
    starts = candidates(open_on((1, 4), first=date(2026, 10, 25)), HOURLY)

    assert clock(starts) == ["01:00", "02:00", "02:00", "03:00"]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0, HOUR, 0, 0), "lasts"),
        ((7 * DAY + 1, HOUR, 0, 0), "lasts"),
        ((HOUR, 0, 0, 0), "interval"),
        ((HOUR, HOUR, -1, 0), "Buffers"),
        ((HOUR, HOUR, 0, -1), "Buffers"),
    ],
)
def test_rules_are_checked(numbers: tuple[int, int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rules(*numbers)
