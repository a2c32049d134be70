"""Faults 8–10: answers that are late, wrong, empty or half, while reading."""

from datetime import timedelta
from time import monotonic

import pytest

from calendars.models import BlockedSlot
from integrations.models import Connection, RemoteEvent, SyncRun
from integrations.services.cycling import read_batch
from tests.fakes.icloud import Misdeed
from tests.fakes.icloud.faults import EVER, answering, empty_multistatus, web_page
from tests.faults.play import Play, known

THROTTLED = {"503": answering(503, retry_after="120"), "429": answering(429, retry_after="120")}
PASSING = {
    **THROTTLED,
    "bare 503": answering(503),
    "502": answering(502),
    "504": answering(504),
    "reset": Misdeed(reset="after"),
    "half": Misdeed(reset="during"),
    "cut off": Misdeed(cut=50),
    "truncated": Misdeed(shorten=50),
    "web page": web_page(),
    "empty": empty_multistatus(),
}
CALLS = 3  # poll, delta, multiget


@pytest.mark.parametrize("nth", range(1, CALLS + 1))
@pytest.mark.parametrize("fault", PASSING)
def test_fault_8_and_10_what_passes_changes_nothing_and_is_made_up_for(
    play: Play, fault: str, nth: int
) -> None:
    known(play)
    before = play.blocked()
    play.icloud.faults.add(PASSING[fault], nth=nth)

    play.sync()
    assert {9, 13} <= set(play.blocked())
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()

    play.settle()
    assert (before, play.blocked()) == ([9, 11, 13], [9, 12, 13, 15])
    play.check()
    play.check_blocked()


@pytest.mark.parametrize("fault", THROTTLED)
def test_fault_8_nobody_asks_before_the_pause_is_over(play: Play, fault: str) -> None:
    play.icloud.faults.add(THROTTLED[fault])
    play.sync()
    assert play.state == ("connected", "busy")
    play.icloud.clear()

    play.book(10)
    play.time_passes(timedelta(seconds=100))
    assert play.icloud.requests == []

    play.time_passes(timedelta(seconds=60))
    assert play.writes() == ["PUT"]
    assert play.state == ("connected", "")


def test_fault_8_a_pause_that_lasts_is_waited_for_ever_longer(play: Play) -> None:
    play.icloud.quirks.retry_after = "1"  # shorter than the throttle
    play.icloud.faults.add(answering(503, retry_after="1"), times=EVER)
    waits = []

    for _ in range(8):
        play.sync()
        row = play.reloaded()
        assert row.remote_account.retry_at is not None
        waits.append((row.remote_account.retry_at - play.now).total_seconds())
        play.clock.shift(timedelta(seconds=waits[-1] + 1))

    assert len(play.icloud.requests) == 8
    for number, wait in enumerate(waits):
        expected = min(30 * 2**number, 3600)
        assert 0.75 * expected <= wait <= 1.25 * expected


@pytest.mark.parametrize("pause", ["99999999999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_fault_8_a_pause_without_end_ends_after_a_day_and_stalls_no_other(
    play: Play, pause: str
) -> None:
    mate, _ = play.another_account()
    play.icloud.put(f"{mate}a.ics", play.event("a", 9))
    play.icloud.faults.add(answering(503, retry_after=pause), path=play.account.home)
    rows = Connection.objects.select_related("remote_account").order_by("next_poll_at")

    read_batch(list(rows), seconds=10)

    assert play.state == ("connected", "busy")
    assert [slot.user_id for slot in BlockedSlot.objects.all()] == [play.tenant.mate.pk]
    play.time_passes(timedelta(hours=24, minutes=1))
    assert play.state == ("connected", "")


@pytest.mark.parametrize("misdeed", [Misdeed(delay=60), Misdeed(drip=0.2)])
def test_fault_9_one_account_that_never_ends_stalls_no_other(play: Play, misdeed: Misdeed) -> None:
    mate, other = play.another_account()
    play.icloud.faults.add(misdeed, path=play.account.home, times=EVER)
    play.icloud.put(f"{mate}a.ics", play.event("a", 9))
    rows = Connection.objects.select_related("remote_account")
    started = monotonic()

    read_batch(list(rows), seconds=3)

    assert monotonic() - started < 8
    assert rows.get(pk=other.pk).synced_at is not None
    assert [slot.user_id for slot in BlockedSlot.objects.all()] == [other.user_id]
    assert not rows.exclude(remote_account__lease_until=None).exists()


def test_fault_10_a_calendar_listed_empty_for_once_keeps_its_time_blocked(play: Play) -> None:
    for number, hour in enumerate((9, 11, 13)):
        play.they_put(f"e{number}", hour)
    play.sync()
    play.icloud.faults.add(empty_multistatus(), times=EVER)

    run = play.sync()

    assert run.result == SyncRun.Result.FAILED
    assert play.blocked() == [9, 11, 13]
    assert [play.offered(hour) for hour in (9, 11, 13)] == [False] * 3


def test_fault_10_a_whole_listing_that_comes_empty_deletes_nothing(play: Play) -> None:
    known(play)
    play.icloud.expire_tokens()
    play.icloud.faults.add(empty_multistatus(), containing="sync-collection", times=EVER)

    run = play.sync()

    assert run.result == SyncRun.Result.FAILED
    assert play.blocked() == [9, 11, 13]
    assert not RemoteEvent.objects.exclude(missing_since=None).exists()
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    play.settle()
    play.check()
    play.check_blocked()


@pytest.mark.parametrize("status", [503, 429])
def test_fault_8_an_account_with_few_requests_a_minute_is_read_in_the_end(
    play: Play, status: int
) -> None:
    known(play)
    play.icloud.quirks.requests_per_minute = 3
    play.icloud.quirks.throttle_status = status
    play.book(17)

    for _ in range(12):
        play.time_passes(timedelta(minutes=5))

    assert play.blocked() == [9, 12, 13, 15]
    play.check()
