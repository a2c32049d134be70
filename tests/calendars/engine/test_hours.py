from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from calendars.engine.hours import (
    Hours,
    OpenTime,
    Window,
    common_windows,
    instant,
    windows,
    windows_around,
)
from tests.calendars.engine.clock import at, reads

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CAIRO = ZoneInfo("Africa/Cairo")
NUUK = ZoneInfo("America/Nuuk")

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
WEDNESDAY = date(2026, 3, 4)


def open_from(*times: tuple[int, int]) -> tuple[OpenTime, ...]:
    return tuple(OpenTime(int(opens * 60), int(closes * 60)) for opens, closes in times)


def every_day(zone: ZoneInfo, *times: tuple[float, float]) -> Hours:
    hours = tuple(OpenTime(int(opens * 60), int(closes * 60)) for opens, closes in times)
    return Hours(zone, dict.fromkeys(range(7), hours), {})


def spans(found: list[Window], zone: ZoneInfo) -> list[list[str]]:
    return [reads((window.start, window.end), zone) for window in found]


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (700, 600), (-1, 60), (0, 1441)])
def test_hours_open_before_they_close_within_one_day(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="open before they close"):
        OpenTime(opens, closes)


def test_weekly_hours_hold_on_their_weekday_only() -> None:
    hours = Hours(BERLIN, {0: open_from((9, 12), (14, 17)), 2: open_from((8, 9))}, {})

    found = windows(hours, MONDAY, WEDNESDAY)

    assert spans(found, BERLIN) == [
        ["03-02 09:00", "03-02 12:00"],
        ["03-02 14:00", "03-02 17:00"],
        ["03-04 08:00", "03-04 09:00"],
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({MONDAY: open_from((20, 22))}, [["03-02 20:00", "03-02 22:00"]]),
        ({MONDAY: ()}, []),
        ({TUESDAY: ()}, [["03-02 09:00", "03-02 12:00"]]),
        (
            {TUESDAY: open_from((7, 8))},
            [["03-02 09:00", "03-02 12:00"], ["03-03 07:00", "03-03 08:00"]],
        ),
    ],
)
def test_a_date_replaces_the_weekly_hours_of_that_day(
    dates: Mapping[date, tuple[OpenTime, ...]], expected: list[list[str]]
) -> None:
    hours = Hours(BERLIN, {0: open_from((9, 12))}, dates)

    assert spans(windows(hours, MONDAY, TUESDAY), BERLIN) == expected


def test_dates_alone_are_enough() -> None:
    hours = Hours(BERLIN, {}, {TUESDAY: open_from((9, 10))})

    found = windows(hours, MONDAY, date(2026, 12, 31))

    assert spans(found, BERLIN) == [["03-03 09:00", "03-03 10:00"]]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (((9, 12), (12, 13)), [["03-02 09:00", "03-02 13:00"]]),
        (((10, 13), (9, 12)), [["03-02 09:00", "03-02 13:00"]]),
        (((9, 17), (10, 11)), [["03-02 09:00", "03-02 17:00"]]),
        (((9, 10), (11, 12)), [["03-02 09:00", "03-02 10:00"], ["03-02 11:00", "03-02 12:00"]]),
    ],
)
def test_windows_of_one_day_that_touch_or_overlap_are_one(
    times: tuple[tuple[int, int], ...], expected: list[list[str]]
) -> None:
    assert spans(windows(every_day(BERLIN, *times), MONDAY, MONDAY), BERLIN) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours_open"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (LORD_HOWE, date(2026, 10, 4), 23.5),
        (LORD_HOWE, date(2026, 4, 5), 24.5),
        (CAIRO, date(2026, 4, 24), 23),
        (BERLIN, date(2026, 3, 30), 24),
    ],
)
def test_a_window_over_a_transition_is_as_long_as_the_day(
    zone: ZoneInfo, day: date, hours_open: float
) -> None:
    [window] = windows(every_day(zone, (0, 24)), day, day)

    assert (window.end - window.start) / 3600 == hours_open


@pytest.mark.parametrize(
    ("zone", "day", "times", "expected"),
    [
        # The clock goes from 02:00 to 03:00.
        (BERLIN, date(2026, 3, 29), (2.5, 5), ["03-29 03:30", "03-29 05:00"]),
        (BERLIN, date(2026, 3, 29), (1, 2.5), ["03-29 01:00", "03-29 03:30"]),
        (BERLIN, date(2026, 3, 29), (2, 2.5), ["03-29 03:00", "03-29 03:30"]),
        (NEW_YORK, date(2026, 3, 8), (2.25, 4), ["03-08 03:15", "03-08 04:00"]),
        # The clock goes from 02:00 to 02:30, half an hour only.
        (LORD_HOWE, date(2026, 10, 4), (2.25, 4), ["10-04 02:45", "10-04 04:00"]),
        # The clock goes from 00:00 to 01:00.
        (CAIRO, date(2026, 4, 24), (0, 3), ["04-24 01:00", "04-24 03:00"]),
        (CAIRO, date(2026, 4, 24), (0.5, 3), ["04-24 01:30", "04-24 03:00"]),
    ],
)
def test_a_time_in_a_gap_moves_forward_by_the_gap(
    zone: ZoneInfo, day: date, times: tuple[float, float], expected: list[str]
) -> None:
    assert spans(windows(every_day(zone, times), day, day), zone) == [expected]


