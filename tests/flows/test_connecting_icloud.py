"""What staff do on Connections and Calendar Configuration, page by page, over a real server."""

import re
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client

from accounts.models import Member, SubAccount, User
from calendars.models import BlockedSlot
from integrations.models import Connection, RemoteAccount
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, remote, utc_event
from tests.jobs import queued, work_off
from tests.passwords import WRONG

SETTINGS = "/s/riverside/settings/"
CONNECTIONS = f"{SETTINGS}calendars/connections/"
FORM = f"{CONNECTIONS}icloud/"
PANELS = (f"{SETTINGS}calendars/configuration/", f"{SETTINGS}profile/calendar-configuration/")
LINKED, CONFLICTS = f"{PANELS[0]}linked/", f"{PANELS[0]}conflicts/"


@pytest.fixture
def staff(tenant: Tenant, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(tenant.owner)


def text_of(client: Client, url: str) -> str:
    """What a person reads on a page."""
    page = client.get(url, follow=True).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def submit(client: Client, account: ICloudAccount, password: str | None = None) -> tuple[int, str]:
    typed = {"apple_id": account.apple_id, "app_password": password or account.password}
    answer = client.post(FORM, typed, follow=True)
    return answer.status_code, answer.content.decode()


def connected(client: Client, account: ICloudAccount) -> Connection:
    assert submit(client, account)[0] == 200
    connection: Connection = Connection.objects.get(account_name=account.apple_id)
    return connection


def option(client: Client, url: str, value: int) -> str:
    """The tag of a radio button or checkbox; empty where it is not offered."""
    page = client.get(url).content.decode()
    tags = [tag for tag in re.findall(r"<input[^>]*>", page) if f'value="{value}"' in tag]
    return tags[0] if tags else ""


def test_the_guide_explains_how_to_get_an_app_specific_password(staff: Client) -> None:
    guide = text_of(staff, FORM)

    steps = [
        "Sign in to Apple Go to appleid.apple.com",
        "Turn on two-factor authentication",
        "Sign-In and Security, then App-Specific Passwords, then Generate",
        "Give it a label",
        "Copy it",
    ]
    places = [guide.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert guide.find("Copy it") < guide.find("App-specific password 16 letters")


def test_the_way_from_connections_over_the_tile_to_a_connected_account(
    staff: Client, account: ICloudAccount
) -> None:
    assert f'href="{CONNECTIONS}"' in staff.get("/s/riverside/calendar/").content.decode()
    assert f'href="{CONNECTIONS}new/"' in staff.get(CONNECTIONS).content.decode()
    assert f'href="{FORM}"' in staff.get(f"{CONNECTIONS}new/").content.decode()

    account.server.clear()
    assert submit(staff, account)[0] == 200

    assert [method for method, _ in account.server.requests] == ["PROPFIND"] * 3
    assert f"{account.apple_id} iCloud Calendar" in text_of(staff, CONNECTIONS)


def test_the_way_from_my_profile_over_integrations_to_a_connected_account(
    staff: Client, account: ICloudAccount
) -> None:
    integrations = f"{SETTINGS}profile/integrations/"
    assert f'href="{integrations}"' in staff.get(f"{SETTINGS}profile/").content.decode()
    assert f'href="{FORM}"' in staff.get(integrations).content.decode()

    assert submit(staff, account)[0] == 200

    assert account.apple_id in text_of(staff, integrations)


def test_credentials_are_proved_before_anything_is_saved_and_a_refusal_says_what_to_do(
    staff: Client, account: ICloudAccount
) -> None:
    status, page = submit(staff, account, WRONG)

    assert status == 422
    for words in ("Use an app-specific", "Check that two-factor authentication", "revokes all"):
        assert words in page
    assert Connection.objects.count() == RemoteAccount.objects.count() == 0
    assert queued() == []


@pytest.mark.parametrize(
    "typed", ["qwer tyui opas dfgh", "qwertyuiopasdfgh", " QWER-tyui-opas–dfgh "]
)
def test_spaces_and_dashes_in_the_password_do_not_matter(
    staff: Client, account: ICloudAccount, typed: str
) -> None:
    assert submit(staff, account, typed)[0] == 200

    assert Connection.objects.get().secret == account.password


def test_the_password_is_stored_encrypted_and_never_shown_again(
    staff: Client, account: ICloudAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    connection = connected(staff, account)
    pages = [CONNECTIONS, FORM, f"{CONNECTIONS}{connection.pk}/password/", *PANELS]

    shown = "".join(staff.get(page).content.decode() for page in pages)

    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_connection")
        stored = bytes(cursor.fetchone()[0])
    assert stored.startswith(b"gAAAA")
    for place in (shown, caplog.text, str(queued()), repr(connection.__dict__), str(stored)):
        assert account.password not in place


def test_several_accounts_stand_side_by_side_and_the_same_one_twice_is_refused(
    staff: Client, account: ICloudAccount
) -> None:
    second = ICloudAccount(account.server)
    connected(staff, account)
    connected(staff, second)

    status, page = submit(staff, account)

    assert status == 422
    assert "connected here already" in page
    assert Connection.objects.count() == 2
    assert {account.apple_id, second.apple_id} <= set(text_of(staff, CONNECTIONS).split())


def test_the_same_account_can_be_connected_in_another_sub_account(
    staff: Client, tenant: Tenant, account: ICloudAccount
) -> None:
    lakeside = SubAccount.objects.create(agency=tenant.agency, name="Lakeside", slug="lakeside")
    Member.objects.create(sub_account=lakeside, user=tenant.owner)
    connected(staff, account)

    url = FORM.replace("riverside", "lakeside")
    typed = {"apple_id": account.apple_id, "app_password": account.password}
    assert staff.post(url, typed).status_code == 302

    places = Connection.objects.values_list("sub_account__slug", flat=True)
    assert sorted(places) == ["lakeside", "riverside"]
    assert RemoteAccount.objects.count() == 1


def test_subscribed_calendars_and_reminders_are_not_offered_and_the_page_says_why(
    staff: Client, account: ICloudAccount
) -> None:
    account.calendar("work")
    holidays = account.server.make_subscribed(
        f"{account.home}holidays/", "Bank holidays", "https://example.com/holidays.ics"
    )
    tasks = account.server.make_reminders(f"{account.home}tasks/", "Groceries")
    connection = connected(staff, account)

    for path in (holidays, tasks):
        pk = remote(connection, path).pk
        assert option(staff, LINKED, pk) == option(staff, CONFLICTS, pk) == ""
        assert staff.post(LINKED, {"calendar": pk}).status_code == 422
        assert staff.post(CONFLICTS, {"calendars": [pk]}).status_code == 422
    page = text_of(staff, CONNECTIONS)
    assert "Bank holidays : A subscribed calendar" in page
    assert "Groceries : A reminders list" in page
    assert "Subscribed calendars, such as holidays" in page


def test_a_read_only_calendar_can_be_read_and_is_shown_disabled_as_linked_calendar(
    staff: Client, account: ICloudAccount
) -> None:
    rota = account.calendar("rota")
    account.server.set_read_only(rota)
    pk = remote(connected(staff, account), rota).pk

    assert "disabled" in option(staff, LINKED, pk)
    assert "Read-only: appointments can't be written to it" in text_of(staff, LINKED).replace(
        "&#x27;", "'"
    )
    assert staff.post(LINKED, {"calendar": pk}).status_code == 422
    assert staff.post(CONFLICTS, {"calendars": [pk]}).status_code == 302


def test_the_panel_has_two_addresses_and_appears_with_the_first_connection(
    staff: Client, account: ICloudAccount
) -> None:
    for panel in PANELS:
        before = staff.get(panel, follow=True)
        assert before.redirect_chain == [(CONNECTIONS, 302)]
        assert "Connect an iCloud account first" in before.content.decode()

    connected(staff, account)

    panels = [text_of(staff, panel) for panel in PANELS]
    assert "Linked calendar" in panels[0]
    assert "Conflict calendars" in panels[0]
    assert panels[0] == panels[1]
    assert all(panel in staff.get(CONNECTIONS).content.decode() for panel in PANELS[:1])
    assert PANELS[1] in staff.get(f"{SETTINGS}profile/").content.decode()


def test_all_appointments_are_written_to_the_linked_calendar_and_its_events_read(
    staff: Client, tenant: Tenant, account: ICloudAccount
) -> None:
    home, work = account.calendar("home"), account.calendar("work")
    account.server.put(f"{work}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    connection = connected(staff, account)

    staff.post(LINKED, {"calendar": remote(connection, work).pk})
    work_off()
    book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(12))
    account.server.clear()
    work_off()

    puts = [path for method, path in account.server.requests if method == "PUT"]
    assert len(puts) == 1
    assert puts[0].startswith(work)
    assert not puts[0].startswith(home)
    assert [slot.starts_at for slot in BlockedSlot.objects.all()] == [tomorrow_at(9)]


def test_without_a_linked_calendar_events_are_read_and_nothing_is_written(
    staff: Client, tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar("work")
    account.server.put(f"{work}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    connection = connected(staff, account)

    staff.post(LINKED, {"calendar": ""})
    staff.post(CONFLICTS, {"calendars": [remote(connection, work).pk]})
    work_off()
    book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(12))
    work_off()

    assert "PUT" not in {method for method, _ in account.server.requests}
    assert BlockedSlot.objects.count() == 1


def test_any_number_of_conflict_calendars_is_read_and_never_written(
    staff: Client, tenant: Tenant, account: ICloudAccount
) -> None:
    paths = [account.calendar(name) for name in ("one", "two", "three")]
    for number, path in enumerate(paths):
        start = tomorrow_at(9 + number)
        account.server.put(f"{path}a.ics", utc_event(f"e{number}", start, tomorrow_at(10 + number)))
    connection = connected(staff, account)

    chosen = [remote(connection, path).pk for path in paths]
    assert staff.post(CONFLICTS, {"calendars": chosen}).status_code == 302
    work_off()
    book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(15))
    work_off()

    starts = BlockedSlot.objects.blocking().values_list("starts_at", flat=True)
    assert sorted(starts) == [tomorrow_at(9), tomorrow_at(10), tomorrow_at(11)]
    assert {method for method, _ in account.server.requests} <= {"PROPFIND", "REPORT"}


def test_the_linked_calendar_is_ticked_by_default_and_unticked_it_is_shown_without_blocking(
    staff: Client, account: ICloudAccount
) -> None:
    work = account.calendar("work")
    account.server.put(f"{work}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    pk = remote(connected(staff, account), work).pk

    staff.post(LINKED, {"calendar": pk})
    work_off()
    assert "checked" in option(staff, CONFLICTS, pk)
    assert BlockedSlot.objects.blocking().count() == 1

    staff.post(CONFLICTS, {})
    work_off()
    assert "checked" not in option(staff, CONFLICTS, pk)
    assert (BlockedSlot.objects.count(), BlockedSlot.objects.blocking().count()) == (1, 0)


def test_a_calendar_a_team_mate_shared_blocks_like_ones_own(
    staff: Client, account: ICloudAccount
) -> None:
    shared = account.calendar("carlas-rota")
    account.server.put(f"{shared}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    account.server.set_read_only(shared)  # as a share without the right to edit
    pk = remote(connected(staff, account), shared).pk

    assert "disabled" not in option(staff, CONFLICTS, pk)
    staff.post(CONFLICTS, {"calendars": [pk]})
    work_off()

    assert BlockedSlot.objects.blocking().count() == 1


def test_the_dialogs_list_connected_accounts_only_grouped_by_account(
    staff: Client, tenant: Tenant, account: ICloudAccount
) -> None:
    mates, gone = ICloudAccount(account.server), ICloudAccount(account.server)
    for one in (account, mates, gone):
        one.calendar("work")
    connected(staff, account)
    mates.connect(tenant.mate, tenant.sub_account)
    ended = connected(staff, gone)
    staff.post(f"{CONNECTIONS}{ended.pk}/disconnect/", follow=True)

    for dialog in (LINKED, CONFLICTS):
        page = staff.get(dialog).content.decode()
        assert re.findall(r"<legend[^>]*>([^<]+@icloud.test)<", page) == [account.apple_id]
        assert mates.apple_id not in page
        assert gone.apple_id not in page
