"""`make bench-sync`: the first sync of a large calendar, its requests, seconds and memory.

A real CalDAV server holds the events; the sync runs in a process of its own (`manage.py sync`),
whose peak memory the kernel tells.
"""

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fakes.radicale_server import RadicaleServer

REPOSITORY = Path(__file__).resolve().parent.parent
APPLE_ID, APP_PASSWORD = "big@icloud.test", "abcd-efgh-ijkl-mnop"
MOST_REQUESTS = 60
MOST_MEGABYTES = 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        folder = Path(name)
        with RadicaleServer(folder / "icloud") as server:
            return measure(folder, server, events)


def measure(folder: Path, server: RadicaleServer, events: int) -> int:
    home = server.add_user(APPLE_ID, APP_PASSWORD)
    work = server.make_calendar(f"{home}work/", "Work")
    fill(folder / "icloud/collections/collection-root" / APPLE_ID / "work", events)
    warm(server, work)
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "ICLOUD_CALDAV_URL": f"{server.url}/",
        "CALDAV_ALLOWED_HOSTS": server.url,
        "SECRET_KEY": "b" * 60,
        "FERNET_KEYS": "benchmark",
        "DEMO_APP_PASSWORD": APP_PASSWORD,
        "LOG_LEVEL": "WARNING",
    }
    manage(environment, "migrate", "-v0")
    manage(environment, "createcachetable")
    manage(environment, "seed_demo", "--connect", APPLE_ID, "--no-sync")
    server.clear()

    seconds = manage(environment, "sync", "--all")
    first = len(server.requests)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    server.clear()
    idle_seconds = manage(environment, "sync", "--all")
    idle = len(server.requests)

    slots = count(folder / "bench.sqlite3", "calendars_blockedslot")
    print(f"{events} events: {slots} blocked slots, {first} requests, {seconds:.1f} s")
    print(f"peak memory of the syncing process: {megabytes} MB")
    print(f"idle poll afterwards: {idle} request, {idle_seconds:.1f} s with the start of Python")
    holds = slots == events and first <= MOST_REQUESTS and idle == 1 and megabytes <= MOST_MEGABYTES
    return 0 if holds else 1


def fill(calendar: Path, events: int) -> None:
    start = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    start -= timedelta(days=20)
    for number in range(events):
        at = start + number * timedelta(minutes=30)
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Benchmark//EN",
            "BEGIN:VEVENT",
            f"UID:e{number}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{at:%Y%m%dT%H%M%SZ}",
            f"DTEND:{at + timedelta(minutes=20):%Y%m%dT%H%M%SZ}",
            f"SUMMARY:Event {number}",
            f"DESCRIPTION:{'words ' * 50}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
        (calendar / f"e{number}.ics").write_bytes("\r\n".join(lines).encode())


def warm(server: RadicaleServer, calendar: str) -> None:
    """Let the server index what was laid into its folder; that is not ours to measure."""
    for _ in range(20):
        try:
            server.ask("PROPFIND", calendar, headers={"Depth": "1"})
        except TimeoutError:
            continue
        return


def manage(environment: dict[str, str], *arguments: str) -> float:
    began = time.monotonic()
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)
    return time.monotonic() - began


def count(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        rows = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(rows.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
