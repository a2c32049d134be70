"""The sweep: one day in a host's life, again for every request of it and every kind of fault.

The day is played once without faults, to count its requests. Then it is played once for each of
them and each kind of fault, which strikes that very request; what fails in between fails. When
the faults are over and hours have passed, the oracle must hold, every time.

`make sweep` plays every case. Among the tests each kind strikes every fourth request, beginning
with another one for each kind.
"""

import os

import pytest
from django.db import transaction

from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer, Misdeed
from tests.faults.kinds import KINDS
from tests.faults.play import Play

STEP = 1 if os.environ.get("SWEEP") == "all" else 4


def live(play: Play) -> None:
    """A day: events of others come, change and go; guests book; iCloud keeps house."""
    kept = play.they_put("kept", 9)
    edited = play.they_put("edited", 11, to=play.home)
    gone = play.they_put("gone", 13, to=play.home)
    play.sync()
    play.book(10)
    play.deliver()
    play.they_put("edited", 12, to=play.home)
    play.they_delete(gone)
    play.they_put("new", 15)
    play.icloud.drift(kept)
    play.sync()
    first = play.book(16)
    play.deliver()
    play.rename_and_want(first, "Longer call")
    play.deliver()
    play.sync()
    assert play.icloud.has(edited)


def check(play: Play) -> None:
    play.settle()
    play.sync()
    play.check()
    play.check_blocked()
    assert [play.offered(hour) for hour in (9, 10, 12, 15, 16)] == [False] * 5


@pytest.fixture
def day(tenant: Tenant, icloud: ICloudServer, caplog: pytest.LogCaptureFixture) -> "Day":
    return Day(tenant, icloud, caplog)


class Day:
    """Plays the day as often as one likes, each time as if for the first time."""

    def __init__(
        self, tenant: Tenant, icloud: ICloudServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.tenant, self.icloud, self.caplog = tenant, icloud, caplog

    def play(self, misdeed: Misdeed | None = None, nth: int = 1) -> int:
        """Returns how many requests the day took before it was settled."""
        self.caplog.clear()
        start = transaction.savepoint()
        try:
            with Play.of(self.tenant, self.icloud) as play:
                if misdeed:
                    self.icloud.faults.add(misdeed, nth=nth)
                live(play)
                requests = len(self.icloud.requests)
                play.check_safety()
                check(play)
                play.check_logs(self.caplog.text)
            return requests
        finally:
            self.icloud.relent()
            transaction.savepoint_rollback(start)


def test_the_day_without_faults(day: Day) -> None:
    assert day.play() == 15


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_at_whichever_request_the_oracle_holds(day: Day, kind: str) -> None:
    requests = day.play()
    failed = []

    struck = range(1 + list(KINDS).index(kind) % STEP, requests + 1, STEP)
    for nth in struck:
        try:
            day.play(KINDS[kind], nth)
        except AssertionError as broken:
            failed.append(f"{kind} at request {nth}: {broken}")

    print(f"{kind}: {len(struck)} cases of {requests}")
    assert failed == []
