"""`make demo`: Daybook to click through, until Ctrl-C."""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

from demo.icloud import ANA, BEN
from demo.stack import Stack

FOLDER = Path(__file__).resolve().parent.parent / ".demo"

WELCOME = """
Daybook is running at {url}

  Sign in at {url}/accounts/login/ (password for all: daybook-demo)
    ana@demo.test      staff; her iCloud is connected and read
    ben@demo.test      staff; his iCloud is not connected yet: try it
    admin@demo.test    admin of the sub-account Riverside
    agency@demo.test   agency admin: {url}/admin/

  Connect Ben at Settings > Calendars > Connections with
    Apple ID               {ben.apple_id}
    App-specific password  {ben.app_password}
  (Ana's: {ana.apple_id}, {ana.app_password})

  Book as a guest        {url}/book/riverside/
  The demo's iCloud      {icloud}/ (CalDAV: any calendar program can sign in
                         with those Apple IDs and passwords)
  Logs and data          {folder}   (delete the folder to start afresh)

Ctrl-C stops everything.
"""


def asked_to_stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked_to_stop)
    FOLDER.mkdir(exist_ok=True)
    print("Starting Daybook …", flush=True)
    try:
        with Stack(FOLDER, web_port=8000, caldav_port=5232) as stack:
            print(
                WELCOME.format(
                    url=stack.url, icloud=stack.icloud.url, ana=ANA, ben=BEN, folder=FOLDER
                ),
                flush=True,
            )
            while True:
                stack.check()
                time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    except RuntimeError as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
