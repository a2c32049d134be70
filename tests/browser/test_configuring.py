"""How staff choose what is written to and what blocks, and what a guest finds then."""

import pytest

from accounts.models import SubAccount
from calendars.models import Calendar
from tests.bookings import book_at, tomorrow_at
from tests.browser.conftest import OpenPage
from tests.browser.desk import Desk
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount, utc_event
from tests.integrations.events import starts_on
from tests.jobs import work_off

CONNECTIONS = "/s/riverside/settings/calendars/connections/"
PANEL = "/s/riverside/settings/calendars/configuration/"
READING = {"PROPFIND", "REPORT"}


@pytest.fixture
def desk(opened: OpenPage, tenant: Tenant) -> Desk:
    return Desk(opened(tenant.owner))


@pytest.fixture
def connected(tenant: Tenant, apple_account: ICloudAccount) -> ICloudAccount:
    apple_account.connect(tenant.owner, tenant.sub_account)
    return apple_account


def calendar_of(sub_account: SubAccount) -> Calendar:
    return Calendar.objects.get(sub_account=sub_account)


def put(account: ICloudAccount, path: str, hour: int) -> None:
    ics = utc_event(f"at-{hour}", tomorrow_at(hour), tomorrow_at(hour + 1))
    account.server.put(f"{path}at-{hour}.ics", ics)


def tick(desk: Desk, *names: str) -> None:
    """On the panel, choose these conflict calendars besides those that are chosen; then the worker
    does its part."""
    desk.press("Edit conflict calendars")
    for name in names:
        desk.choice(name).check()
    desk.press("Save")
    work_off()


def link(desk: Desk, name: str, *further: str) -> None:
    desk.press("Edit linked calendar")
    for choice in (name, *further):
        desk.choice(choice).check()
    desk.press("Save")
    work_off()


def test_the_panel_appears_with_the_first_connection_and_both_ways_lead_to_it(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    entry = desk.page.get_by_role("link", name="Calendar Configuration")

    desk.go(PANEL)
    told, entries = desk.text(), entry.count()
    apple_account.connect(tenant.owner, tenant.sub_account)
    work_off()
    desk.go(CONNECTIONS)
    desk.page.locator("main").get_by_role("link", name="Calendar Configuration").click()
    desk.page.wait_for_url(f"**{PANEL}")
    panel = desk.text()
    desk.press("My Profile", "Open Calendar Configuration")

    assert "Connect an iCloud account first: then Calendar Configuration appears." in told
    assert entries == 0
    assert desk.page.url.endswith("/profile/calendar-configuration/")
    assert desk.text() == panel


def test_appointments_are_written_to_the_calendar_that_is_chosen_and_to_none_after_none(
    desk: Desk, tenant: Tenant, connected: ICloudAccount
) -> None:
    work, calendar = f"{connected.home}work/", calendar_of(tenant.sub_account)
    desk.go(PANEL)

    link(desk, "Work")
    shown = desk.texts("section:has(#linked-calendar) .rows strong")
    book_at(calendar, tomorrow_at(9))
    work_off()
    link(desk, "None")
    book_at(calendar, tomorrow_at(12))
    work_off()

    assert shown == ["Work"]
    assert starts_on(connected, work) == [tomorrow_at(9)]
    assert starts_on(connected, f"{connected.home}home/") == []


def test_what_is_in_a_conflict_calendar_is_not_offered_and_nothing_is_written_there(
    desk: Desk, connected: ICloudAccount
) -> None:
    put(connected, f"{connected.home}home/", 9)
    put(connected, f"{connected.home}work/", 12)
    desk.go(PANEL)
    connected.server.clear()

    tick(desk, "Home", "Work")

    assert desk.texts("section:has(#conflict-calendars) .rows strong") == ["Home", "Work"]
    assert [hour for hour in (8, 9, 10, 12, 13) if desk.is_offered(tomorrow_at(hour))] == [
        8,
        10,
        13,
    ]
    assert {method for method, _ in connected.server.requests} <= READING


def test_the_linked_calendar_is_ticked_and_unticked_it_is_shown_without_blocking(
    desk: Desk, connected: ICloudAccount
) -> None:
    put(connected, f"{connected.home}work/", 9)
    desk.go(PANEL)

    link(desk, "Work")
    desk.press("Edit conflict calendars")
    is_ticked = desk.choice("Work").is_checked()
    desk.choice("Work").uncheck()
    desk.press("Save")
    work_off()
    panel = desk.text()
    desk.go(f"/s/riverside/calendar/?date={tomorrow_at(9):%Y-%m-%d}")

    assert is_ticked
    assert "It is read and shown, but does not block your time" in panel
    assert desk.texts(".week-track .event.is-free .event-title") == ["Busy"]
    assert desk.is_offered(tomorrow_at(9))


def test_a_calendar_that_a_team_mate_shared_blocks_like_ones_own(
    desk: Desk, connected: ICloudAccount
) -> None:
    mate = ICloudAccount(connected.server)
    rota = mate.calendar("rota")
    put(mate, rota, 9)
    assert isinstance(connected.server, ICloudServer)
    connected.server.share(rota, to=connected.apple_id)
    desk.go(CONNECTIONS)
    desk.press(f"Refresh calendar list {connected.apple_id}")
    desk.go(PANEL)

    tick(desk, "Rota")

    assert desk.texts("main .rows .row-main p:first-of-type") == [
        f"{connected.apple_id} · shared in iCloud · read-only"
    ]
    assert not desk.is_offered(tomorrow_at(9))
    assert desk.is_offered(tomorrow_at(10))


def test_the_dialogs_list_the_accounts_that_are_connected_and_no_others(
    desk: Desk, tenant: Tenant, connected: ICloudAccount
) -> None:
    mates, left, second = (ICloudAccount(connected.server) for _ in range(3))
    mates.connect(tenant.mate, tenant.sub_account)
    for account in (left, second):
        account.calendar("garden")
        account.connect(tenant.owner, tenant.sub_account)
    desk.go(CONNECTIONS)
    desk.press(f"Disconnect {left.apple_id}", "Disconnect")

    desk.go(f"{PANEL}linked/")
    linked = desk.texts("dialog fieldset fieldset legend")
    desk.go(f"{PANEL}conflicts/")

    assert linked == desk.texts("dialog fieldset fieldset legend")
    assert linked == [connected.apple_id, second.apple_id]


def test_another_linked_calendar_takes_the_upcoming_appointments_where_that_is_ticked(
    desk: Desk, tenant: Tenant, connected: ICloudAccount
) -> None:
    home, work = f"{connected.home}home/", f"{connected.home}work/"
    desk.go(PANEL)
    link(desk, "Home")
    book_at(calendar_of(tenant.sub_account), tomorrow_at(9))
    work_off()
    before = (starts_on(connected, home), starts_on(connected, work))

    link(desk, "Work", "Move my upcoming appointment to it as well")

    assert "1 upcoming appointment is being written to “Work”." in desk.text()
    assert before == ([tomorrow_at(9)], [])
    assert (starts_on(connected, home), starts_on(connected, work)) == ([], [tomorrow_at(9)])
