"""What the machine found, each as a plain test."""

import pytest

from integrations.models import Connection, OwnerEdit
from tests.machine import apple, edits, folders, oracle, others, own_events, owners, people, worker
from tests.machine.interruptions import crash_at, meanwhile
from tests.machine.owners_steps import A_WHILE
from tests.machine.restoring import restore_backup
from tests.machine.settling import ROUND, check_settled, settle
from tests.machine.stage import Stage
from tests.machine.troubles import LOST_ANSWER


def written(stage: Stage, slot: int) -> None:
    """An appointment of the first host, written and read back."""
    people.book_publicly(stage, slot, 0)
    worker.deliver(stage)
    worker.sync(stage, stage.hosts[0])


def test_an_event_whose_place_another_one_took_is_called_deleted(scene: Stage) -> None:
    written(scene, 0)

    own_events.take_place_of_own(scene, 0, slot=4)
    settle(scene)

    check_settled(scene)
    assert [part.copy for part in people.parts(scene)] == ["deleted"]


def copies(stage: Stage) -> list[str]:
    return [part.copy for part in people.parts(stage)]


def test_what_was_left_behind_and_deleted_by_hand_is_called_removed(scene: Stage) -> None:
    host = scene.hosts[0]
    written(scene, 0)
    owners.leave(scene, host, removes_events=False)
    people.cancel_one(scene, 0)
    worker.deliver(scene)
    assert copies(scene) == ["refused"]
    owners.come_back(scene, host, takes_upcoming=True)
    worker.sync(scene, host)

    own_events.delete_own(scene, 0)
    settle(scene)

    check_settled(scene)
    assert copies(scene) == ["removed"]


def test_what_was_moved_while_its_account_was_away_is_written_when_all_is_to_be(
    scene: Stage,
) -> None:
    host = scene.hosts[0]
    written(scene, 0)
    owners.leave(scene, host, removes_events=False)
    people.move_one(scene, 0, 4)
    worker.deliver(scene)
    assert copies(scene) == ["none"]

    owners.come_back(scene, host, takes_upcoming=True)
    worker.deliver(scene)

    assert [own.slot for own in scene.own()] == [4]
    assert copies(scene) == ["written"]


def test_a_database_older_than_a_change_of_calendars_finds_its_event_in_the_new_one(
    scene: Stage,
) -> None:
    host = scene.hosts[0]
    written(scene, 0)
    scene.back_up()
    owners.link(scene, host, host.folders[1], takes_upcoming=True)
    worker.deliver(scene)
    [moved] = scene.own()
    assert moved.path.startswith(host.folders[1])

    restore_backup(scene)
    settle(scene)

    check_settled(scene)
    assert copies(scene) == ["written"]
    assert [own.path for own in scene.own()] == [moved.path]


def test_a_copy_that_was_written_as_the_process_died_is_not_called_waiting_for_ever(
    scene: Stage,
) -> None:
    people.book_publicly(scene, 0, 0)

    worker.deliver(scene, crash_at('UPDATE "calendars_meetinghost"'))

    assert [own.slot for own in scene.own()] == [0]
    assert copies(scene) == ["waiting"]
    settle(scene)
    assert copies(scene) == ["written"]


def test_an_edit_ends_with_the_calendar_of_its_event(scene: Stage) -> None:
    host = scene.hosts[0]
    owners.set_deletions(scene, host, frees=True, cancels=False)
    others.add(scene, 0, 0, "busy", 0)
    worker.sync(scene, host)
    edits.want(scene, 0, 4, "both")
    assert OwnerEdit.objects.filter(state=OwnerEdit.State.WAITING).exists()

    folders.lose(scene, 0, 0)
    for _ in range(2):
        worker.sync(scene, host)
        scene.passes(A_WHILE)

    assert not OwnerEdit.objects.exists()
    oracle.check(scene)
    settle(scene)
    check_settled(scene)


def test_an_edit_that_waits_ends_with_the_account(scene: Stage) -> None:
    host = scene.hosts[0]
    others.add(scene, 0, 0, "busy", 0)
    worker.sync(scene, host)
    edits.want(scene, 0, 4, "both")
    assert OwnerEdit.objects.filter(state=OwnerEdit.State.WAITING).exists()

    owners.leave(scene, host, removes_events=False)

    assert not OwnerEdit.objects.exists()
    oracle.check(scene)
    settle(scene)
    check_settled(scene)


def test_what_is_out_of_sight_with_its_calendar_is_not_called_removed(scene: Stage) -> None:
    written(scene, 0)
    folders.lose(scene, 0, 0)
    people.cancel_one(scene, 0)
    worker.deliver(scene)
    assert copies(scene) == ["refused"]

    folders.bring_back(scene)
    settle(scene)

    check_settled(scene)
    assert copies(scene) == ["removed"]


def test_what_went_with_its_calendar_for_good_is_called_removed(scene: Stage) -> None:
    written(scene, 0)
    folders.delete(scene, 0, 0)
    people.cancel_one(scene, 0)
    worker.deliver(scene)

    for _ in range(2):
        worker.sync(scene, scene.hosts[0])
        scene.passes(A_WHILE)
    worker.deliver(scene)

    assert copies(scene) == ["removed"]


