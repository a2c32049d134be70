"""A month's bookings given out again: a Monday in Berlin, everybody open from eight to eighteen."""

from dataclasses import replace

import pytest

from calendars.engine.choice import Mode
from calendars.engine.simulation import Booking, Player, Terms, replay
from calendars.engine.spans import Span
from tests.calendars.engine.making import BERLIN, DAY, HOUR, span

ANA, BEN = 7, 3
ALL_DAY = span("08:00", "18:00")
AVAILABILITY = Terms(Mode.AVAILABILITY, BERLIN)
EQUAL = Terms(Mode.EQUAL, BERLIN)


def player(host: int, priority: int = 2, *, busy: tuple[Span, ...] = (), days: int = 1) -> Player:
    opened = [(ALL_DAY[0] + day * DAY, ALL_DAY[1] + day * DAY) for day in range(days)]
    return Player(host, priority, open=opened, busy=busy)


def booking(id_: int, start: str, end: str, *, made: int | None = None, day: int = 0) -> Booking:
    first, last = span(start, end)
    return Booking(id_, id_ if made is None else made, first + day * DAY, last + day * DAY)


HOURS = [booking(n, f"{9 + n:02}:00", f"{10 + n:02}:00") for n in range(6)]


def test_equal_distribution_gives_each_as_many() -> None:
    outcome = replay(HOURS, [player(ANA), player(BEN)], EQUAL)

    assert outcome.got == {0: ANA, 1: BEN, 2: ANA, 3: BEN, 4: ANA, 5: BEN}
    assert (outcome.counts(), outcome.lost) == ({ANA: 3, BEN: 3}, ())


def test_the_highest_priority_gets_all_it_is_free_for() -> None:
    away = player(BEN, priority=3, busy=(span("10:30", "12:00"),))

    outcome = replay(HOURS, [player(ANA), away], AVAILABILITY)

    assert outcome.got == {0: BEN, 1: ANA, 2: ANA, 3: BEN, 4: BEN, 5: BEN}


def test_the_order_of_booking_counts_not_that_of_the_times() -> None:
    made = [booking(n, f"{9 + n:02}:00", f"{10 + n:02}:00", made=9 - n) for n in range(2)]

    assert replay(made, [player(ANA), player(BEN)], EQUAL).got == {1: ANA, 0: BEN}


def test_nobody_gets_two_at_once_and_who_is_left_over_is_lost() -> None:
    same = [booking(n, "10:00", "11:00") for n in range(3)]

    outcome = replay(same, [player(ANA), player(BEN)], AVAILABILITY)

    assert outcome == ({0: ANA, 1: BEN}, (2,))


@pytest.mark.parametrize(("buffer", "lost"), [(0, ()), (HOUR // 2, (1,))])
def test_buffers_keep_their_distance(buffer: int, lost: tuple[int, ...]) -> None:
    two = [booking(0, "10:00", "11:00"), booking(1, "11:30", "12:30")]
    terms = replace(AVAILABILITY, buffer_before=buffer, buffer_after=buffer)

    assert replay(two, [player(ANA)], terms).lost == lost


def test_seats_are_filled_first() -> None:
    same = [booking(n, "10:00", "11:00") for n in range(5)]

    outcome = replay(same, [player(ANA), player(BEN)], replace(EQUAL, seats=2))

    assert outcome == ({0: ANA, 1: ANA, 2: BEN, 3: BEN}, (4,))


def test_what_lies_outside_of_hours_is_lost() -> None:
    early, late = booking(0, "07:30", "08:30"), booking(1, "17:30", "18:30")

    assert replay([early, late], [player(ANA)], AVAILABILITY).lost == (0, 1)


def test_hours_that_meet_are_one() -> None:
    halves = Player(ANA, 2, open=[span("08:00", "12:00"), span("12:00", "14:00")], busy=[])

    assert replay([booking(0, "11:30", "12:30")], [halves], AVAILABILITY).got == {0: ANA}


def test_a_limit_holds_for_a_host_and_day() -> None:
    bookings = [*HOURS[:3], booking(6, "09:00", "10:00", day=1)]

    outcome = replay(bookings, [player(ANA, days=2)], replace(AVAILABILITY, limit=2))

    assert outcome == ({0: ANA, 1: ANA, 6: ANA}, (2,))


def test_appointments_elsewhere_count_as_nearby() -> None:
    ana = replace(player(ANA), appointments=[span("08:00", "08:30")[0]])

    assert replay(HOURS[:1], [ana, player(BEN)], AVAILABILITY).got == {0: BEN}


def test_in_equal_distribution_who_is_three_ahead_waits_for_the_others() -> None:
    # Ben is free for the last one alone: until he has it, Ana gets three and no more.
    ben = player(BEN, busy=(span("08:00", "14:00"),))

    outcome = replay(HOURS, [player(ANA), ben], EQUAL)

    assert outcome == ({0: ANA, 1: ANA, 2: ANA, 5: BEN}, (3, 4))


def test_who_was_never_free_hides_nobody() -> None:
    ben = player(BEN, busy=(ALL_DAY,))

    assert replay(HOURS, [player(ANA), ben], EQUAL).counts() == {ANA: 6}


def test_without_a_team_everything_is_lost() -> None:
    assert replay(HOURS[:2], [], EQUAL) == ({}, (0, 1))
