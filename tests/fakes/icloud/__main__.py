"""``python -m tests.fakes.icloud``: the server by itself, until Ctrl-C."""

import signal
import sys
import time
from types import FrameType

from tests.fakes.icloud import ICloudServer, options

WELCOME = """\
An iCloud at home: {url}/  (calendars live at {partition})
{people}
Ctrl-C stops it.
"""


class Stopped(Exception):
    """Somebody wants it to end."""


def main() -> int:
    parser = options.parser()
    given = parser.parse_args()
    try:
        people = options.accounts(given.user)
        quirks = options.quirks(given.quirk)
        script = options.faults(given.faults) if given.faults else None
    except ValueError as wrong:
        parser.error(str(wrong))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    server = ICloudServer(
        given.folder, port=given.port, partition_port=given.partition_port, quirks=quirks
    )
    try:
        with server:
            if script:
                server.faults.rules += script.rules
            homes = [_furnish(server, name, password) for name, password in people]
            print(_welcome(server, homes), flush=True)
            _listen(server, quiet=given.quiet)
    except Stopped:
        print("Stopped.")
    except OSError as wrong:
        parser.error(f"The address cannot be used: {wrong}")
    return 0


def _furnish(server: ICloudServer, name: str, password: str) -> str:
    """An account with the two calendars every iCloud account begins with."""
    home = server.add_user(name, password)
    for slug in ("home", "work"):
        if server.service.world.calendar_at(f"{home}{slug}/") is None:
            server.make_calendar(f"{home}{slug}/", slug.title())
    return f"  {name}  {password}  {home}"


def _welcome(server: ICloudServer, homes: list[str]) -> str:
    return WELCOME.format(url=server.url, partition=server.partition_url, people="\n".join(homes))


def _listen(server: ICloudServer, *, quiet: bool) -> None:
    """Tell what is asked, until somebody stops it."""
    told = 0
    while True:
        time.sleep(0.5)
        for entry in server.log[told:]:
            if not quiet:
                print(f"{entry.status or '---'} {entry.method} {entry.host} {entry.path}")
        told = len(server.log)
        sys.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