def test_an_account_is_left_though_the_process_ended_after_the_last_removal(scene: Stage) -> None:
    host = scene.hosts[0]
    written(scene, 0)
    owners.leave(scene, host, removes_events=True)
    worker.deliver(scene, crash_at('UPDATE "integrations_connection"'))
    assert scene.connection(host).state == Connection.State.LEAVING
    assert scene.own(host) == []

    worker.deliver(scene)

    assert scene.connection(host).state == Connection.State.DISCONNECTED


def test_what_was_taken_for_gone_with_its_calendar_goes_when_that_is_back(scene: Stage) -> None:
    written(scene, 0)
    people.cancel_one(scene, 0)
    folders.lose(scene, 0, 0)
    for _ in range(2):
        worker.sync(scene, scene.hosts[0])
        scene.passes(A_WHILE)
    worker.deliver(scene)
    assert copies(scene) == ["removed"]

    folders.bring_back(scene)
    settle(scene)

    check_settled(scene)
    assert scene.own() == []


def test_an_event_taken_for_deleted_moves_with_the_others_when_it_turns_up(scene: Stage) -> None:
    host = scene.hosts[0]
    written(scene, 0)
    apple.hide(scene, 0, as_deleted=True)
    for _ in range(2):
        worker.sync(scene, host)
        scene.passes(A_WHILE)
    assert copies(scene) == ["deleted"]

    owners.link(scene, host, host.folders[1], takes_upcoming=True)
    apple.show_all(scene)
    settle(scene)

    check_settled(scene)
    [own] = scene.own()
    assert own.path.startswith(host.folders[1])


def test_what_a_host_wrote_into_an_event_that_turns_up_elsewhere_is_handed_on(
    scene: Stage,
) -> None:
    host = scene.hosts[0]
    written(scene, 10)
    own_events.write_into_own(scene, 0)
    own_events.drag_own(scene, 0)
    owners.link(scene, host, host.folders[1], takes_upcoming=True)
    worker.deliver(scene)

    settle(scene)

    [own] = scene.own(host)
    assert len(own.lines) == 1
    check_settled(scene)


def test_daybooks_own_words_are_known_though_the_answer_to_them_was_lost(scene: Stage) -> None:
    people.book_publicly(scene, 10, 0)
    people.put_right(scene, 0)
    worker.deliver(scene, LOST_ANSWER.on(scene))
    scene.passes(ROUND)
    worker.deliver(scene)
    people.put_right(scene, 0)
    own_events.retitle_own(scene, 0)

    settle(scene)

    [own] = scene.own(scene.hosts[0])
    assert own.asks == scene.model.booked[0].asks
    check_settled(scene)


def test_what_a_host_wrote_into_what_was_cancelled_is_there_when_it_is_restored(
    scene: Stage,
) -> None:
    written(scene, 10)
    worker.sync(scene, scene.hosts[0])
    people.cancel_one(scene, 0)
    own_events.write_into_own(scene, 0)
    worker.deliver(scene)
    assert scene.own() == []

    people.restore_one(scene, 0, anyway=False)
    settle(scene)

    [own] = scene.own()
    assert len(own.lines) == 1
    check_settled(scene)


def test_an_event_dragged_out_of_a_calendar_before_that_is_deleted_is_found(scene: Stage) -> None:
    host = scene.hosts[0]
    written(scene, 10)
    own_events.drag_own(scene, 0)
    folders.delete(scene, 0, 0)

    for _ in range(2):
        worker.sync(scene, host)
        scene.passes(A_WHILE)

    assert copies(scene) == ["written"]
    settle(scene)
    check_settled(scene)


# Around those of the write.
AT_ANY_STATEMENT = pytest.mark.parametrize("before", range(7, 20))


@AT_ANY_STATEMENT
def test_what_is_to_move_while_it_is_written_moves(scene: Stage, before: int) -> None:
    host = scene.hosts[0]
    people.book_publicly(scene, 10, 0)

    def link_another() -> None:
        owners.link(scene, host, host.folders[1], takes_upcoming=True)

    worker.deliver(scene, meanwhile(before, link_another))
    settle(scene)

    [own] = scene.own()
    assert own.path.startswith(scene.model.linked[0])
    check_settled(scene)


@AT_ANY_STATEMENT
def test_what_is_to_be_removed_while_it_is_written_is_removed(scene: Stage, before: int) -> None:
    host = scene.hosts[0]
    people.book_publicly(scene, 10, 0)

    def leave() -> None:
        owners.leave(scene, host, removes_events=True)

    worker.deliver(scene, meanwhile(before, leave))
    for _ in range(2):
        scene.passes(ROUND)
        worker.deliver(scene)

    assert scene.own() == []


def test_what_may_not_be_removed_any_more_keeps_nothing_from_being_written(scene: Stage) -> None:
    host = scene.hosts[0]
    written(scene, 10)
    folders.set_read_only(scene, 0, 0, read_only=True)

    owners.link(scene, host, host.folders[1], takes_upcoming=True)
    worker.deliver(scene)

    assert sorted(own.path.startswith(host.folders[1]) for own in scene.own()) == [False, True]
    assert copies(scene) == ["written"]
    settle(scene)
    check_settled(scene)
