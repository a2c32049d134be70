"""Every promise names a test that exists and a mutation that can be made."""

import subprocess
import sys

import pytest

from tests.promises import REPOSITORY, TABLE, Promise, promises

ROWS = promises(TABLE.read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number} {row.test.split('::')[1]}")
def test_a_promises_mutation_changes_exactly_one_place(row: Promise) -> None:
    text = (REPOSITORY / row.file).read_text()

    assert text.count(row.old) == 1
    assert row.old != row.new


def test_the_tests_that_prove_promises_exist() -> None:
    wanted = sorted({row.test for row in ROWS})

    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *wanted],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert listed.returncode == 0, listed.stdout[-2000:]
