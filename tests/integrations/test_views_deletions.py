"""The page on which a connection's owner says what follows from deletions in iCloud."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calendars.models import BlockedSlot, BusySource
from integrations.models import Connection
from integrations.services.connecting import record_listing
from integrations.services.feeding import start_reading
from tests.conftest import Tenant
from tests.integrations.conftest import listing, named

BASE = "/s/riverside/settings/calendars/connections/"
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]


@pytest.fixture
def owner(tenant: Tenant, signed_in: SignIn) -> Client:
    return signed_in(tenant.owner)


@pytest.fixture
def feed(connection: Connection) -> BusySource:
    """Of the connection's one calendar, with two times kept ahead and one that is over."""
    now = timezone.now()
    record_listing(connection, [listing("/1/work/", "Work")], now=now)
    start_reading(named(connection, "Work"), is_blocking=True)
    source = BusySource.objects.get()
    for hours in (-3, 5, 7):
        BlockedSlot.objects.create(
            sub_account=source.sub_account,
            user=source.user,
            source=source,
            key=str(hours),
            starts_at=now + hours * HOUR,
            ends_at=now + (hours + 1) * HOUR,
            title="Dentist",
            deleted_remotely_at=now,
        )
    return source


def url(connection: Connection) -> str:
    return f"{BASE}{connection.pk}/deletions/"


def rules(connection: Connection) -> tuple[bool, bool]:
    connection.refresh_from_db()
    return connection.frees_deleted, connection.cancels_deleted


def test_the_card_says_how_it_is_set_and_leads_to_the_page(
    owner: Client, connection: Connection, feed: BusySource
) -> None:
    page = owner.get(BASE).content.decode()

    assert f'href="{url(connection)}"' in page
    assert "Its time stays blocked" in page
    assert "The appointment stays" in page
    assert '<a href="/s/riverside/calendar/kept/">2 times kept</a>' in page

    Connection.objects.update(frees_deleted=True, cancels_deleted=True)
    changed = owner.get(BASE).content.decode()

    assert "Its time is freed" in changed
    assert "The appointment is cancelled" in changed


def test_the_page_says_what_each_choice_means_and_keeps_by_default(
    owner: Client, connection: Connection, feed: BusySource
) -> None:
    page = owner.get(url(connection)).content.decode()

    for words in (
        "can’t tell a deletion from a move",
        "nobody can book it until you release it",
        "The 2 times kept so far are freed as you save.",
        "Its guests are told by e-mail",
        "Only where you are its primary host",
    ):
        assert words in page
    assert re.findall(r'value="(\w+)"[^>]*\bchecked', page) == ["no", "no"]


def test_both_settings_are_saved_and_what_was_kept_is_free(
    owner: Client, connection: Connection, feed: BusySource
) -> None:
    page = owner.post(url(connection), {"frees": "yes", "cancels": "yes"}, follow=True)

    assert rules(connection) == (True, True)
    assert "2 times kept so far are free again." in page.content.decode()
    assert not BlockedSlot.objects.exists()


def test_each_setting_stands_for_itself(
    owner: Client, connection: Connection, feed: BusySource
) -> None:
    owner.post(url(connection), {"frees": "no", "cancels": "yes"})

    assert rules(connection) == (False, True)
    assert BlockedSlot.objects.count() == 3

    owner.post(url(connection), {"frees": "no", "cancels": "no"})

    assert rules(connection) == (False, False)


@pytest.mark.parametrize("sent", [{}, {"frees": "yes"}, {"frees": "maybe", "cancels": "no"}])
def test_an_incomplete_form_changes_nothing(
    owner: Client, connection: Connection, feed: BusySource, sent: dict[str, str]
) -> None:
    answer = owner.post(url(connection), sent)

    assert answer.status_code == 422
    assert rules(connection) == (False, False)
    assert BlockedSlot.objects.count() == 3


def test_a_team_mate_and_an_admin_reach_neither_page_nor_setting(
    tenant: Tenant, signed_in: SignIn, connection: Connection
) -> None:
    for user in (tenant.mate, tenant.admin):
        client = signed_in(user)
        answers = [client.get(url(connection)), client.post(url(connection), {"frees": "yes"})]
        assert [answer.status_code for answer in answers] == [404, 404]

    assert rules(connection) == (False, False)


def test_agency_admins_read_the_settings_and_cannot_change_them(
    tenant: Tenant, signed_in: SignIn, connection: Connection
) -> None:
    Connection.objects.update(frees_deleted=True)
    address = f"/admin/integrations/connection/{connection.pk}/change/"
    client = signed_in(tenant.agency_admin)

    page = client.get(address).content.decode()
    client.post(address, {"frees_deleted": "", "cancels_deleted": "on"})

    assert "Deleted events free their time" in page
    assert "Deleted events cancel their appointments" in page
    assert (page.count("icon-yes"), page.count("icon-no")) == (1, 1)
    assert rules(connection) == (True, False)
