"""An iCloud to connect to: a real CalDAV server, and accounts on it."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import SubAccount, User
from calendars.models import Calendar
from integrations.caldav.discovery import CalendarKind, CalendarListing
from integrations.models import Connection, RemoteAccount, RemoteCalendar
from integrations.services.connecting import connect
from tests.bookings import make_calendar
from tests.conftest import Tenant
from tests.fakes.radicale_server import RadicaleServer
from tests.passwords import PASSWORD


@dataclass
class AppleAccount:
    """Somebody's account on the server that plays iCloud."""

    server: RadicaleServer
    name: str
    home: str
    password: str = PASSWORD

    def calendar(self, slug: str, name: str) -> str:
        return self.server.make_calendar(f"{self.home}{slug}/", name)

    def read_only_calendar(self, slug: str, name: str) -> str:
        path = self.calendar(slug, name)
        self.server.set_read_only(path)
        return path

    def subscription(self, slug: str, name: str) -> str:
        source = "https://example.com/holidays.ics"
        return self.server.make_subscribed(f"{self.home}{slug}/", name, source)

    def reminders(self, slug: str, name: str) -> str:
        return self.server.make_reminders(f"{self.home}{slug}/", name)

    def connected(self, user: User, sub_account: SubAccount) -> Connection:
        return connect(
            user=user, sub_account=sub_account, apple_id=self.name, password=self.password
        )


MakeAccount = Callable[[str], AppleAccount]


@pytest.fixture(scope="session")
def radicale() -> Iterator[RadicaleServer]:
    with RadicaleServer() as server:
        yield server


@pytest.fixture
def icloud(radicale: RadicaleServer, settings: Settings) -> RadicaleServer:
    """The server, as the one Daybook takes for iCloud; nothing has been asked of it yet."""
    play_icloud(settings, radicale.url)
    radicale.clear()
    return radicale


@pytest.fixture
def apple(icloud: RadicaleServer) -> MakeAccount:
    """Makes accounts with names of their own, each with the calendars Home and Work."""

    def make(name: str) -> AppleAccount:
        unique = f"{name}-{secrets.token_hex(4)}@icloud.test"
        account = AppleAccount(icloud, unique, icloud.add_user(unique, PASSWORD))
        account.calendar("home", "Home")
        account.calendar("work", "Work")
        icloud.clear()
        return account

    return make


@pytest.fixture
def connection(tenant: Tenant) -> Connection:
    """The owner's, without a server behind it and without calendars."""
    account = RemoteAccount.objects.create(principal_path="/1/principal/")
    row: Connection = Connection.objects.create(
        user=tenant.owner,
        sub_account=tenant.sub_account,
        remote_account=account,
        account_name="ana@icloud.com",
        secret=PASSWORD,
        home_path="/1/calendars/",
    )
    return row


def listing(path: str, name: str = "Home", **changes: Any) -> CalendarListing:
    facts: dict[str, Any] = {
        "color": "#0e61b9",
        "order": None,
        "kind": CalendarKind.EVENTS,
        "can_write": True,
        "is_shared": False,
        "marker": "1",
        "supports_sync": True,
        "time_zone": "",
    }
    return CalendarListing(path=path, name=name, **(facts | changes))


def play_icloud(settings: Settings, origin: str) -> None:
    settings.ICLOUD_CALDAV_URL = f"{origin}/"
    settings.CALDAV_ALLOWED_HOSTS = [origin]


def named(connection: Connection, name: str) -> RemoteCalendar:
    return connection.calendars.get(name=name)


@pytest.fixture
def calendar(tenant: Tenant, linked: str) -> Calendar:
    return make_calendar(tenant.sub_account, tenant.owner)
