"""How staff connect an iCloud account, and look after it."""

import pytest

from integrations.models import Connection
from tests.bookings import book_at, tomorrow_at
from tests.browser.conftest import OpenPage
from tests.browser.desk import Desk
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, utc_event
from tests.integrations.events import starts_on
from tests.jobs import work_off
from tests.passwords import WRONG

WEEK = "/s/riverside/calendar/"
CONNECTIONS = "/s/riverside/settings/calendars/connections/"
FORM = f"{CONNECTIONS}icloud/"
PANEL = "/s/riverside/settings/calendars/configuration/"


@pytest.fixture
def desk(opened: OpenPage, tenant: Tenant) -> Desk:
    return Desk(opened(tenant.owner))


def sign_in(desk: Desk, account: ICloudAccount, password: str = "") -> None:
    desk.write("Apple ID", account.apple_id)
    desk.write("App-specific password", password or account.password)
    desk.press("Connect")


def accounts() -> list[str]:
    return list(Connection.objects.order_by("pk").values_list("account_name", flat=True))


def test_the_guide_stands_above_the_fields_step_by_step(desk: Desk) -> None:
    desk.go(FORM)

    assert desk.texts(".steps strong") == [
        "Sign in to Apple",
        "Turn on two-factor authentication",
        "Generate the password",
        "Give it a label",
        "Copy it",
    ]
    steps, fields = (desk.page.locator(place).bounding_box() for place in (".steps", "main form"))
    assert steps is not None
    assert fields is not None
    assert steps["y"] + steps["height"] < fields["y"]


def test_calendar_settings_lead_to_a_connected_account(
    desk: Desk, apple_account: ICloudAccount
) -> None:
    desk.go(WEEK)

    desk.press("Calendar Settings", "Open Connections", "+ Add New", "Connect iCloud Calendar")
    sign_in(desk, apple_account)

    assert desk.texts("article h2") == accounts() == [apple_account.apple_id]


def test_my_profile_leads_to_a_connected_account(desk: Desk, apple_account: ICloudAccount) -> None:
    desk.go(WEEK)

    desk.press("My Profile", "Open Integrations", "Connect iCloud Calendar")
    sign_in(desk, apple_account)
    desk.press("My Profile", "Open Integrations")

    assert desk.texts("main .rows .row-main") == accounts() == [apple_account.apple_id]


def test_a_refused_password_says_what_to_do_and_the_right_one_may_have_spaces(
    desk: Desk, apple_account: ICloudAccount
) -> None:
    desk.go(FORM)

    sign_in(desk, apple_account, WRONG)
    said, saved = desk.text("main [role=alert]"), accounts()
    sign_in(desk, apple_account, f" {apple_account.password.replace('-', ' ')} ")

    for words in ("Use an app-specific password", "two-factor", "revokes all app-specific"):
        assert words in said
    assert (saved, accounts()) == ([], [apple_account.apple_id])


def test_the_password_is_seen_neither_while_it_is_typed_nor_later(
    desk: Desk, apple_account: ICloudAccount
) -> None:
    desk.go(FORM)
    field = desk.page.get_by_role("textbox", name="App-specific password")

    sign_in(desk, apple_account, WRONG)
    seen = [(field.get_attribute("type"), field.input_value())]
    sign_in(desk, apple_account)
    pages = [desk.page.content()]
    desk.press(f"Replace password of {apple_account.apple_id}")
    pages.append(desk.page.content())
    seen.append((field.get_attribute("type"), field.input_value()))

    assert seen == [("password", ""), ("password", "")]
    assert [page for page in pages if apple_account.password in page] == []


def test_a_second_account_stands_beside_the_first_and_the_same_one_is_refused(
    desk: Desk, apple_account: ICloudAccount
) -> None:
    second = ICloudAccount(apple_account.server)
    for account in (apple_account, second):
        desk.go(FORM)
        sign_in(desk, account)
    both = desk.texts("article h2")

    desk.go(FORM)
    sign_in(desk, apple_account)

    assert f"connected here already, as {apple_account.apple_id}" in desk.text("main [role=alert]")
    assert both == accounts() == [apple_account.apple_id, second.apple_id]


