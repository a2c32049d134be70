from dataclasses import replace

import pytest

from calendars.engine.choice import Candidate, Mode, Priority, ahead, choose

ANA = Candidate(
    host=7, priority=Priority.MEDIUM, nearby=2, last_assigned=1_000, order=0, joins=False
)
BEN = replace(ANA, host=3, order=1)


@pytest.mark.parametrize(
    ("ana", "ben", "chosen"),
    [
        (ANA, BEN, (7, "first in the host order")),
        (ANA, replace(BEN, order=-1), (3, "first in the host order")),
        (ANA, replace(BEN, last_assigned=999), (3, "least recently assigned")),
        (ANA, replace(BEN, last_assigned=None), (3, "least recently assigned")),
        (
            replace(ANA, last_assigned=None),
            replace(BEN, nearby=1),
            (3, "fewest appointments within 24 hours"),
        ),
        (
            replace(ANA, nearby=0, last_assigned=None),
            replace(BEN, priority=Priority.HIGH),
            (3, "highest priority"),
        ),
        (
            replace(ANA, priority=Priority.HIGH, nearby=0),
            replace(BEN, priority=Priority.LOW, joins=True),
            (3, "has seats left at this time"),
        ),
    ],
)
def test_each_rule_counts_before_the_next(
    ana: Candidate, ben: Candidate, chosen: tuple[int, str]
) -> None:
    assert choose([ana, ben]) == chosen
    assert choose([ben, ana]) == chosen


def test_a_later_rule_decides_among_those_the_earlier_ones_leave() -> None:
    cleo = replace(ANA, host=9, priority=Priority.LOW, nearby=0, last_assigned=None)

    assert choose([cleo, ANA, replace(BEN, nearby=1)]) == (3, "fewest appointments within 24 hours")


def test_a_single_host_needs_no_rule() -> None:
    assert choose([BEN]) == (3, "the only free host")


def test_hosts_who_share_a_place_are_taken_as_they_come() -> None:
    twin = replace(ANA, host=8)

    assert choose([twin, ANA]) == (8, "first in the host order")


def test_nobody_cannot_be_chosen() -> None:
    with pytest.raises(ValueError, match="Nobody"):
        choose([])


@pytest.mark.parametrize(
    ("ana", "ben", "chosen"),
    [
        (ANA, BEN, (7, "first in the host order")),
        (ANA, replace(BEN, order=-1), (3, "first in the host order")),
        (replace(ANA, counted=1), BEN, (3, "fewest appointments in the month")),
        (replace(ANA, counted=2), replace(BEN, counted=3), (7, "fewest appointments in the month")),
        # Neither priority nor what is nearby nor who was last counts in this mode.
        (ANA, replace(BEN, priority=Priority.HIGH), (7, "first in the host order")),
        (ANA, replace(BEN, nearby=0, last_assigned=None), (7, "first in the host order")),
        (
            replace(ANA, counted=2, joins=True),
            BEN,
            (7, "has seats left at this time"),
        ),
    ],
)
def test_for_equal_distribution_the_lowest_count_of_the_month_wins(
    ana: Candidate, ben: Candidate, chosen: tuple[int, str]
) -> None:
    assert choose([ana, ben], Mode.EQUAL) == chosen
    assert choose([ben, ana], Mode.EQUAL) == chosen


@pytest.mark.parametrize(
    ("counted", "able", "hidden"),
    [
        ({7: 2, 3: 0}, {7, 3}, set()),
        ({7: 3, 3: 0}, {7, 3}, {7}),
        ({7: 4, 3: 0}, {7, 3}, {7}),
        # Until the others catch up.
        ({7: 3, 3: 1}, {7, 3}, set()),
        ({7: 4, 3: 1}, {7, 3}, {7}),
        ({7: 4, 3: 2}, {7, 3}, set()),
        # Ahead of the lowest, not of the next.
        ({7: 3, 3: 2, 9: 0}, {7, 3, 9}, {7}),
        ({7: 3, 3: 3, 9: 0}, {7, 3, 9}, {7, 3}),
        ({7: 5, 3: 4, 9: 3}, {7, 3, 9}, set()),
        # Whoever has no bookable time in the month hides nobody.
        ({7: 3, 3: 0}, {7}, set()),
        ({7: 3, 3: 1, 9: 0}, {7, 3}, set()),
        ({7: 9}, {7}, set()),
        ({7: 9}, set(), set()),
        ({}, {7, 3}, set()),
    ],
)
def test_three_ahead_of_the_lowest_is_hidden(
    counted: dict[int, int], able: set[int], hidden: set[int]
) -> None:
    assert ahead(counted, able) == hidden