def test_a_window_that_a_gap_swallows_does_not_open() -> None:
    # 02:30 moves to 03:30, after the window has closed.
    hours = every_day(BERLIN, (2.5, 3.25))

    assert windows(hours, date(2026, 3, 29), date(2026, 3, 29)) == []


def test_windows_that_a_gap_pushes_together_are_one() -> None:
    hours = every_day(BERLIN, (1, 2.5), (3, 4))

    found = windows(hours, date(2026, 3, 29), date(2026, 3, 29))

    assert spans(found, BERLIN) == [["03-29 01:00", "03-29 04:00"]]


def test_windows_that_meet_inside_a_gap_are_joined_by_the_clock() -> None:
    hours = every_day(BERLIN, (1, 2.5), (2.5, 3.25))

    found = windows(hours, date(2026, 3, 29), date(2026, 3, 29))

    assert spans(found, BERLIN) == [["03-29 01:00", "03-29 03:15"]]


def test_a_gap_at_the_end_of_a_day_moves_hours_into_the_next() -> None:
    # The clock goes from 23:00 on Saturday to 00:00 on Sunday.
    saturday, sunday = date(2026, 3, 28), date(2026, 3, 29)
    hours = Hours(NUUK, {}, {saturday: (*open_from((22, 23)), OpenTime(1395, 1425))})

    assert spans(windows(hours, saturday, saturday), NUUK) == [["03-28 22:00", "03-29 00:00"]]
    assert spans(windows(hours, sunday, sunday), NUUK) == [["03-29 00:15", "03-29 00:45"]]


@pytest.mark.parametrize(
    ("zone", "day", "times", "expected"),
    [
        (
            BERLIN,
            date(2026, 10, 25),
            (2.5, 4),
            ("2026-10-25 02:30+02:00", "2026-10-25 04:00+01:00"),
        ),
        (
            BERLIN,
            date(2026, 10, 25),
            (1, 2.5),
            ("2026-10-25 01:00+02:00", "2026-10-25 02:30+02:00"),
        ),
        (
            NEW_YORK,
            date(2026, 11, 1),
            (1, 2),
            ("2026-11-01 01:00-04:00", "2026-11-01 02:00-05:00"),
        ),
        (
            LORD_HOWE,
            date(2026, 4, 5),
            (1.75, 3),
            ("2026-04-05 01:45+11:00", "2026-04-05 03:00+10:30"),
        ),
    ],
)
def test_an_ambiguous_time_is_its_first_occurrence(
    zone: ZoneInfo, day: date, times: tuple[float, float], expected: tuple[str, str]
) -> None:
    [window] = windows(every_day(zone, times), day, day)

    assert (window.start, window.end) == (at(expected[0], zone), at(expected[1], zone))


def test_a_day_can_end_at_24_00() -> None:
    [window] = windows(every_day(BERLIN, (22, 24)), MONDAY, MONDAY)

    assert window.end == window.until == at("2026-03-03 00:00", BERLIN)


def test_windows_that_meet_at_midnight_last_until_the_later_one_ends() -> None:
    hours = Hours(BERLIN, {0: open_from((22, 24)), 1: open_from((0, 3), (5, 6))}, {})

    found = windows(hours, MONDAY, MONDAY)

    assert found == [
        Window(
            at("2026-03-02 22:00", BERLIN),
            at("2026-03-03 00:00", BERLIN),
            at("2026-03-03 03:00", BERLIN),
            at("2026-03-02 00:00", BERLIN),
        )
    ]


def test_open_all_week_lasts_for_the_longest_meeting() -> None:
    hours = every_day(BERLIN, (0, 24))

    [window] = windows(hours, MONDAY, MONDAY)

    assert window.until >= window.end + 7 * 24 * 3600


def test_windows_around_a_span_are_those_of_its_local_days() -> None:
    hours = every_day(NEW_YORK, (9, 10))
    guests_day = (at("2026-03-02 00:00", BERLIN), at("2026-03-03 00:00", BERLIN))

    found = windows_around(hours, guests_day)

    assert spans(found, NEW_YORK) == [
        ["03-01 09:00", "03-01 10:00"],
        ["03-02 09:00", "03-02 10:00"],
    ]
    assert windows_around(hours, (guests_day[1], guests_day[0])) == []


def test_common_windows_are_open_for_everybody() -> None:
    ours = windows(every_day(BERLIN, (9, 12), (22, 24)), MONDAY, MONDAY)
    theirs = windows(every_day(NEW_YORK, (5, 8), (16, 20)), MONDAY, MONDAY)

    found = common_windows([ours, theirs])

    assert spans(found, BERLIN) == [["03-02 11:00", "03-02 12:00"], ["03-02 22:00", "03-03 00:00"]]
    assert {window.midnight for window in found} == {at("2026-03-02 00:00", BERLIN)}


def test_a_common_window_lasts_until_the_first_host_closes() -> None:
    ours = windows(every_day(BERLIN, (0, 6), (22, 24)), MONDAY, MONDAY)
    theirs = windows(every_day(BERLIN, (0, 2), (22, 24)), MONDAY, MONDAY)

    [*_, night] = common_windows([ours, theirs])

    assert night.until == at("2026-03-03 02:00", BERLIN)


def test_common_windows_of_nobody_are_an_error() -> None:
    with pytest.raises(ValueError, match="Nobody"):
        common_windows([])


def test_an_instant_is_found_by_the_wall_clock() -> None:
    assert instant(LORD_HOWE, date(2026, 7, 1), 1440) == at("2026-07-02 00:00", LORD_HOWE)
