"""What the contract suite needs of each server: an account with one calendar of events."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from integrations.caldav.client import Client, Credentials, Limits, Server
from tests.fakes.icloud import ICloudServer
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.served import ServedCalDAV
from tests.fakes.xandikos_server import HOME, XandikosServer
from tests.passwords import PASSWORD

ANA = "ana@icloud.test"
LIMITS = Limits(connect_seconds=5, request_seconds=30, max_bytes=10_000_000)


@dataclass(frozen=True)
class Site:
    """One server, one account on it, one calendar in that."""

    server: ServedCalDAV | ICloudServer
    home: str
    calendar: str
    name: str = ANA

    def client(self, password: str = PASSWORD) -> Client:
        where = Server(f"{self.server.url}/", self.server.origins)
        return Client(where, Credentials(self.name, password), limits=LIMITS)

    def fresh(self, number: int) -> "Site":
        """A calendar of its own, in an account of its own where the server has accounts: a UID
        or a name used by one test is no news to the next."""
        home, name = self.home, self.name
        if isinstance(self.server, RadicaleServer | ICloudServer):
            name = f"ana-{number}@icloud.test"
            home = self.server.add_user(name, PASSWORD)
        slug = f"calendar-{number}"
        calendar = self.server.make_calendar(f"{home}{slug}/", f"Name of {slug}")
        return Site(self.server, home, calendar, name)


@contextmanager
def icloud() -> Iterator[Site]:
    with ICloudServer() as server:
        home = server.add_user(ANA, PASSWORD)
        yield Site(server, home, server.make_calendar(f"{home}work/", "Work"))


@contextmanager
def radicale() -> Iterator[Site]:
    with RadicaleServer() as server:
        home = server.add_user(ANA, PASSWORD)
        yield Site(server, home, server.make_calendar(f"{home}work/", "Work"))


@contextmanager
def xandikos() -> Iterator[Site]:
    with XandikosServer() as server:
        yield Site(server, HOME, server.make_calendar(f"{HOME}work/", "Work"))


def event(uid: str, summary: str = "Tea", hour: int = 9) -> str:
    """Return one event of an hour, in UTC."""
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Tests//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20261101T080000Z",
            f"DTSTART:20261201T{hour:02}0000Z",
            f"DTEND:20261201T{hour + 1:02}0000Z",
            f"SUMMARY:{summary}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
