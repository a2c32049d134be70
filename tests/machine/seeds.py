"""`make machine-seeds`: ten defects, one at a time, each of which the machine must find.

Each is made in a copy of the tree, and the machine runs there until it is red. Printed are the run
of the machine that was red first, and how many steps are left of it when Hypothesis has made it
small. A defect that is not found says that the machine lacks a step.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.promises import copy_tree

AT_ONCE = 3
RED = 1


@dataclass(frozen=True)
class Seed:
    """`old` occurs once in the file, `new` takes its place."""

    what: str
    file: str
    old: str
    new: str


TAKE_TOGETHER = """\
    take_remote_moves(
        [
            RemoteMove(one.event.meeting_host_id, *one.merge.move, instead_of=one.stood_at)
            for one in followed
            if one.merge.move is not None and one.stood_at is not None
        ]
    )
"""
TAKE_ONE_BY_ONE = """\
    for one in followed:
        if one.merge.move is not None and one.stood_at is not None:
            part = one.event.meeting_host_id
            move = RemoteMove(part, *one.merge.move, instead_of=one.stood_at)
            take_remote_moves([move])
"""
SEEDS = (
    Seed(
        "the token is stored before the facts",
        "integrations/caldav/reading.py",
        "    for part in batches(",
        "    yield Page(held.path, (), frozenset(), frozenset(), listed.token, held.marker)\n"
        "    for part in batches(",
    ),
    Seed(
        "a row is settled for whatever revision it has by now",
        "integrations/services/claiming.py",
        "settled = _mine(claim).filter(revision=claim.revision)\n"
        "    done = settled.update(settled_revision=claim.revision,",
        "settled = _mine(claim)\n    done = settled.update(settled_revision=F('revision'),",
    ),
    Seed(
        "an event is written over without If-Match",
        "integrations/caldav/client.py",
        'if create else {"If-Match": etag or ""}',
        "if create else {}",
    ),
    Seed(
        "a listing of nothing counts as all deleted",
        "integrations/caldav/reading.py",
        '        is_complete = True\n        listed = changes(client, held.path, "")\n    work',
        "        is_complete = True\n    work",
    ),
    Seed(
        "an own event blocks its host",
        "integrations/services/recognising.py",
        "return written_by_us(uids, serves | Q(meeting_host__user=source.user_id))",
        "return set()",
    ),
    Seed(
        "a move made in iCloud keeps the old time taken",
        "calendars/services/remote_changes.py",
        "            free(each)\n",
        "            pass\n",
    ),
    Seed(
        "after a lost answer the event is written under another UID",
        "integrations/services/mirroring.py",
        "if current is not None and current.remote_calendar_id == calendar.pk:",
        "if current is not None and current.state == State.INTENDED:\n"
        "        current.delete()\n"
        "        host.copy_key = uuid.uuid4()\n"
        "    elif current is not None and current.remote_calendar_id == calendar.pk:",
    ),
    Seed(
        "what stands at our address is deleted, whose ever it is",
        "integrations/services/mirroring.py",
        "if uid_of(standing.ics) != str(event.uid):",
        "if not uid_of(standing.ics):",
    ),
    Seed(
        "appointments that change places are moved one by one",
        "integrations/services/following.py",
        TAKE_TOGETHER,
        TAKE_ONE_BY_ONE,
    ),
    Seed(
        "an event that was deleted frees its time",
        "calendars/services/blocking.py",
        "slots.filter(Q(is_busy=False) | Q(ends_at__lte=now)).delete()",
        "slots.delete()",
    ),
)


def plant(seed: Seed, folder: Path) -> None:
    """Make the defect in that copy of the tree."""
    path = folder / seed.file
    text = path.read_text()
    if text.count(seed.old) != 1:
        raise ValueError(f"“{seed.what}”: its place occurs {text.count(seed.old)} times, not once.")
    path.write_text(text.replace(seed.old, seed.new))


def is_found(seed: Seed, *, examples: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="daybook-seed-") as name:
        folder = copy_tree(Path(name))
        plant(seed, folder)
        code, output = _run(folder, examples)
    first = re.search(r"^machine: .*, first red at (\d+)", output, re.MULTILINE)
    if code != RED or first is None:
        print(f"NOT FOUND: {seed.what} (pytest: {code})\n{output[-1500:]}", flush=True)
        return False
    steps = len(re.findall(r"^[E |]*state\.(?!teardown|oracle)", output, re.MULTILINE))
    says = re.findall(r"^[E |]+(?:AssertionError|[\w.]+): (.*)$", output, re.MULTILINE)
    print(
        f"found: {seed.what}: example {first[1]}, {steps} steps at least: {says[-1:]}", flush=True
    )
    return True


def _run(folder: Path, examples: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout=0"]
    environment = {"SEED": "1", "SHRINK_SECONDS": "90", **os.environ, "EXAMPLES": str(examples)}
    done = subprocess.run(
        [*command, "tests/machine/test_machine.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="at most, for each seed")
    parser.add_argument("--only", default="", help="seeds with this in what they say")
    wanted = parser.parse_args(arguments)
    seeds = [seed for seed in SEEDS if wanted.only in seed.what]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda seed: is_found(seed, examples=wanted.examples), seeds))
    print(f"{sum(found)} of {len(seeds)} found")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
