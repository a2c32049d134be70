"""Whatever happens in whatever order, the oracle holds after every step, and at the end.

`make machine` runs many more examples, other ones each time, on both databases.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine, Tally
from tests.machine.stage import Stage

# How long Hypothesis may look for a smaller way to be red.
engine.MAX_SHRINKING_SECONDS = int(os.environ.get("SHRINK_SECONDS", "300"))
EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
SEED = os.environ.get("SEED", "")
STEPS = 25


# A process that died closes no connection.
@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_oracle_holds_whatever_happens(stage: Stage) -> None:
    Machine.stage, Machine.tally = stage, Tally()
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not SEED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    machine = seed(SEED)(Machine) if SEED else Machine
    try:
        run_state_machine_as_test(machine, settings=how)
    finally:
        print(f"machine: {Machine.tally}")

    assert Machine.tally.runs >= EXAMPLES
