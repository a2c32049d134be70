from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from calendars.engine.looking_busy import LookBusy, hidden
from tests.calendars.engine.clock import at
from tests.calendars.engine.making import BERLIN, HOUR, NEW_YORK

HALF = LookBusy(percent=50, key=b"secret", zone=BERLIN)
MORNING = [at(f"2026-03-02 {hour:02}:00", BERLIN) for hour in range(8, 16)]
TWO_DAYS = [at(f"2026-03-0{day} 20:00", BERLIN) + n * HOUR for day in (2, 3) for n in range(4)]


@pytest.mark.parametrize(
    ("percent", "free", "unseen"),
    [(50, 8, 4), (30, 8, 2), (90, 8, 7), (12, 8, 0), (13, 8, 1), (90, 1, 0), (50, 0, 0)],
)
def test_the_share_of_a_date_is_rounded_down(percent: int, free: int, unseen: int) -> None:
    found = hidden(MORNING[:free], replace(HALF, percent=percent))

    assert len(found) == unseen
    assert found <= set(MORNING)


def test_each_date_of_the_calendars_zone_has_its_share() -> None:
    found = hidden(TWO_DAYS, HALF)
    abroad = hidden(TWO_DAYS, replace(HALF, zone=NEW_YORK))

    assert Counter(datetime.fromtimestamp(start, BERLIN).day for start in found) == {2: 2, 3: 2}
    assert Counter(datetime.fromtimestamp(start, NEW_YORK).day for start in abroad) == {2: 2, 3: 2}


def test_the_same_are_hidden_whatever_else_is_looked_at() -> None:
    together = hidden([*reversed(TWO_DAYS), *TWO_DAYS], HALF)

    assert together == hidden(TWO_DAYS[:4], HALF) | hidden(TWO_DAYS[4:], HALF)


def test_with_another_key_others_are_hidden() -> None:
    keys = [f"secret {bookings}".encode() for bookings in range(20)]

    assert len({hidden(MORNING, replace(HALF, key=key)) for key in keys}) > 10


def test_over_many_dates_no_hour_is_hidden_more_than_the_others() -> None:
    days = [
        at(f"2026-{month:02}-{day:02} 08:00", BERLIN) for month in (1, 3) for day in range(1, 29)
    ]
    hours = Counter[int]()
    for midnight in days:
        starts = [midnight + n * HOUR for n in range(8)]
        hours.update((start - midnight) // HOUR for start in hidden(starts, HALF))

    assert sum(hours.values()) == 4 * len(days)
    assert min(hours.values()) > len(days) // 4
