import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from accounts.models import Member, User
from integrations.caldav.errors import Reason
from integrations.models import Connection, RemoteAccount, RemoteCalendar, SyncRun
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import record_listing
from integrations.services.disconnecting import disconnect
from integrations.services.proving import REFUSED, WORDS
from tests.conftest import Tenant
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.scripted import ScriptedServer
from tests.integrations.conftest import MakeAccount, listing, named, play_icloud
from tests.integrations.scripts import WEB_PAGE
from tests.passwords import PASSWORD, WRONG

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE = "/s/riverside/settings/calendars/connections/"
SignIn = Callable[[User], Client]


@pytest.fixture
def owner(tenant: Tenant, signed_in: SignIn) -> Client:
    return signed_in(tenant.owner)


def connect_form(client: Client, apple_id: str, password: str, *, follow: bool = False) -> str:
    response = client.post(
        f"{BASE}icloud/", {"apple_id": apple_id, "app_password": password}, follow=follow
    )
    assert response.status_code == (200 if follow else 422)
    return response.content.decode()


def test_without_a_connection_the_page_says_what_to_do_next(owner: Client) -> None:
    page = owner.get(BASE).content.decode()

    assert "No calendar account is connected yet" in page
    assert f'href="{BASE}new/"' in page
    assert "+ </span>Add New" in page
    assert (
        "iCloud has Default Sync (One-Way Sync) only: there are no sync preferences to set" in page
    )


def test_the_way_from_the_page_through_the_tile_to_a_connected_account(
    owner: Client, apple: MakeAccount
) -> None:
    ana = apple("ana")
    assert f'href="{BASE}icloud/"' in owner.get(f"{BASE}new/").content.decode()
    guide = owner.get(f"{BASE}icloud/").content.decode()
    for step in ("appleid.apple.com", "two-factor", "App-Specific Passwords", "label", "Copy it"):
        assert step in guide

    page = connect_form(owner, ana.name, PASSWORD, follow=True)

    assert f"{ana.name} is connected" in page
    assert "Syncing" in page
    assert PASSWORD not in page
    assert Connection.objects.get().account_name == ana.name


def test_the_way_through_my_profile_leads_to_the_same_form(owner: Client) -> None:
    page = owner.get("/s/riverside/settings/profile/integrations/").content.decode()

    assert "iCloud Calendar" in page
    assert f'href="{BASE}icloud/"' in page


def test_a_refused_password_is_not_shown_again_and_nothing_is_saved(
    owner: Client, apple: MakeAccount, caplog: pytest.LogCaptureFixture
) -> None:
    ana = apple("ana")
    caplog.set_level("DEBUG")

    page = connect_form(owner, ana.name, "My Apple Passw0rd")

    assert "does not have the form of an app-specific password" in page
    assert REFUSED in page
    assert "My Apple Passw0rd" not in page + caplog.text
    assert ana.name in page
    assert RemoteAccount.objects.count() == Connection.objects.count() == 0


def test_a_web_page_in_between_is_said_so(owner: Client, settings: Settings) -> None:
    with ScriptedServer(WEB_PAGE) as server:
        play_icloud(settings, server.origin)
        page = connect_form(owner, "ana@icloud.com", PASSWORD)

    assert WORDS[Reason.NOT_CALDAV] in page
    assert "hotel" not in page


@pytest.mark.parametrize(("apple_id", "password"), [("", PASSWORD), ("ana@icloud.com", " ")])
def test_an_incomplete_form_asks_icloud_nothing(
    owner: Client, icloud: RadicaleServer, apple_id: str, password: str
) -> None:
    page = connect_form(owner, apple_id, password)

    assert "This field is required" in page
    assert icloud.requests == []


def test_the_same_account_a_second_time_is_refused_by_name(
    owner: Client, apple: MakeAccount
) -> None:
    ana = apple("ana")
    connect_form(owner, ana.name, PASSWORD, follow=True)

    page = connect_form(owner, ana.name.upper(), PASSWORD)

    assert f"connected here already, as {ana.name}" in page
    assert Connection.objects.count() == 1


def test_two_accounts_stand_side_by_side(owner: Client, apple: MakeAccount) -> None:
    ana, bea = apple("ana"), apple("bea")
    connect_form(owner, ana.name, PASSWORD, follow=True)

    page = connect_form(owner, bea.name, PASSWORD, follow=True)

    assert ana.name in page
    assert bea.name in page


