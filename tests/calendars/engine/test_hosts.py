from dataclasses import replace

import pytest

from calendars.engine.notice import Bookable
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
from calendars.engine.spans import Span
from tests.calendars.engine.making import (
    ALWAYS,
    EVER,
    HOUR,
    HOURLY,
    MINUTE,
    open_on,
    reasons,
    shared,
    span,
    times,
)


@pytest.mark.parametrize(
    ("before", "after", "busy", "expected"),
    [
        (0, 0, ("11:00", "12:00"), ["10:00", "12:00", "13:00"]),
        (0, 0, ("11:59", "12:01"), ["10:00", "13:00"]),
        (0, 0, ("09:00", "10:00"), ["10:00", "11:00", "12:00", "13:00"]),
        (0, 0, ("11:30", "11:30"), ["10:00", "11:00", "12:00", "13:00"]),
        (15, 0, ("11:00", "12:00"), ["10:00", "13:00"]),
        (0, 15, ("11:00", "12:00"), ["12:00", "13:00"]),
        (15, 15, ("11:00", "12:00"), ["13:00"]),
        # A buffer may lie outside the working hours, and something there counts.
        (15, 0, ("09:00", "10:00"), ["11:00", "12:00", "13:00"]),
        (0, 30, ("14:30", "15:00"), ["10:00", "11:00", "12:00", "13:00"]),
        (0, 31, ("14:30", "15:00"), ["10:00", "11:00", "12:00"]),
    ],
)
@pytest.mark.parametrize("kind_of_time", ["blocked", "conflicts", "meetings"])
def test_a_slot_and_its_buffers_keep_clear_of_busy_time(
    kind_of_time: str, before: int, after: int, busy: tuple[str, str], expected: list[str]
) -> None:
    rules = Rules(HOUR, HOUR, before * MINUTE, after * MINUTE)
    host = Host(1, open_on((10, 14)))

    host = {
        "blocked": replace(host, blocked=[span(*busy)]),
        "conflicts": replace(host, conflicts=[span(*busy)]),
        "meetings": replace(host, meetings=[span(*busy)]),
    }[kind_of_time]

    assert times(host, rules) == expected


def test_buffers_of_two_meetings_add_up() -> None:
    # A meeting from 11:00 to 12:00 with 15 minutes after it, and 15 before the next:
    # the next can start at 12:30 and no earlier.
    rules = Rules(30 * MINUTE, 15 * MINUTE, 15 * MINUTE, 0)
    host = Host(1, open_on((11, 14)), meetings=[span("11:00", "12:15")])

    assert times(host, rules)[0] == "12:30"


def test_bookings_open_and_close_at_their_instants() -> None:
    host = Host(1, open_on((10, 14)))
    now, opens = span("10:30", "11:00")
    bookable = Bookable(now, opens, closes=span("13:00", "14:00")[0])

    assert times(host, bookable=bookable) == ["11:00", "12:00"]
    assert reasons(host, bookable=bookable) == {"10:00": Reason.PAST, "13:00": Reason.TOOFAR}