def test_what_is_not_offered_is_named_with_the_reason(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    server, home = apple_account.server, apple_account.home
    server.make_subscribed(f"{home}holidays/", "Bank holidays", "https://example.com/days.ics")
    apple_account.connect(tenant.owner, tenant.sub_account)

    desk.go(CONNECTIONS)
    desk.unfold("Not offered from this account")
    reasons = desk.texts("article details li")
    desk.go(f"{PANEL}conflicts/")

    assert reasons == [
        "Bank holidays: A subscribed calendar: iCloud shows other programs nothing that is in it.",
        "Reminders: A reminders list: it holds no events.",
    ]
    assert desk.texts("dialog .choice-text") == ["Home", "Work"]


def test_a_read_only_calendar_is_out_of_reach_for_writing_and_can_be_read(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    apple_account.server.set_read_only(apple_account.calendar("rota"))
    apple_account.connect(tenant.owner, tenant.sub_account)

    desk.go(f"{PANEL}linked/")
    may_link = {name: desk.choice(name).is_enabled() for name in ("Home", "Work", "Rota")}
    reasons = desk.texts("dialog .choice-note")
    desk.go(f"{PANEL}conflicts/")
    desk.choice("Rota").check()
    desk.press("Save")

    assert may_link == {"Home": True, "Work": True, "Rota": False}
    assert reasons == ["Read-only: appointments can't be written to it."]
    assert desk.texts("main .rows strong") == ["Rota"]


def test_a_sync_is_seen_to_end_without_the_page_being_asked_for_again(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    path = f"{apple_account.home}work/"
    apple_account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    desk.go(CONNECTIONS)
    before = desk.text("article [role=status]")

    work_off()
    desk.page.get_by_text("Last synced").wait_for()

    assert before == "Syncing It is being read for the first time."
    assert desk.text("article [role=status]").startswith("Connected Last synced")


def test_pausing_and_resuming_are_one_click_each(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    apple_account.connect(tenant.owner, tenant.sub_account)
    work_off()
    desk.go(CONNECTIONS)

    desk.press(f"Pause {apple_account.apple_id}")
    paused = desk.text("article [role=status]")
    desk.press(f"Resume {apple_account.apple_id}")

    assert paused.startswith("Paused")
    assert f"{apple_account.apple_id} goes on and is being synced." in desk.text()


def test_disconnecting_says_what_it_means_and_takes_away_what_is_ticked(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    work = f"{apple_account.home}work/"
    apple_account.server.put(f"{work}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    apple_account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=work, conflicts=[work]
    )
    work_off()
    book_at(tenant.sub_account.calendar_set.get(), tomorrow_at(14))
    work_off()
    desk.go(CONNECTIONS)

    desk.press(f"Disconnect {apple_account.apple_id}")
    meaning = desk.texts("dialog li")
    desk.choice("Remove 1 event of upcoming appointments").check()
    desk.press("Disconnect")
    work_off()
    desk.go(CONNECTIONS)

    assert meaning[0].endswith("go: 1 still to come. Their times can be booked again.")
    assert "Appointments stay in Daybook." in meaning
    assert starts_on(apple_account, work) == [tomorrow_at(9)]
    assert "No calendar account is connected yet" in desk.text()
    assert [row.secret for row in Connection.objects.all()] == [""]


def test_the_page_says_that_there_are_no_sync_preferences_to_set(desk: Desk) -> None:
    desk.go(CONNECTIONS)

    assert desk.text("section:has(#sync-preferences) p:first-of-type").startswith(
        "iCloud has Default Sync (One-Way Sync) only: there are no sync preferences to set."
    )
