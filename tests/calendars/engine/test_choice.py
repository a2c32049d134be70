from dataclasses import replace

import pytest

from calendars.engine.choice import Candidate, Priority, choose

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
