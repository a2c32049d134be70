"""What the machine found, each as a plain test."""

from tests.machine import own_events, people, worker
from tests.machine.settling import check_settled, settle
from tests.machine.stage import Stage


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
