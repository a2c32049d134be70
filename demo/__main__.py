"""`make demo`: Daybook to click through, until Ctrl-C."""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

from demo.icloud import ANA, BEN, CARLA
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

  iCloud is played by an imitation on this machine; nothing is sent to Apple. Any
  calendar program can sign in at {icloud}/ (CalDAV) as
    {ana.apple_id:<20} {ana.app_password}
    {ben.apple_id:<20} {ben.app_password}
    {carla.apple_id:<20} {carla.app_password}  (shares her rota with both)

  Book as a guest        {url}/book/riverside/
  E-mails                {folder}/mail
  Logs and data          {folder}   (delete the folder to start afresh)

Ctrl-C stops everything.
"""


def asked_to_stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def welcome(stack: Stack) -> str:
    return WELCOME.format(
        url=stack.url, icloud=stack.icloud.url, ana=ANA, ben=BEN, carla=CARLA, folder=stack.folder
    )


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked_to_stop)
    FOLDER.mkdir(exist_ok=True)
    print("Starting Daybook …", flush=True)
    try:
        with Stack(FOLDER, web_port=8000, icloud_ports=(5282, 5283)) as stack:
            print(welcome(stack), flush=True)
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
