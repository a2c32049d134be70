from dataclasses import replace
from datetime import date

import pytest

from calendars.engine.slots import (
    Host,
    Kind,
    Reason,
    Rules,
    Slot,
    examine,
    explain,
    is_offered,
    offered,
)
from tests.calendars.engine.clock import at
from tests.calendars.engine.making import (
    ALWAYS,
    BERLIN,
    EVER,
    HOUR,
    HOURLY,
    clock,
    open_on,
    shared,
    span,
)

ANA = Host(7, open_on((10, 12)))
BEN = Host(3, open_on((10.5, 12.5)))


@pytest.mark.parametrize("kind", [Kind.ROUND_ROBIN, Kind.SERVICE])
def test_any_free_host_makes_a_slot_on_their_own_grid(kind: Kind) -> None:
    slots = offered(kind, HOURLY, [ANA, BEN], ALWAYS, EVER)

    assert slots == [
        Slot(*span("10:00", "11:00"), (7,)),
        Slot(*span("10:30", "11:30"), (3,)),
        Slot(*span("11:00", "12:00"), (7,)),
        Slot(*span("11:30", "12:30"), (3,)),
    ]


def test_free_hosts_are_listed_in_host_order() -> None:
    ben = replace(BEN, windows=open_on((11, 13)))

    slots = offered(Kind.ROUND_ROBIN, HOURLY, [ANA, ben], ALWAYS, span("11:00", "12:00"))

    assert slots == [Slot(*span("11:00", "12:00"), (7, 3))]


def test_windows_of_two_hosts_are_never_merged() -> None:
    ana = replace(ANA, windows=open_on((10, 10.5)))
    ben = replace(BEN, windows=open_on((10.5, 11)))

    assert offered(Kind.ROUND_ROBIN, HOURLY, [ana, ben], ALWAYS, EVER) == []


def test_a_stale_host_drops_out_alone() -> None:
    ben = replace(BEN, windows=ANA.windows, known_until=0)

    [first, _] = examine(Kind.ROUND_ROBIN, HOURLY, [ANA, ben], ALWAYS, EVER)

    assert (first.free, first.refused, first.reason) == ((7,), {3: Reason.STALE}, None)


def test_several_refusals_are_summed_up_as_round_robin() -> None:
    ana = replace(ANA, blocked=[span("10:00", "11:00")])

    verdict = explain(Kind.ROUND_ROBIN, HOURLY, [ana, BEN], ALWAYS, span("10:00", "11:00")[0])

    assert verdict.refused == {7: Reason.BLOCKED, 3: Reason.HOURS}
    assert verdict.reason is Reason.ROUNDROBIN


def test_a_collective_slot_needs_everybody() -> None:
    ben = replace(BEN, windows=open_on((10, 13)), conflicts=[span("10:30", "10:45")])

    slots = offered(Kind.COLLECTIVE, HOURLY, [ANA, ben], ALWAYS, EVER)
    [first, second] = examine(Kind.COLLECTIVE, HOURLY, [ANA, ben], ALWAYS, EVER)

    assert slots == [Slot(*span("11:00", "12:00"), (7, 3))]
    assert (first.free, first.refused, first.reason) == (
        (7,),
        {3: Reason.CONFLICT},
        Reason.COLLECTIVE,
    )
    assert (second.free, second.reason) == ((7, 3), None)


def test_a_collective_grid_starts_where_everybody_is_open() -> None:
    assert offered(Kind.COLLECTIVE, HOURLY, [ANA, BEN], ALWAYS, EVER) == [
        Slot(*span("10:30", "11:30"), (7, 3))
    ]


def test_collective_hosts_without_common_hours_have_no_slots() -> None:
    ben = replace(BEN, windows=open_on((12, 14)))

    assert offered(Kind.COLLECTIVE, HOURLY, [ANA, ben], ALWAYS, EVER) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_without_hosts_there_are_no_slots(kind: Kind) -> None:
    assert offered(kind, HOURLY, [], ALWAYS, EVER) == []
    assert examine(kind, HOURLY, [], ALWAYS, EVER) == []


def test_a_host_with_seats_left_counts_as_free_beside_the_others() -> None:
    ana = replace(ANA, shared=[shared("10:00", "11:00", seats_left=1)])
    ben = replace(BEN, windows=ANA.windows)

    slots = offered(Kind.ROUND_ROBIN, HOURLY, [ana, ben], ALWAYS, span("10:00", "11:00"))

    assert slots == [Slot(*span("10:00", "11:00"), (7, 3))]


@pytest.mark.parametrize(
    ("start", "offered_there"),
    [("10:00", True), ("11:00", True), ("10:30", False), ("09:00", False), ("12:00", False)],
)
def test_the_submit_accepts_the_slots_of_the_page(
    start: str,
    offered_there: bool,  # noqa: FBT001
) -> None:
    instant = at(f"2026-03-02 {start}", BERLIN)

    slot = is_offered(Kind.ROUND_ROBIN, HOURLY, [ANA], ALWAYS, instant)

    assert slot == (Slot(instant, instant + HOUR, (7,)) if offered_there else None)


def test_a_shared_meeting_of_another_length_is_no_time_of_the_other_hosts() -> None:
    # Booked when meetings lasted half an hour: they last an hour now.
    ana = replace(ANA, shared=[shared("10:00", "10:30", seats_left=1)])
    ben = replace(BEN, windows=ANA.windows)
    asked = span("10:00", "10:01")

    slots = offered(Kind.ROUND_ROBIN, HOURLY, [ana, ben], ALWAYS, asked)
    verdicts = examine(Kind.ROUND_ROBIN, HOURLY, [ana, ben], ALWAYS, asked)

    assert slots == [
        Slot(*span("10:00", "10:30"), (7,)),
        Slot(*span("10:00", "11:00"), (3,)),
    ]
    assert [(one.free, one.refused) for one in verdicts] == [
        ((7,), {3: Reason.HOURS}),
        ((3,), {7: Reason.BOOKED}),
    ]


@pytest.mark.parametrize(
    ("day", "busy", "offered_at"),
    [
        # The clock skips from two to three: half past one and half past three are an hour apart.
        ("2026-03-29", ("01:00", "01:30"), ["03:30", "04:30"]),
        ("2026-03-29", ("00:00", "00:30"), ["01:30", "03:30", "04:30"]),
        # It shows two to three twice: from half past one to half past two it may take two hours.
        ("2026-10-25", ("01:00", "01:30"), ["02:30", "02:30", "03:30", "04:30"]),
    ],
)
def test_duration_and_buffers_are_elapsed_time_while_the_clock_changes(
    day: str, busy: tuple[str, str], offered_at: list[str]
) -> None:
    date_ = date.fromisoformat(day)
    host = Host(
        7,
        open_on((1.5, 5.5), first=date_),
        blocked=[(at(f"{day} {busy[0]}", BERLIN), at(f"{day} {busy[1]}", BERLIN))],
    )
    rules = Rules(HOUR, HOUR, HOUR, 0)

    slots = offered(Kind.ROUND_ROBIN, rules, [host], ALWAYS, EVER)

    assert clock([slot.start for slot in slots]) == offered_at
