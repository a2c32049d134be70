"""One reason for each candidate that is not offered: ten o'clock on a Monday, for an hour."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from calendars.engine.notice import Bookable
from calendars.engine.slots import Host, Kind, Reason, Rules, explain
from tests.calendars.engine.making import ALWAYS, HOUR, HOURLY, open_on, shared, span

TEN, ELEVEN = span("10:00", "11:00")
ANA = Host(7, open_on((8, 18)))
BEN = replace(ANA, id=3)
BUFFERED = replace(HOURLY, buffer_after=HOUR // 2)
THERE = [(TEN, ELEVEN)]
CLOSED = replace(BEN, windows=())
FULL = replace(ANA, shared=[shared("10:00", "11:00", seats_left=0)])

REFUSED = [
    (Reason.PAST, Kind.SERVICE, HOURLY, [ANA, BEN], replace(ALWAYS, now=TEN + 1)),
    (Reason.NOTICE, Kind.ROUND_ROBIN, HOURLY, [ANA, BEN], replace(ALWAYS, opens=TEN + 1)),
    (Reason.TOOFAR, Kind.COLLECTIVE, HOURLY, [ANA, BEN], replace(ALWAYS, closes=TEN)),
    (Reason.HOURS, Kind.SIMPLE, HOURLY, [replace(ANA, windows=open_on((11, 18)))], ALWAYS),
    (Reason.DURATION, Kind.CLASS, HOURLY, [replace(ANA, windows=open_on((8, 10.5)))], ALWAYS),
    (Reason.BLOCKED, Kind.SERVICE, HOURLY, [replace(ANA, blocked=THERE)], ALWAYS),
    (Reason.CONFLICT, Kind.CLASS, HOURLY, [replace(ANA, conflicts=THERE)], ALWAYS),
    (Reason.BOOKED, Kind.ROUND_ROBIN, HOURLY, [replace(ANA, meetings=THERE)], ALWAYS),
    (
        Reason.BUFFER,
        Kind.ROUND_ROBIN,
        BUFFERED,
        [replace(ANA, meetings=[span("11:00", "12:00")])],
        ALWAYS,
    ),
    (
        Reason.DAYLIMIT,
        Kind.COLLECTIVE,
        HOURLY,
        [replace(each, full_days=[span("00:00", "23:59")]) for each in (ANA, BEN)],
        ALWAYS,
    ),
    (Reason.SLOTMAX, Kind.ROUND_ROBIN, HOURLY, [FULL], ALWAYS),
    (Reason.SLOTMAX, Kind.SIMPLE, HOURLY, [FULL], ALWAYS),
    (Reason.NOSEATS, Kind.CLASS, HOURLY, [FULL], ALWAYS),
    (Reason.USER, Kind.CLASS, HOURLY, [replace(ANA, blocked=THERE), CLOSED], ALWAYS),
    (Reason.COLLECTIVE, Kind.COLLECTIVE, HOURLY, [ANA, replace(BEN, blocked=THERE)], ALWAYS),
    (Reason.ROUNDROBIN, Kind.ROUND_ROBIN, HOURLY, [replace(ANA, blocked=THERE), CLOSED], ALWAYS),
    (
        Reason.ROUNDROBIN,
        Kind.SERVICE,
        HOURLY,
        [replace(ANA, hidden=[span("00:00", "23:59")]), replace(BEN, conflicts=THERE)],
        ALWAYS,
    ),
    (Reason.STALE, Kind.ROUND_ROBIN, HOURLY, [replace(ANA, known_until=0)], ALWAYS),
]


@pytest.mark.parametrize(
    ("reason", "kind", "rules", "hosts", "bookable"),
    REFUSED,
    ids=[f"{reason} {kind}" for reason, kind, *_ in REFUSED],
)
def test_a_candidate_that_is_not_offered_has_its_reason(
    reason: Reason, kind: Kind, rules: Rules, hosts: Sequence[Host], bookable: Bookable
) -> None:
    verdict = explain(kind, rules, hosts, bookable, TEN)

    assert (verdict.start, verdict.end, verdict.reason) == (TEN, ELEVEN, reason)


def test_every_reason_is_one_of_the_table_or_hidden_to_look_busy() -> None:
    assert {reason for reason, *_ in REFUSED} == set(Reason) - {Reason.LOOKBUSY}


def test_each_host_says_what_stands_in_their_way() -> None:
    hosts = [replace(ANA, blocked=THERE), BEN, replace(CLOSED, id=5)]

    verdict = explain(Kind.COLLECTIVE, HOURLY, hosts[:2], ALWAYS, TEN)

    assert (verdict.free, verdict.refused) == ((3,), {7: Reason.BLOCKED})
    verdict = explain(Kind.ROUND_ROBIN, HOURLY, hosts[::2], ALWAYS, TEN)
    assert (verdict.free, verdict.refused) == ((), {7: Reason.BLOCKED, 5: Reason.HOURS})
