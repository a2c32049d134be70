"""The cast of the tests: two agencies, their sub-accounts, an owner, a team-mate, a stranger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from integrations.services.pulling import pull
from tests.fakes.radicale_server import RadicaleServer
from tests.icloud import ICloudAccount

PASSWORD = "correct horse battery"  # for people in tests


@cache
def password_hash() -> str:
    """Hashing is slow by intent: once a run is enough."""
    return make_password(PASSWORD)


def make_user(email: str, *, full_name: str = "") -> User:
    return User.objects.create(email=email, password=password_hash(), full_name=full_name)


@dataclass
class Tenant:
    """An agency with one sub-account: its agency admin, a sub-account admin and two users."""

    agency: Agency
    sub_account: SubAccount
    agency_admin: User
    admin: User
    owner: User
    mate: User


def make_tenant(slug: str) -> Tenant:
    agency = Agency.objects.create(name=f"{slug.title()} Agency")
    sub_account = SubAccount.objects.create(
        agency=agency, name=slug.title(), slug=slug, time_zone="Europe/Berlin"
    )
    agency_admin = make_user(f"agency@{slug}.test", full_name=f"{slug.title()} Agency Admin")
    AgencyMember.objects.create(agency=agency, user=agency_admin)
    people = [
        make_user(f"{name}@{slug}.test", full_name=name.title())
        for name in ("admin", "owner", "mate")
    ]
    for user, role in zip(
        people, (Member.Role.ADMIN, Member.Role.USER, Member.Role.USER), strict=True
    ):
        Member.objects.create(sub_account=sub_account, user=user, role=role)
    return Tenant(agency, sub_account, agency_admin, *people)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("riverside")


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    return make_tenant("hillside")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture(scope="session")
def radicale() -> Iterator[RadicaleServer]:
    with RadicaleServer() as server:
        yield server


@pytest.fixture
def icloud_server(radicale: RadicaleServer, settings: Settings) -> RadicaleServer:
    """The server that plays iCloud, as the product is configured to see it."""
    settings.ICLOUD_CALDAV_URL = f"{radicale.url}/"
    settings.CALDAV_ALLOWED_HOSTS = [radicale.url]
    radicale.relent()
    radicale.clear()
    return radicale


@pytest.fixture
def account(icloud_server: RadicaleServer) -> ICloudAccount:
    """A fresh Apple ID on it, without calendars."""
    return ICloudAccount(icloud_server)


@pytest.fixture
def linked(tenant: Tenant, account: ICloudAccount) -> str:
    """The owner's linked calendar, read once; returns its path."""
    path = account.calendar()
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=path, conflicts=[path, account.calendar("home")]
    )
    assert pull(connection) is not None
    return path
