"""`make promises`: every promise's test is green, and its one-line mutation turns it red.

Reads the table of docs/promises.md. Each row names a promise, the test that proves it and a
mutation: a file, a piece of it that occurs once, and what to put there instead. The mutation is
made in a copy of the tree; a test that stays green there proves nothing.

What all runs need is made once, in the tree they are copied from: a database with its tables, and
what Python compiled when the tests were green.

With `--every N` each Nth row is tried, beginning with another one each day: for a run that has to
end soon. With `--rows A1 P3` only those are.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TABLE = REPOSITORY / "docs" / "promises.md"
ROW = re.compile(
    r"^\| (?P<number>[A-GP]\d+) \| .+? \| `(?P<test>tests/[^`]+)` "
    r"\| `(?P<file>[^`]+)`: `(?P<old>[^`]+)` → `(?P<new>[^`]*)` \|$"
)
AT_ONCE = 2
DATABASE = "test.sqlite3"
# What is compiled is kept, and the database is SQLite.
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "", "DATABASE_URL": ""}
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


def run_tests(tree: Path, tests: Sequence[str], *, database: Path | None) -> int:
    """Pytest's answer, with a copy of that database; without one it makes its tables."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--reuse-db"]
    with tempfile.TemporaryDirectory(prefix="daybook-promise-") as data:
        if database:
            shutil.copy2(database, Path(data) / DATABASE)
        done = subprocess.run(
            [*command, *tests],
            cwd=tree,
            env={**os.environ, **ENVIRONMENT, "TEST_DATA_DIR": data},
            capture_output=True,
            text=True,
            check=False,
        )
    (tree / "output").write_text(done.stdout + done.stderr)
    return done.returncode


def make_database(tree: Path) -> Path:
    """One with its tables and nothing in them, as the tests would make it."""
    path = tree / DATABASE
    url = {"DATABASE_URL": f"sqlite:///{path}", "DATA_DIR": str(tree / ".data")}
    keys = {"SECRET_KEY": "promises", "FERNET_KEYS": "promises"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=tree,
        env={**os.environ, **ENVIRONMENT, **keys, **url},
        check=True,
    )
    return path


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


def is_caught(promise: Promise, *, tree: Path, database: Path) -> bool:
    """Whether the promise's test fails once its mutation is in place."""
    with tempfile.TemporaryDirectory(prefix="daybook-promise-") as name:
        copy = Path(shutil.copytree(tree, Path(name) / "tree"))
        mutate(copy, promise)
        is_of_tables = "/migrations/" in promise.file or "/models/" in promise.file
        result = run_tests(copy, [promise.test], database=None if is_of_tables else database)
        if result == TESTS_FAILED:
            print(f"{promise.number}: red, as it should be", flush=True)
            return True
        output = (copy / "output").read_text()[-1500:]
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
        tree = copy_tree(Path(name))
        database = make_database(tree)
        tests = sorted({row.test for row in rows})
        print(f"{len(rows)} promises, {len(tests)} tests: green first …", flush=True)
        if run_tests(tree, tests, database=database) != 0:
            print((tree / "output").read_text()[-5000:])
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            caught = list(pool.map(partial(is_caught, tree=tree, database=database), rows))
    # The plain closing line says what every test runner says.
    print(f"{sum(caught)} passed, {len(rows) - sum(caught)} failed")
    return 0 if all(caught) else 1


if __name__ == "__main__":
    sys.exit(main())
