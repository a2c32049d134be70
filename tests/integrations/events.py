"""What stands on a calendar server, asked of the server itself."""

from datetime import date

import icalendar

from tests.icloud import ICloudAccount


def hrefs_on(account: ICloudAccount, path: str) -> list[str]:
    _, _, listing = account.server.ask("PROPFIND", path, headers={"Depth": "1"})
    hrefs = [part.split("<")[0] for part in listing.split("<href>")[1:]]
    return [href for href in hrefs if href.endswith(".ics")]


def events_on(account: ICloudAccount, path: str) -> list[icalendar.Event]:
    bodies = [account.server.get(href) for href in hrefs_on(account, path)]
    files = [icalendar.Calendar.from_ical(body) for body in bodies]
    return [event for file in files for event in file.events]


def starts_on(account: ICloudAccount, path: str) -> list[date]:
    return [event.start for event in events_on(account, path)]
