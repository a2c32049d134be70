"""One of the processes: in each round it waits for the others, and then tries at once."""

from multiprocessing import Queue
from multiprocessing.synchronize import Barrier
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.race.scenes import Attempt

Outcome = tuple[int, str, int | None]  # the round, how it ended, the appointment by primary key
PATIENCE = 120.0


def guest(
    number: int,
    rounds: int,
    barrier: Barrier,
    results: "Queue[Outcome]",
    bare: bool,  # noqa: FBT001 -- a process is given its arguments by position
) -> None:
    # These read the settings, which are there only when it runs.
    from tests.race.bare import remove_the_locks
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
        results.put((round_, *outcome(attempt)))


def one_of_a_crowd(
    number: int, guests: int, round_: int, barrier: Barrier, results: "Queue[Outcome]"
) -> None:
    """So many guests, who want a seat in the same class one right after the other."""
    from tests.race.scenes import read_stage, time_of, wish_for_a_seat

    stage, at = read_stage(), time_of(round_)
    wishes = [wish_for_a_seat(stage, at, number * guests + each) for each in range(guests)]
    barrier.wait(PATIENCE)
    for wish in wishes:
        results.put((round_, *outcome(wish)))


def outcome(attempt: "Attempt") -> tuple[str, int | None]:
    from calendars.services.refusals import NotFree, SlotTaken

    try:
        done = attempt()
    except (SlotTaken, NotFree):
        return "taken", None
    except Exception as error:
        return f"{type(error).__name__}: {error}", None
    return "done", done.pk if done else None