def test_the_same_account_can_be_connected_in_another_sub_account(
    tenant: Tenant, other_tenant: Tenant, owner: Client, apple: MakeAccount
) -> None:
    ana = apple("ana")
    connect_form(owner, ana.name, PASSWORD, follow=True)
    Member.objects.create(sub_account=other_tenant.sub_account, user=tenant.owner)

    response = owner.post(
        "/s/hillside/settings/calendars/connections/icloud/",
        {"apple_id": ana.name, "app_password": PASSWORD},
    )

    assert response.status_code == 302
    assert RemoteAccount.objects.count() == 1
    assert Connection.objects.count() == 2


def test_the_demo_names_its_apple_id(owner: Client, settings: Settings) -> None:
    settings.DEMO_APPLE_ID = "ana@icloud.demo"

    assert "ana@icloud.demo" in owner.get(f"{BASE}icloud/").content.decode()


def test_what_is_not_offered_is_named_with_the_reason(
    owner: Client, tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    ana.subscription("holidays", "Bank Holidays <b>UK</b>")
    ana.reminders("tasks", "Groceries")
    ana.connected(tenant.owner, tenant.sub_account)

    page = owner.get(BASE).content.decode()

    assert "<strong>Bank Holidays &lt;b&gt;UK&lt;/b&gt;</strong>: A subscribed calendar" in page
    assert "<strong>Groceries</strong>: A reminders list" in page
    assert "Subscribed calendars" in page


def asked_again(page: str) -> tuple[str, str]:
    """The address at which a page asks for the state again, and how often."""
    found = re.search(r'data-hx-get="([^"]+/status/[^"]+)" data-hx-trigger="([^"]+)"', page)
    assert found
    return unescape(found[1]), found[2]


def test_the_state_is_asked_for_often_while_syncing_and_then_now_and_then(
    owner: Client, connection: Connection
) -> None:
    url, how_often = asked_again(owner.get(BASE).content.decode())
    assert how_often == "every 3s"

    Connection.objects.update(synced_at=NOW)
    SyncRun.objects.create(connection=connection, result=SyncRun.Result.DONE)
    fragment = owner.get(url).content.decode()

    assert "Connected" in fragment
    assert "2 Mar, 13:00" in fragment  # in the zone of the sub-account
    url, how_often = asked_again(fragment)
    assert how_often == "every 30s"
    assert owner.get(url).status_code == 204  # it shows that already


def test_where_other_buttons_belong_to_it_the_whole_page_comes_anew(
    owner: Client, connection: Connection
) -> None:
    url, _ = asked_again(owner.get(BASE).content.decode())
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)

    assert owner.get(url)["HX-Refresh"] == "true"

    leaving = f"{BASE}{connection.pk}/status/?state=leaving"
    Connection.objects.update(state=Connection.State.DISCONNECTED)
    assert owner.get(leaving)["HX-Refresh"] == "true"
    assert owner.get(url).status_code == 404


def test_whoever_works_elsewhere_too_is_told_to_connect_there_again(
    owner: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    assert "connect your account there again" not in owner.get(BASE).content.decode()

    Member.objects.create(sub_account=other_tenant.sub_account, user=tenant.owner)

    assert f"For “{other_tenant.sub_account}”, connect your account there again" in owner.get(
        BASE
    ).content.decode().replace("&#x27;", "'")


def test_sync_now_queues_one_job(owner: Client, connection: Connection) -> None:
    response = owner.post(f"{BASE}{connection.pk}/sync/", follow=True)

    assert "is being synced" in response.content.decode()
    assert OrmQ.objects.count() == 1


def test_sync_now_asks_nothing_while_the_password_is_refused(
    owner: Client, connection: Connection
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT, problem="refused")

    page = owner.post(f"{BASE}{connection.pk}/sync/", follow=True).content.decode()

    assert "Apple does not accept the stored password" in page
    assert OrmQ.objects.count() == 0


def test_refreshing_brings_a_calendar_made_meanwhile(
    owner: Client, tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    connection = ana.connected(tenant.owner, tenant.sub_account)
    ana.calendar("gym", "Gym")

    page = owner.post(f"{BASE}{connection.pk}/refresh/", follow=True).content.decode()

    assert "is up to date" in page
    assert "Gym" in page


def test_refreshing_says_what_went_wrong(
    owner: Client, connection: Connection, settings: Settings
) -> None:
    play_icloud(settings, "http://127.0.0.1:9")

    page = owner.post(f"{BASE}{connection.pk}/refresh/", follow=True).content.decode()

    assert WORDS[Reason.CONNECTION] in page


def test_refreshing_a_paused_connection_asks_nothing(owner: Client, connection: Connection) -> None:
    Connection.objects.update(state=Connection.State.PAUSED)

    page = owner.post(f"{BASE}{connection.pk}/refresh/", follow=True).content.decode()

    assert "This connection is paused. Resume it first." in page


def test_a_new_password_reconnects(owner: Client, tenant: Tenant, apple: MakeAccount) -> None:
    ana = apple("ana")
    connection = ana.connected(tenant.owner, tenant.sub_account)
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), named(connection, "Work"))
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT, problem="refused")
    url = f"{BASE}{connection.pk}/password/"
    assert "Needs reconnecting" in owner.get(BASE).content.decode()
    assert "App-specific password" in owner.get(url).content.decode()

    refused = owner.post(url, {"app_password": WRONG})
    taken = owner.post(url, {"app_password": PASSWORD}, follow=True)

    assert refused.status_code == 422
    assert WRONG not in refused.content.decode()
    assert "Your choices are kept" in taken.content.decode()
    assert Connection.objects.get().state == Connection.State.CONNECTED
    linked = configuration_of(tenant.owner, tenant.sub_account).linked_calendar
    assert linked == named(connection, "Work")


