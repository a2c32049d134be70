"""Faults 3–5, 17, 19, 20: writes that get lost, come twice, or meet somebody else's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calendars.models import OutboxItem
from calendars.services.cancelling import cancel
from integrations.models import MirroredEvent
from integrations.services.claiming import claim_next
from integrations.services.delivering import carry
from tests.fakes.icloud import Misdeed
from tests.faults.play import Play, at, start_of

MINUTES = timedelta(minutes=1)


def test_fault_3_a_lost_answer_to_a_write_leaves_one_event(play: Play) -> None:
    appointment = play.book(10)
    play.icloud.lose("PUT", play.work)

    play.deliver()
    assert play.copy(appointment)[0] == "waiting"

    play.settle()
    assert [start_of(text) for text in play.ours().values()] == [at(10)]
    assert play.copy(appointment) == ("written", "")
    play.check()


@pytest.mark.parametrize("reset", ["before", "during"])
def test_fault_3_a_connection_that_breaks_anywhere_leaves_one_event(play: Play, reset: str) -> None:
    play.book(10)
    play.icloud.faults.add(Misdeed(reset=reset), method="PUT")  # type: ignore[arg-type]

    play.deliver()
    play.settle()

    play.check()


def test_fault_3_the_etag_that_was_never_heard_is_found(play: Play) -> None:
    play.icloud.quirks.put_etag = "none"
    appointment = play.book(10)
    play.icloud.lose("PROPFIND", f"{play.work}")

    play.deliver()
    play.settle()

    [path] = play.ours()
    assert play.writes() == ["PUT"]
    assert play.copy(appointment) == ("written", "")
    assert MirroredEvent.objects.get().href == path
    play.check()


def test_fault_4_a_lost_answer_to_a_delete_is_a_404_the_next_time(play: Play) -> None:
    path = play.they_put("theirs", 9)
    appointment = play.book(10)
    play.deliver()
    cancel(appointment, by=play.tenant.owner)
    play.icloud.lose("DELETE", play.work)

    play.deliver()
    assert (play.copy(appointment)[0], play.ours()) == ("waiting", {})

    play.settle()
    assert play.copy(appointment) == ("removed", "")
    assert play.icloud.has(path)
    play.check()


def test_fault_5_a_job_that_comes_twice_writes_once(play: Play) -> None:
    play.book(10)

    play.deliver()
    play.deliver()

    assert play.writes() == ["PUT"]
    play.settle()
    play.check()


def test_fault_5_a_job_whose_claim_ran_out_and_that_comes_back_writes_nothing_twice(
    play: Play,
) -> None:
    play.book(10)
    late = claim_next()
    assert late is not None
    play.clock.shift(3 * MINUTES)
    play.deliver()

    carry(late)  # the first worker wakes up after all

    assert play.writes() == ["PUT"]
    assert not OutboxItem.objects.due(timezone.now()).exists()
    play.settle()
    play.check()


def test_fault_17_a_calendar_that_became_read_only_keeps_the_appointment(play: Play) -> None:
    appointment = play.book(10)
    play.icloud.set_read_only(play.work)

    play.deliver()
    play.settle()

    copy, words = play.copy(appointment)
    assert (copy, bool(words)) == ("refused", True)
    assert OutboxItem.objects.get(effect="write").parked_at is not None
    assert (play.ours(), play.offered(10)) == ({}, False)
    play.check_safety()


def test_fault_17_a_share_that_is_given_back_in_time_gets_the_event(play: Play) -> None:
    appointment = play.book(10)
    play.icloud.set_read_only(play.work)
    play.deliver()

    play.icloud.set_read_only(play.work, read_only=False)
    play.settle()

    assert play.copy(appointment) == ("written", "")
    play.check()


def test_fault_19_an_own_event_moved_elsewhere_moves_its_appointment_and_blocks_once(
    play: Play,
) -> None:
    play.book(10)
    play.deliver()
    [(path, text)] = play.ours().items()
    moved = text.replace("T100000Z", "T140000Z").replace("T103000Z", "T143000Z")

    play.icloud.put(path, moved)
    play.sync()

    assert (play.offered(10), play.offered(14), play.blocked()) == (True, False, [])
    assert start_of(play.icloud.get(path)) == at(14)
    play.check_safety()


def test_fault_19_an_own_event_deleted_elsewhere_keeps_the_appointment(play: Play) -> None:
    appointment = play.book(10)
    play.deliver()
    [path] = play.ours()

    play.icloud.delete(path)
    play.sync()
    play.sync()

    appointment.refresh_from_db()
    assert (appointment.status, play.offered(10)) == ("confirmed", False)
    play.check_safety()


def test_fault_20_housekeeping_between_two_writes_is_no_conflict(play: Play) -> None:
    appointment = play.book(10)
    play.deliver()
    [path] = play.ours()
    play.icloud.drift(path)

    play.rename_and_want(appointment, "Longer call")
    play.settle()

    assert "SUMMARY:Longer call: Gwen Guest" in play.icloud.get(path)
    play.check()


def test_fault_20_a_tombstone_at_the_address_leads_to_another_address(play: Play) -> None:
    appointment = play.book(10)
    play.icloud.lose("PUT", play.work)
    play.deliver()  # it arrives, and nobody hears of it
    [path] = play.ours()
    play.icloud.delete(path)

    play.settle()

    [other] = play.ours()
    assert other != path
    assert play.copy(appointment) == ("written", "")
    play.check()


def test_fault_20_somebody_elses_event_at_the_address_is_left_alone(play: Play) -> None:
    play.book(10)
    play.icloud.lose("PUT", play.work, arrives=False)
    play.deliver()
    name = MirroredEvent.objects.get().href.rpartition("/")[2].removesuffix(".ics")
    path = play.they_put(name, 15)
    play.theirs[path] = play.theirs[path].replace(f"UID:{name}", "UID:theirs")
    play.icloud.put(path, play.theirs[path])

    play.settle()

    assert [start_of(text) for text in play.ours().values()] == [at(10)]
    play.check()
    play.check_blocked()
