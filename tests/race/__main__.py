"""`make race`: many processes want the same time at the same moment, round after round.

Afterwards nothing may overlap in what is taken, and nobody may have met another error than "taken".
With `--bare` the wall and the locks are taken away first: then it has to overlap, or the race
proves nothing. On SQLite, which lets one transaction write at a time, what is free is then looked
up before it.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Queue
from multiprocessing.context import ForkProcess
from pathlib import Path
from urllib.parse import urlsplit

from tests.race.guest import PATIENCE, Outcome, guest, one_of_a_crowd

CROWD = 25  # processes of four guests each


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--bare", action="store_true", help="without wall and locks")
    parser.add_argument("--crowd", action="store_true", help="then 100 guests want 10 seats")
    wanted = parser.parse_args()
    with _environment(), _database():
        code = _race(wanted.rounds, wanted.processes, bare=wanted.bare)
        return code or (_crowd(wanted.rounds) if wanted.crowd else 0)


def _race(rounds: int, processes: int, *, bare: bool) -> int:
    from django.db import connection

    from tests.race.bare import remove_the_wall
    from tests.race.report import report
    from tests.race.scenes import build_stage

    build_stage()
    if bare:
        remove_the_wall()
    connection.close()  # no two processes may speak through one
    began = time.monotonic()
    outcomes = _run(rounds, processes, bare=bare)
    return report(outcomes, rounds, seconds=time.monotonic() - began, bare=bare)


def _run(rounds: int, processes: int, *, bare: bool) -> list[Outcome]:
    # Forked, each has Django loaded already: eight imports take longer than twelve rounds.
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(processes), fork.Queue()
    guests = [
        fork.Process(target=guest, args=(number, rounds, barrier, results, bare), daemon=True)
        for number in range(processes)
    ]
    return _outcomes(guests, results, rounds * processes)


def _crowd(round_: int) -> int:
    from django.db import connection

    from tests.race.report import report_crowd

    connection.close()
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(CROWD), fork.Queue()
    guests = [
        fork.Process(target=one_of_a_crowd, args=(number, 4, round_, barrier, results), daemon=True)
        for number in range(CROWD)
    ]
    return report_crowd(_outcomes(guests, results, CROWD * 4), round_)


def _outcomes(guests: list[ForkProcess], results: "Queue[Outcome]", number: int) -> list[Outcome]:
    for each in guests:
        each.start()
    outcomes = [results.get(timeout=PATIENCE) for _ in range(number)]
    for each in guests:
        each.join(PATIENCE)
    return outcomes


@contextmanager
def _environment() -> Iterator[None]:
    """Settings of its own; nothing comes from a developer's `.env`."""
    with tempfile.TemporaryDirectory(prefix="daybook-race-") as folder:
        own = {
            "SECRET_KEY": "race-only-" + "k" * 50,
            "FERNET_KEYS": "race-only",
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
        }
        os.environ.update(own)
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'race.sqlite3'}"
        yield


@contextmanager
def _database() -> Iterator[None]:
    """A new database: a file, or one on the server that DATABASE_URL names, dropped afterwards."""
    url = os.environ["DATABASE_URL"]
    name = f"race_{os.getpid()}"
    if url.startswith("postgres"):
        _tell_the_server(url, f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connection.close()
        if url.startswith("postgres"):
            _tell_the_server(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _tell_the_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement.encode())


if __name__ == "__main__":
    sys.exit(main())
