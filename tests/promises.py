"""`make promises`: every promise's test is green, and its one-line mutation turns it red.

Reads the table of docs/promises.md. Each row names a promise, the test that proves it and a
mutation: a file, a piece of it that occurs once, and what to put there instead. The mutation is
made in a copy of the tree; a test that stays green there proves nothing.

With `--every N` each Nth row is tried, beginning with another one each day: for a run that has to
end soon. With `--rows A1 P3` only those are.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TABLE = REPOSITORY / "docs" / "promises.md"
ROW = re.compile(
    r"^\| (?P<number>[A-GP]\d+) \| .+? \| `(?P<test>tests/[^`]+)` "
    r"\| `(?P<file>[^`]+)`: `(?P<old>[^`]+)` → `(?P<new>[^`]*)` \|$"
)
AT_ONCE = 2
TESTS_FAILED = 1


@dataclass(frozen=True)
class Promise:
    number: str
    test: str
    file: str
    old: str
    new: str


def promises(text: str) -> list[Promise]:
    """The rows of the table; a row that cannot be read is an error, not a comment."""
    rows = [line for line in text.splitlines() if re.match(r"^\| [A-GP]\d+ ", line)]
    found = [ROW.match(row) for row in rows]
    for row, match in zip(rows, found, strict=True):
        if match is None:
            raise ValueError(f"This row names no test and mutation: {row}")
    return [Promise(**match.groupdict()) for match in found if match]


def run_tests(folder: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / "output").write_text(done.stdout + done.stderr)
    return done.returncode


def copy_tree(target: Path) -> Path:
    """What git knows or would add, as it stands in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    return target


def mutate(folder: Path, promise: Promise) -> None:
    path = folder / promise.file
    text = path.read_text()
    if text.count(promise.old) != 1:
        raise ValueError(
            f"{promise.number}: “{promise.old}” occurs {text.count(promise.old)} times "
            f"in {promise.file}, not once."
        )
    path.write_text(text.replace(promise.old, promise.new))


def is_caught(promise: Promise) -> bool:
    """Whether the promise's test fails once its mutation is in place."""
    with tempfile.TemporaryDirectory(prefix="daybook-promise-") as name:
        folder = copy_tree(Path(name))
        mutate(folder, promise)
        result = run_tests(folder, [promise.test])
        if result == TESTS_FAILED:
            print(f"{promise.number}: red, as it should be", flush=True)
            return True
        output = (folder / "output").read_text()[-1500:]
        print(f"{promise.number}: NOT CAUGHT by {promise.test} (pytest: {result})\n{output}")
        return False


def chosen(rows: list[Promise], given: argparse.Namespace) -> list[Promise]:
    if given.rows:
        return [row for row in rows if row.number in given.rows]
    every = max(1, given.every)
    return rows[datetime.now(UTC).date().toordinal() % every :: every]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--rows", nargs="*", default=[], metavar="ROW")
    rows = chosen(promises(TABLE.read_text()), parser.parse_args())
    with tempfile.TemporaryDirectory(prefix="daybook-promises-") as name:
        folder = copy_tree(Path(name))
        tests = sorted({row.test for row in rows})
        print(f"{len(rows)} promises, {len(tests)} tests: green first …", flush=True)
        if run_tests(folder, tests) != 0:
            print((folder / "output").read_text()[-5000:])
            return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        caught = list(pool.map(is_caught, rows))
    # The plain closing line says what every test runner says.
    print(f"{sum(caught)} passed, {len(rows) - sum(caught)} failed")
    return 0 if all(caught) else 1


if __name__ == "__main__":
    sys.exit(main())
