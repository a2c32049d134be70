"""One person's account on a real CalDAV server, for tests that need one."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import SubAccount, User
from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import choose_conflicts, choose_linked, configuration_of
from integrations.services.connecting import connect
from tests.fakes.icloud import ICloudServer
from tests.fakes.proxy import Gate
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.served import ServedCalDAV
from tests.passwords import PASSWORD

_numbers = itertools.count(1)


def event(
    uid: str,
    starts: str,
    ends: str,
    *lines: str,
    summary: str = "Busy",
    overrides: Sequence[str] = (),
) -> str:
    """A resource with one event; `starts` and `ends` hold all that follows DTSTART and DTEND."""
    body = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART{starts}",
        f"DTEND{ends}",
        f"SUMMARY:{summary}",
        *lines,
        "END:VEVENT",
        *overrides,
    ]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *body, "END:VCALENDAR", ""]
    )


def utc_event(
    uid: str, starts_at: datetime, ends_at: datetime, *lines: str, summary: str = "Busy"
) -> str:
    return event(
        uid, f":{starts_at:%Y%m%dT%H%M%SZ}", f":{ends_at:%Y%m%dT%H%M%SZ}", *lines, summary=summary
    )


@dataclass
class ICloudAccount:
    """An Apple ID of the test's own, with the calendars it makes."""

    server: RadicaleServer | ICloudServer
    password: str = PASSWORD
    apple_id: str = field(default_factory=lambda: f"person{next(_numbers)}@icloud.test")
    home: str = ""

    def __post_init__(self) -> None:
        self.home = self.server.add_user(self.apple_id, self.password)

    def calendar(self, name: str = "work") -> str:
        return self.server.make_calendar(f"{self.home}{name}/", name.title())

    def stop_next(self, method: str, *, is_after: bool = False) -> Gate:
        """Hold the next request with that method at its server's proxy."""
        assert isinstance(self.server, ServedCalDAV)
        return self.server.stop_next(method, is_after=is_after)

    def connect(self, user: User, sub_account: SubAccount) -> Connection:
        return connect(
            user=user, sub_account=sub_account, apple_id=self.apple_id, password=self.password
        )

    def connect_and_choose(
        self,
        user: User,
        sub_account: SubAccount,
        *,
        linked: str = "",
        conflicts: Sequence[str] = (),
    ) -> Connection:
        """Connect, then choose calendars by path."""
        connection = self.connect(user, sub_account)
        configuration = configuration_of(user, sub_account)
        if linked:
            choose_linked(configuration, remote(connection, linked))
        choose_conflicts(configuration, [remote(connection, path) for path in conflicts])
        return connection


def remote(connection: Connection, path: str) -> RemoteCalendar:
    return connection.calendars.get(path=path)