def test_pausing_and_resuming_by_button(owner: Client, connection: Connection) -> None:
    paused = owner.post(f"{BASE}{connection.pk}/pause/", follow=True).content.decode()
    resumed = owner.post(f"{BASE}{connection.pk}/resume/", follow=True).content.decode()

    assert f'action="{BASE}{connection.pk}/resume/"' in paused
    assert f'action="{BASE}{connection.pk}/pause/"' in resumed
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_a_button_of_an_old_page_says_that_it_did_nothing(
    owner: Client, connection: Connection, action: str
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)

    page = owner.post(f"{BASE}{connection.pk}/{action}/", follow=True).content.decode()

    assert "is not being synced. Its state below says why" in page
    assert "is paused." not in page
    assert "goes on" not in page


def test_disconnecting_says_first_what_it_means(
    owner: Client, tenant: Tenant, connection: Connection
) -> None:
    record_listing(connection, [listing("/1/work/", "Work")], now=NOW)
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), named(connection, "Work"))
    url = f"{BASE}{connection.pk}/disconnect/"

    question = owner.get(url).content.decode()
    assert Connection.objects.live().count() == 1
    page = owner.post(url, follow=True).content.decode()

    for words in (
        "Blocked slots that came from this account go",
        "“Work” is no longer your linked calendar",
        "Appointments stay",
        "Their events stay in iCloud",
        "password is erased",
    ):
        assert words in question
    assert "is disconnected and its password erased" in page
    assert "No calendar account is connected yet" in page
    assert Connection.objects.get().secret == ""


ACTIONS = ["sync", "refresh", "pause", "resume"]
FORMS = ["password", "disconnect"]


@pytest.mark.parametrize("action", ACTIONS)
def test_acting_takes_a_post(owner: Client, connection: Connection, action: str) -> None:
    assert owner.get(f"{BASE}{connection.pk}/{action}/").status_code == 405


@pytest.mark.parametrize("action", [*ACTIONS, *FORMS])
def test_a_team_mates_connection_is_out_of_reach(
    tenant: Tenant, connection: Connection, signed_in: SignIn, action: str
) -> None:
    for user in (tenant.mate, tenant.admin):
        response = signed_in(user).post(
            f"{BASE}{connection.pk}/{action}/", {"app_password": PASSWORD}
        )
        assert response.status_code == 404

    connection.refresh_from_db()
    assert connection.state == Connection.State.CONNECTED
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize("action", [*ACTIONS, *FORMS])
def test_a_connection_is_out_of_reach_from_another_sub_account(
    tenant: Tenant, other_tenant: Tenant, owner: Client, connection: Connection, action: str
) -> None:
    Member.objects.create(sub_account=other_tenant.sub_account, user=tenant.owner)
    url = reverse(f"integrations:connection_{action}", args=["hillside", connection.pk])

    assert owner.post(url, {"app_password": PASSWORD}).status_code == 404


def test_a_disconnected_connection_is_out_of_reach(owner: Client, connection: Connection) -> None:
    disconnect(connection)

    assert owner.post(f"{BASE}{connection.pk}/resume/").status_code == 404


def test_team_mates_do_not_see_each_others_accounts(
    tenant: Tenant, connection: Connection, signed_in: SignIn
) -> None:
    page = signed_in(tenant.mate).get(BASE).content.decode()

    assert connection.account_name not in page
    assert RemoteCalendar.objects.count() == 0


def test_a_wait_that_icloud_asked_for_is_kept(owner: Client, connection: Connection) -> None:
    RemoteAccount.objects.update(retry_at=timezone.now() + timedelta(minutes=5))

    page = owner.post(f"{BASE}{connection.pk}/sync/", follow=True).content.decode()

    assert "iCloud asked Daybook to wait" in page
    assert OrmQ.objects.count() == 0
