"""One of the processes: in each round it waits for the others, and then tries at once."""

from collections.abc import Callable
from multiprocessing import Queue
from multiprocessing.synchronize import Barrier

import django

Outcome = tuple[int, str]  # the round, and how it ended
PATIENCE = 60.0


def guest(
    number: int,
    rounds: int,
    barrier: Barrier,
    results: "Queue[Outcome]",
    bare: bool,  # noqa: FBT001 -- a process is given its arguments by position
) -> None:
    django.setup()
    # These read the settings, which this process has only now.
    from tests.race.report import remove_the_locks
    from tests.race.scenes import SCENES, read_stage, time_of

    if bare:
        remove_the_locks()
    stage = read_stage()
    for round_ in range(rounds):
        scene, at = SCENES[round_ % len(SCENES)], time_of(round_)
        if number == 0:
            scene.prepare(stage, at)
        barrier.wait(PATIENCE)
        attempt = scene.attempt(stage, at, number)
        barrier.wait(PATIENCE)
        results.put((round_, outcome(attempt)))


def outcome(attempt: Callable[[], object]) -> str:
    from calendars.services.refusals import NotFree, SlotTaken

    try:
        attempt()
    except (SlotTaken, NotFree):
        return "taken"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"
