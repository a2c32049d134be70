"""What staff read of a meeting in one line, and how many seats guests are still offered."""

import pytest

from calendars.services.availability import load
from calendars.services.seats import in_short, is_shared
from tests.calendars.kinds import make_class, make_pair, make_simple, seat
from tests.calendars.scenes import MONDAY_NINE, NOW
from tests.conftest import Tenant


def test_a_shared_meeting_says_how_many_come_of_how_many(tenant: Tenant, frozen: None) -> None:
    meeting = seat(make_class(tenant, seats=10), "Ann").meeting

    assert [in_short(meeting, coming) for coming in (1, 7, 10, 11)] == [
        *("Yoga (1/10)", "Yoga (7/10)", "Yoga (10/10)", "Yoga (11/10)")
    ]


@pytest.mark.parametrize(("seats", "coming", "shared"), [(1, 1, False), (1, 2, True), (2, 1, True)])
def test_a_meeting_of_one_is_none_unless_staff_booked_one_more(
    tenant: Tenant,
    frozen: None,
    seats: int,
    coming: int,
    shared: bool,  # noqa: FBT001
) -> None:
    meeting = seat(make_class(tenant, seats=seats), "Ann").meeting

    assert is_shared(meeting, coming) == shared


@pytest.mark.parametrize(
    ("kind", "seats", "left"),
    [
        # Before anybody comes, and after each of those who do; then it is gone.
        ("class", 1, [1, 0]),
        ("class", 3, [3, 2, 1, 0]),
        ("simple", 1, [1, 0]),
        ("simple", 2, [2, 1, 0]),
        # Of two hosts, each with as many.
        ("round_robin", 1, [2, 1, 0]),
        ("round_robin", 2, [4, 3, 2, 1, 0]),
        ("service", 2, [4, 3, 2, 1, 0]),
    ],
)
def test_seats_are_offered_until_none_is_left(
    tenant: Tenant, frozen: None, kind: str, seats: int, left: list[int]
) -> None:
    if kind == "class":
        calendar = make_class(tenant, seats=seats)
    elif kind == "simple":
        calendar = make_simple(tenant, seats=seats)
    else:
        calendar = make_pair(tenant, seats=seats, kind=kind)
    start = int(MONDAY_NINE.timestamp())

    found = []
    for number in range(len(left)):
        offer = load(calendar, asked=(start, start + 1), now=NOW)
        found.append(sum(offer.seats_left(slot) for slot in offer.slots()))
        if number < len(left) - 1:
            seat(calendar, f"Guest{number}")

    assert found == left
