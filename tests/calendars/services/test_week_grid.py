from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.services.week_grid import Day, Entry, Tone, first_day, lay_out

BERLIN = ZoneInfo("Europe/Berlin")
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)


def local(text: str, zone: ZoneInfo = BERLIN, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def entry(start: str, end: str, *, folds: tuple[int, int] = (0, 0)) -> Entry:
    return Entry(local(start, fold=folds[0]), local(end, fold=folds[1]), "Event", Tone.BUSY)


def grid(entries: list[Entry], first: date, now: datetime = BEFORE) -> tuple[Day, ...]:
    return lay_out(entries, first=first, zone=BERLIN, now=now)


def places(days: tuple[Day, ...]) -> list[tuple[int, int, int, str]]:
    """Where there is something: day of the week, first quarter, length, and its words."""
    return [
        (number, placed.top, placed.span, placed.when)
        for number, day in enumerate(days)
        for placed in day.timed
    ]


@pytest.mark.parametrize(
    ("asked", "monday"),
    [
        ("2026-W10", date(2026, 3, 2)),
        ("2026-03-08", date(2026, 3, 2)),
        ("2026-W53", date(2026, 12, 28)),
        ("", date(2026, 2, 23)),
        ("2026-W60", date(2026, 2, 23)),
        ("nonsense\0", date(2026, 2, 23)),
        ("9999-12-31", date(2026, 2, 23)),
        ("0001-01-01", date(2026, 2, 23)),
    ],
)
def test_a_week_is_asked_by_its_number_or_one_of_its_dates(asked: str, monday: date) -> None:
    assert first_day(asked, today=date(2026, 3, 1)) == monday


def test_an_event_stands_at_its_hour_on_its_day() -> None:
    days = grid([entry("2026-03-04 09:00", "2026-03-04 10:30")], date(2026, 3, 2))

    assert [day.date.day for day in days] == [2, 3, 4, 5, 6, 7, 8]
    assert places(days) == [(2, 36, 6, "09:00–10:30")]


def test_times_between_quarters_are_widened_to_whole_quarters() -> None:
    days = grid([entry("2026-03-04 09:10", "2026-03-04 09:20")], date(2026, 3, 2))

    assert places(days) == [(2, 36, 2, "09:10–09:20")]


def test_an_event_past_midnight_stands_on_both_days() -> None:
    days = grid([entry("2026-03-04 22:00", "2026-03-05 02:00")], date(2026, 3, 2))

    when = "Wed 22:00 – Thu 02:00"
    assert places(days) == [(2, 88, 8, when), (3, 0, 8, when)]


def test_an_event_that_ends_at_midnight_stays_on_its_day() -> None:
    days = grid([entry("2026-03-04 22:00", "2026-03-05 00:00")], date(2026, 3, 2))

    assert places(days) == [(2, 88, 8, "Wed 22:00 – Thu 00:00")]


def test_what_covers_a_whole_day_stands_in_the_row_of_all_day_events() -> None:
    trip = entry("2026-03-03 18:00", "2026-03-05 09:00")

    days = grid([trip], date(2026, 3, 2))

    assert [day.date.day for day in days if day.all_day == (trip,)] == [4]
    assert [(number, top, span) for number, top, span, _ in places(days)] == [
        (1, 72, 24),
        (3, 0, 36),
    ]


def test_all_day_events_follow_their_dates_not_the_readers_clock() -> None:
    holiday = Entry(
        datetime(2026, 3, 3, 10, tzinfo=UTC),  # midnight in Auckland, but for its summer time
        datetime(2026, 3, 5, 10, tzinfo=UTC),
        "Holiday",
        Tone.BUSY,
        dates=(date(2026, 3, 4), date(2026, 3, 5)),
    )

    days = grid([holiday], date(2026, 3, 2))

    assert [day.date.day for day in days if day.all_day] == [4, 5]
    assert places(days) == []


def test_on_the_day_clocks_go_forward_events_stand_where_the_clock_says() -> None:
    # 29 March 2026: 02:00 becomes 03:00.
    days = grid(
        [
            entry("2026-03-29 01:30", "2026-03-29 03:30"),
            entry("2026-03-29 23:00", "2026-03-30 00:00"),
        ],
        date(2026, 3, 23),
    )

    assert [(number, top, span) for number, top, span, _ in places(days)] == [
        (6, 6, 8),
        (6, 92, 4),
    ]


def test_on_the_day_clocks_go_back_events_of_both_passes_stand_side_by_side() -> None:
    # 25 October 2026: 03:00 becomes 02:00 again.
    first = entry("2026-10-25 02:00", "2026-10-25 02:30")
    second = entry("2026-10-25 02:00", "2026-10-25 02:30", folds=(1, 1))
    across = entry("2026-10-25 02:45", "2026-10-25 02:15", folds=(0, 1))

    days = grid([first, second, across], date(2026, 10, 19))

    assert [(p.entry, p.top, p.span, p.lane, p.lanes) for p in days[6].timed] == [
        (first, 8, 2, 1, 2),
        (across, 11, 1, 1, 1),
        (second, 8, 2, 2, 2),
    ]


def test_the_week_in_which_clocks_change_has_seven_days() -> None:
    midday = [entry(f"2026-10-{day} 12:00", f"2026-10-{day} 13:00") for day in range(19, 26)]

    days = grid(midday, date(2026, 10, 19))

    assert [(number, top) for number, top, _, _ in places(days)] == [(n, 48) for n in range(7)]


def test_the_present_is_marked_on_its_day_only() -> None:
    days = grid([], date(2026, 3, 2), now=local("2026-03-04 09:20"))

    assert [day.now for day in days] == [None, None, 37, None, None, None, None]


def test_more_events_at_once_than_lanes_share_the_last_one() -> None:
    same = [entry("2026-03-04 09:00", "2026-03-04 10:00") for _ in range(6)]

    days = grid(same, date(2026, 3, 2))

    assert [(p.lane, p.lanes) for p in days[2].timed] == [
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
        (4, 4),
        (4, 4),
    ]


def test_events_outside_the_week_are_left_out() -> None:
    around = [
        entry("2026-03-01 22:00", "2026-03-02 00:00"),
        entry("2026-03-09 00:00", "2026-03-09 01:00"),
    ]

    days = grid(around, date(2026, 3, 2))

    assert places(days) == []
    assert not any(day.all_day for day in days)
    assert days[6].date - days[0].date == timedelta(days=6)
