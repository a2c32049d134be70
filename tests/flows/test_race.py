"""Eight processes want the same times at once. `make race` is the long form of this."""

import os
import subprocess
import sys

import pytest

from tests.processes import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def race(*options: str) -> tuple[int, str]:
    """On a database of its own; (exit code, what it printed)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.race", *options],
        cwd=REPOSITORY,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done.returncode, done.stdout + done.stderr


def test_nothing_overlaps_and_a_hundred_guests_get_ten_seats() -> None:
    code, said = race("--rounds", "50", "--crowd")

    assert "0 errors, 0 overlaps, 0 lost, 0 rounds with a wrong number of meetings" in said
    assert "100 guests for 10 seats: 10 have one, 90 were told that they are taken" in said
    assert code == 0, said


def test_without_wall_and_locks_the_same_race_does_overlap() -> None:
    code, said = race("--rounds", "3", "--bare")

    assert code == 0, said
    assert " 0 overlaps" not in said
