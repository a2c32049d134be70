"""Faults 11–13 and 18: listings that start anew, come up empty, lag behind, or see a move."""

import pytest

from calendars.models import BlockedSlot
from integrations.models import RemoteEvent
from tests.fakes.icloud.faults import answering
from tests.faults.play import Play, known


@pytest.mark.parametrize("form", ["400", "403", "403-named", "404", "409", "410", "412", "507"])
def test_fault_11_an_expired_token_is_answered_by_comparing_everything(
    play: Play, form: str
) -> None:
    play.icloud.quirks.expired_token = form  # type: ignore[assignment]
    known(play)
    play.they_delete(f"{play.home}e0.ics")
    play.icloud.expire_tokens()
    play.icloud.clear()

    run = play.sync()

    assert (run.result, run.events_changed, run.events_gone) == ("done", 2, 1)
    # The deleted one stays blocked, and says so.
    assert play.blocked() == [9, 12, 13, 15]
    deleted = BlockedSlot.objects.exclude(deleted_remotely_at=None)
    assert [slot.starts_at.hour for slot in deleted] == [9]
    multigets = [e for e in play.icloud.log if b"multiget" in e.body]
    assert [entry.body.count(b"<d:href>") for entry in multigets] == [2]  # what was held stays
    play.check()


def test_fault_11_an_expired_token_answered_with_everything_hides_no_deletion(
    play: Play,
) -> None:
    play.icloud.quirks.expired_token = "full"
    known(play)
    play.they_delete(f"{play.home}e0.ics")
    play.icloud.expire_tokens()

    play.sync()
    play.settle()

    assert not RemoteEvent.objects.filter(href=f"{play.home}e0.ics").exists()
    deleted = BlockedSlot.objects.exclude(deleted_remotely_at=None)
    assert [slot.starts_at.hour for slot in deleted] == [9]
    assert play.blocked() == [9, 12, 13, 15]
    play.check()


def test_fault_11_the_last_event_deleted_is_missed_by_no_disguised_listing(play: Play) -> None:
    play.icloud.quirks.expired_token = "full"
    path = play.they_put("only", 9, to=play.home)
    play.sync()
    play.they_delete(path)
    play.icloud.expire_tokens()

    play.sync()

    assert BlockedSlot.objects.exclude(deleted_remotely_at=None).count() == 1
    play.check()


def test_fault_12_a_listing_suddenly_empty_releases_nothing(play: Play) -> None:
    paths = [play.they_put(f"e{number}", 9 + number) for number in range(8)]
    play.sync()
    for path in paths:
        play.icloud.hide(path)
    play.icloud.expire_tokens()

    play.sync()
    assert play.blocked() == list(range(9, 17))
    assert [play.offered(hour) for hour in range(9, 17)] == [False] * 8

    for path in paths:
        play.icloud.show(path)
    play.settle()
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    assert play.blocked() == list(range(9, 17))
    play.check()
    play.check_blocked()


def test_fault_13_our_own_event_absent_from_listings_is_no_deletion(play: Play) -> None:
    play.icloud.quirks.listing_lag = 3
    appointment = play.book(10)
    play.deliver()

    for _ in range(4):
        play.sync()
        appointment.refresh_from_db()
        assert (appointment.status, play.offered(10)) == ("confirmed", False)

    assert play.writes() == ["PUT"]
    play.settle()
    play.check()


def test_fault_13_an_event_listed_before_its_body_is_there_is_read_a_little_later(
    play: Play,
) -> None:
    path = play.they_put("late", 9)
    play.icloud.withhold(path, multigets=2)

    play.sync()
    assert play.blocked() == []
    play.sync()
    play.sync()

    assert play.blocked() == [9]


def test_fault_13_an_event_called_gone_while_it_stands_stays_blocked(play: Play) -> None:
    path = play.they_put("here", 9)
    play.sync()
    play.icloud.hide(path, as_deleted=True)

    play.sync()
    assert (play.blocked(), play.offered(9)) == ([9], False)

    play.icloud.show(path)
    play.sync()
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    play.check_blocked()


@pytest.mark.parametrize("to_first", [True, False])
def test_fault_18_an_event_moved_between_calendars_blocks_all_the_time_and_once(
    play: Play, *, to_first: bool
) -> None:
    source, target = (play.work, play.home) if to_first else (play.home, play.work)
    path = play.they_put("moved", 9, to=source)
    play.sync()

    play.theirs[f"{target}moved.ics"] = play.theirs.pop(path)
    play.icloud.move(path, f"{target}moved.ics")
    play.sync()

    assert (play.blocked(), play.offered(9)) == ([9], False)
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    play.check_blocked()


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5])
def test_fault_18_a_move_that_is_half_read_frees_nothing(play: Play, nth: int) -> None:
    path = play.they_put("moved", 9)
    play.sync()
    play.theirs[f"{play.home}moved.ics"] = play.theirs.pop(path)
    play.icloud.move(path, f"{play.home}moved.ics")
    play.icloud.faults.add(answering(502), nth=nth)

    play.sync()
    assert (9 in play.blocked(), play.offered(9)) == (True, False)

    play.settle()
    assert play.blocked() == [9]
    play.check_blocked()