@pytest.mark.parametrize(
    ("known_until", "expected"),
    [
        (None, ["10:00", "11:00", "12:00"]),
        (span("13:15", "14:00")[0], ["10:00", "11:00", "12:00"]),
        (span("13:14", "14:00")[0], ["10:00", "11:00"]),
        (0, []),
    ],
)
def test_slots_beyond_what_is_known_of_a_hosts_calendars_are_not_offered(
    known_until: int | None, expected: list[str]
) -> None:
    rules = Rules(HOUR, HOUR, 0, 15 * MINUTE)
    host = Host(1, open_on((10, 13)), known_until=known_until)

    assert times(host, rules) == expected
    assert set(reasons(host, rules).values()) <= {Reason.STALE}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"blocked": [span("11:30", "11:45")]}, Reason.BLOCKED),
        ({"conflicts": [span("11:30", "11:45")]}, Reason.CONFLICT),
        ({"meetings": [span("11:30", "11:45")]}, Reason.BOOKED),
        ({"blocked": [span("10:50", "11:00")]}, Reason.BUFFER),
        ({"conflicts": [span("12:00", "12:10")]}, Reason.BUFFER),
        ({"full_days": [span("00:00", "23:59")]}, Reason.DAYLIMIT),
        ({"known_until": 0}, Reason.STALE),
        (
            {"conflicts": [span("11:30", "11:45")], "blocked": [span("11:00", "11:30")]},
            Reason.BLOCKED,
        ),
        ({"conflicts": [span("11:30", "11:45")], "known_until": 0}, Reason.CONFLICT),
        ({"windows": open_on((10.5, 13))}, Reason.HOURS),
        ({"windows": open_on((14, 15))}, Reason.HOURS),
        ({"windows": open_on((11, 11.75))}, Reason.DURATION),
    ],
)
def test_each_refusal_has_its_reason(change: dict[str, list[Span]], reason: Reason) -> None:
    rules = Rules(HOUR, HOUR, 15 * MINUTE, 15 * MINUTE)
    host = replace(Host(1, open_on((10, 13))), **change)  # type: ignore[arg-type]
    start, end = span("11:00", "12:00")

    verdict = explain(Kind.ROUND_ROBIN, rules, [host], ALWAYS, start)

    assert (verdict.start, verdict.end) == (start, end)
    assert (verdict.free, verdict.refused, verdict.reason) == ((), {1: reason}, reason)
    assert is_offered(Kind.ROUND_ROBIN, rules, [host], ALWAYS, start) is None


def test_notice_is_told_from_the_past() -> None:
    host = Host(1, open_on((10, 14)))
    bookable = Bookable(*span("10:30", "12:30"), closes=1 << 40)

    assert reasons(host, bookable=bookable) == {
        "10:00": Reason.PAST,
        "11:00": Reason.NOTICE,
        "12:00": Reason.NOTICE,
    }


def test_a_meeting_with_seats_left_is_offered_at_its_own_span() -> None:
    # Booked when meetings lasted 90 minutes and began off today's grid.
    host = Host(1, open_on((10, 14)), shared=[shared("10:45", "12:15", seats_left=1)])

    slots = offered(Kind.CLASS, HOURLY, [host], ALWAYS, EVER)

    assert slots == [
        Slot(*span("10:45", "12:15"), (1,)),
        Slot(*span("13:00", "14:00"), (1,)),
    ]


def test_a_full_meeting_is_not_offered() -> None:
    host = Host(1, open_on((10, 12)), shared=[shared("10:00", "11:00", seats_left=0)])

    assert times(host) == ["11:00"]
    assert reasons(host) == {"10:00": Reason.SLOTMAX}
    [full, _] = examine(Kind.CLASS, HOURLY, [host], ALWAYS, EVER)
    assert full.reason is Reason.NOSEATS


def test_a_meeting_with_seats_left_keeps_its_own_buffers() -> None:
    host = Host(
        1,
        open_on((10, 13)),
        conflicts=[span("12:00", "12:20")],
        shared=[shared("11:00", "12:00", seats_left=3, buffer=10 * MINUTE)],
    )

    assert times(host) == []
    assert reasons(host) == {
        "10:00": Reason.BOOKED,
        "11:00": Reason.BUFFER,
        "12:00": Reason.CONFLICT,
    }


def test_shared_meetings_of_one_day_are_joined_one_by_one() -> None:
    morning, noon = shared("10:00", "11:00", 1), shared("12:00", "13:00", 2)
    host = Host(1, open_on((10, 13)), shared=[morning, noon], blocked=[span("12:30", "12:40")])

    assert times(host) == ["10:00", "11:00"]
    assert reasons(host) == {"12:00": Reason.BLOCKED}


def test_a_shared_meeting_is_offered_only_where_it_was_asked_for() -> None:
    host = Host(1, (), shared=[shared("10:00", "11:00", 1), shared("12:00", "13:00", 1)])

    slots = offered(Kind.CLASS, HOURLY, [host], ALWAYS, span("10:00", "12:00"))

    assert slots == [Slot(*span("10:00", "11:00"), (1,))]


def test_a_full_day_still_fills_the_seats_of_its_meetings() -> None:
    host = Host(
        1,
        open_on((10, 13)),
        shared=[shared("11:00", "12:00", seats_left=3)],
        full_days=[span("00:00", "23:59")],
    )

    assert times(host) == ["11:00"]
    assert reasons(host) == {"10:00": Reason.DAYLIMIT, "12:00": Reason.DAYLIMIT}
