"""What staff see of a connection, and what they do about it, over a real CalDAV server."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calendars.models import BlockedSlot
from integrations.models import Connection, RemoteAccount
from tests.bookings import book_at_and_post, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, utc_event
from tests.integrations.events import starts_on
from tests.jobs import work_off

SETTINGS = "/s/riverside/settings/calendars/"
CONNECTIONS, PANEL = f"{SETTINGS}connections/", f"{SETTINGS}configuration/"
HOUR = timedelta(hours=1)


@pytest.fixture
def staff(tenant: Tenant, signed_in: Callable[[User], Client], linked: str) -> Client:
    """The owner, whose account is connected and read."""
    work_off()  # nothing is left to be done by itself
    return signed_in(tenant.owner)


def text_of(client: Client, url: str) -> str:
    page = client.get(url, follow=True).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def click(client: Client, action: str, **typed: str) -> str:
    """Send a button or a form of the one connection; returns what the page says then."""
    url = f"{CONNECTIONS}{Connection.objects.get().pk}/{action}/"
    page = client.post(url, typed, follow=True).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def titles() -> list[str]:
    return sorted(BlockedSlot.objects.values_list("title", flat=True))


def put(account: ICloudAccount, path: str, title: str, hour: int) -> None:
    starts_at = tomorrow_at(hour)
    ics = utc_event(title, starts_at, starts_at + HOUR, summary=title)
    account.server.put(f"{path}{title}.ics", ics)


def refuse(account: ICloudAccount) -> None:
    """Apple refuses the password from now on, and the connection learns of it, twice."""
    account.server.add_user(account.apple_id, "another-pass-word-here")
    Connection.objects.update(synced_at=timezone.now() - timedelta(days=2))
    RemoteAccount.objects.update(retry_at=None)


def test_sync_now_reads_what_is_new(staff: Client, account: ICloudAccount, linked: str) -> None:
    put(account, linked, "Dentist", 9)

    said = click(staff, "sync")
    assert "is being synced" in said
    assert titles() == []
    work_off()

    assert titles() == ["Dentist"]
    assert "Connected Last synced" in text_of(staff, CONNECTIONS)


def test_refreshing_the_list_offers_a_calendar_made_meanwhile(
    staff: Client, account: ICloudAccount
) -> None:
    account.calendar("garden")
    assert "Garden" not in text_of(staff, f"{PANEL}conflicts/")

    assert "is up to date" in click(staff, "refresh")

    assert "Garden" in text_of(staff, f"{PANEL}conflicts/")


def test_a_refused_password_says_what_to_do_and_a_new_one_keeps_every_choice(
    staff: Client, account: ICloudAccount, linked: str
) -> None:
    before = text_of(staff, PANEL)
    refuse(account)
    click(staff, "sync")
    work_off()

    page = text_of(staff, CONNECTIONS)
    for words in (
        "Needs reconnecting",
        "Use an app-specific password (16 letters",
        "Check that two-factor authentication is on",
        "Choose “Replace password”; every choice of calendars is kept.",
    ):
        assert words in page

    put(account, linked, "Dentist", 9)
    said = click(staff, "password", app_password="another-pass-word-here")
    work_off()
    assert "has its new password. Your choices are kept." in said
    assert titles() == ["Dentist"]
    assert before.split("Last read")[0] == text_of(staff, PANEL).split("Last read")[0]


def test_pausing_keeps_the_blocks_and_asks_icloud_nothing_until_it_is_resumed(
    staff: Client, account: ICloudAccount, linked: str
) -> None:
    put(account, linked, "Dentist", 9)
    click(staff, "sync")
    work_off()
    account.server.clear()

    assert "Paused" in click(staff, "pause")
    put(account, linked, "Lunch", 12)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert "This connection is paused" in click(staff, "sync")
        work_off()
    assert (titles(), account.server.requests) == (["Dentist"], [])

    click(staff, "resume")
    work_off()
    assert titles() == ["Dentist", "Lunch"]


def test_disconnecting_says_what_it_means_and_removes_events_only_where_that_is_ticked(
    staff: Client, tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    put(account, linked, "Dentist", 9)
    click(staff, "sync")
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(14))
    work_off()
    assert tomorrow_at(14) in starts_on(account, linked)

    question = text_of(staff, f"{CONNECTIONS}{Connection.objects.get().pk}/disconnect/")
    for words in ("1 still to come", "Appointments stay", "Remove 1 event of upcoming"):
        assert words in question
    assert "is being disconnected" in click(staff, "disconnect", removes_events="on")
    assert "1 event is still to be removed" in text_of(staff, CONNECTIONS)
    work_off()

    assert starts_on(account, linked) == [tomorrow_at(9)]
    assert titles() == []
    assert Connection.objects.get().secret == ""
    assert "No calendar account is connected yet" in text_of(staff, CONNECTIONS)
    assert "Gwen Guest" in text_of(staff, "/s/riverside/appointments/")


def test_another_linked_calendar_offers_to_move_the_upcoming_appointments(
    staff: Client, tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    garden = account.calendar("garden")
    click(staff, "refresh")
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(14))
    work_off()

    assert "Move my upcoming appointment to it as well" in text_of(staff, f"{PANEL}linked/")
    chosen = Connection.objects.get().calendars.get(path=garden).pk
    typed = {"calendar": chosen, "takes_upcoming": "on"}
    page = staff.post(f"{PANEL}linked/", typed, follow=True).content.decode()
    work_off()

    assert "1 upcoming appointment is being written to “Garden”." in page
    assert (starts_on(account, linked), starts_on(account, garden)) == ([], [tomorrow_at(14)])


def test_the_panel_says_what_is_linked_when_each_was_read_and_what_was_skipped_and_why(
    staff: Client, account: ICloudAccount, linked: str
) -> None:
    put(account, linked, "Dentist", 9)
    start, end = (f";TZID=Mars/Olympus:{tomorrow_at(hour):%Y%m%dT%H%M%S}" for hour in (11, 12))
    account.server.put(f"{linked}odd.ics", event("odd", start, end))
    click(staff, "sync")
    work_off()

    page = text_of(staff, PANEL)

    assert re.search(r"Linked calendar .*Work .*Last read \d+ \w+, \d\d:\d\d · 2 events", page)
    assert "Some events need a look 1 event: A time zone is not known" in page
