"""`make bench-sync`: the first sync of a large calendar, its requests, seconds and memory.

The sync runs in a process of its own, whose peak memory the kernel tells. It is compared with one
REPORT of the same events and parsing them with icalendar, in a process of its own as well.

Twice: on the imitation of iCloud, which keeps its markers of change as iCloud does; and on
Radicale, a real server, which reads every event anew to make them, for the poll and for the
listing. How long that takes is no work of Daybook's, so the limit of the ratio is the imitation's.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.fakes.icloud import ICloudServer
from tests.fakes.radicale_server import RadicaleServer

REPOSITORY = Path(__file__).resolve().parent.parent
APPLE_ID, APP_PASSWORD = "big@icloud.test", "abcd-efgh-ijkl-mnop"
MOST_REQUESTS = 60
MOST_FOR_ONE = 3  # requests: the listing, what changed, its body
MOST_RATIO = 1.5
MOST_MEGABYTES = 300


class Server(Protocol):
    def add_user(self, name: str, password: str) -> str: ...
    def make_calendar(self, path: str, name: str) -> str: ...
    def put(self, path: str, ics: str) -> str: ...
    def clear(self) -> None: ...
    @property
    def requests(self) -> Sequence[object]: ...


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        holds = [imitation(Path(name) / "1", events), radicale(Path(name) / "2", events)]
    return 0 if all(holds) else 1


def imitation(folder: Path, events: int) -> bool:
    with ICloudServer() as server:
        home = server.add_user(APPLE_ID, APP_PASSWORD)
        work = server.make_calendar(f"{home}work/", "Work")
        for number in range(events):
            server.put(f"{work}e{number}.ics", text_of(number))
        print("The imitation of iCloud")
        environment = installed(folder, server.url, server.origins)
        ratio = measure(folder, environment, server, f"{server.partition_url}{work}", events)
        return ratio <= MOST_RATIO


def radicale(folder: Path, events: int) -> bool:
    with RadicaleServer(folder / "icloud") as server:
        home = server.add_user(APPLE_ID, APP_PASSWORD)
        work = server.make_calendar(f"{home}work/", "Work")
        fill(folder / "icloud/collections/collection-root" / APPLE_ID / "work", events)
        warm(server, work)
        print("Radicale")
        environment = installed(folder, server.url, [server.url])
        measure(folder, environment, server, f"{server.url}{work}", events)
        return True


def installed(folder: Path, url: str, origins: Sequence[str]) -> dict[str, str]:
    """The environment of a Daybook in that folder, whose demo account is connected and not read."""
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "ICLOUD_CALDAV_URL": f"{url}/",
        "CALDAV_ALLOWED_HOSTS": ",".join(origins),
        "SECRET_KEY": "b" * 60,
        "FERNET_KEYS": "benchmark",
        "DEMO_APP_PASSWORD": APP_PASSWORD,
        "LOG_LEVEL": "WARNING",
    }
    manage(environment, "migrate", "-v0")
    manage(environment, "createcachetable")
    manage(environment, "seed_demo", "--connect", APPLE_ID, "--no-sync")
    return environment


def measure(
    folder: Path, environment: dict[str, str], server: Server, calendar: str, events: int
) -> float:
    """Returns the seconds of the first sync by those of one REPORT. Raises SystemExit where
    anything else is over its limit."""
    server.clear()
    first = measured(environment, "counted_sync")
    requests = len(server.requests)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    slots = count(folder / "bench.sqlite3", "calendars_blockedslot")
    server.clear()
    idle = measured(environment, "counted_sync")
    idle_requests = len(server.requests)
    changed, changed_requests = after_a_change(environment, server, urlsplit(calendar).path)
    plain = measured(environment, "plain_report", calendar, APPLE_ID, APP_PASSWORD)

    print(f"  {events} events: {slots} blocked slots, {requests} requests, {said(first)}")
    print(f"  peak memory of the syncing process: {megabytes} MB")
    print(f"  idle poll afterwards: {idle_requests} request, {said(idle)}")
    print(f"  one event changed: {changed_requests} requests, {changed['events']:.0f} event parsed")
    print(f"  one REPORT of all {plain['events']:.0f}, parsed with icalendar: {said(plain)}")
    ratio, own = first["seconds"] / plain["seconds"], first["cpu"] / plain["cpu"]
    print(f"  first sync by that: {ratio:.2f} times the seconds, {own:.2f} times the CPU seconds")
    holds = (
        (slots, first["events"], plain["events"]) == (events, events, events)
        and (idle_requests, changed_requests, changed["events"]) == (1, MOST_FOR_ONE, 1)
        and requests <= MOST_REQUESTS
        and megabytes <= MOST_MEGABYTES
    )
    if not holds:
        raise SystemExit("Over its limit.")
    return ratio


def after_a_change(
    environment: dict[str, str], server: Server, calendar: str
) -> tuple[dict[str, float], int]:
    """Somebody changes one event, and it is read: what that took, and how many requests."""
    server.put(f"{calendar}e17.ics", text_of(17, title="Changed"))
    server.clear()
    taken = measured(environment, "counted_sync")
    return taken, len(server.requests)


def measured(environment: dict[str, str], module: str, *arguments: str) -> dict[str, float]:
    """What that module of benchmarks says it took, in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def said(taken: dict[str, float]) -> str:
    return f"{taken['seconds']:.1f} s, of them {taken['cpu']:.1f} s of CPU"


def fill(calendar: Path, events: int) -> None:
    for number in range(events):
        (calendar / f"e{number}.ics").write_bytes(text_of(number).encode())


def text_of(number: int, *, title: str = "") -> str:
    start = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    at = start - timedelta(days=20) + number * timedelta(minutes=30)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Benchmark//EN",
        "BEGIN:VEVENT",
        f"UID:e{number}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{at:%Y%m%dT%H%M%SZ}",
        f"DTEND:{at + timedelta(minutes=20):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title or f'Event {number}'}",
        f"DESCRIPTION:{'words ' * 50}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def warm(server: RadicaleServer, calendar: str) -> None:
    """Let the server index what was laid into its folder; that is not ours to measure."""
    for _ in range(20):
        try:
            server.ask("PROPFIND", calendar, headers={"Depth": "1"})
        except TimeoutError:
            continue
        return


def manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)


def count(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        rows = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(rows.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
