"""What staff see when something is wrong, and what they can do about it."""

import pytest

from calendars.models import Calendar
from tests.bookings import tomorrow_at
from tests.browser.conftest import OpenPage
from tests.browser.desk import Desk
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount, event, utc_event
from tests.integrations.following import booked, drag, sync
from tests.jobs import work_off

CONNECTIONS = "/s/riverside/settings/calendars/connections/"
PANEL = "/s/riverside/settings/calendars/configuration/"


@pytest.fixture
def desk(opened: OpenPage, tenant: Tenant) -> Desk:
    return Desk(opened(tenant.owner))


@pytest.fixture
def work(tenant: Tenant, apple_account: ICloudAccount) -> str:
    """The linked calendar, read once: its path. An event stands in it, tomorrow at 9."""
    path = f"{apple_account.home}work/"
    apple_account.server.put(f"{path}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10)))
    apple_account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=path, conflicts=[path]
    )
    work_off()
    return path


def week_of_tomorrow() -> str:
    return f"/s/riverside/calendar/?date={tomorrow_at(9):%Y-%m-%d}"


def test_a_deleted_event_is_labelled_and_blocks_until_its_time_is_released(
    desk: Desk, apple_account: ICloudAccount, work: str
) -> None:
    apple_account.server.delete(f"{work}a.ics")
    sync()

    is_offered = [desk.is_offered(tomorrow_at(9))]
    desk.go(week_of_tomorrow())
    label = desk.text("section:has(#kept) .row-main p")
    desk.press("Release Busy")
    is_offered.append(desk.is_offered(tomorrow_at(9)))

    assert "Deleted in iCloud on " in label
    assert is_offered == [False, True]


def test_a_connection_that_apple_refuses_says_what_to_do_and_a_new_password_mends_it(
    desk: Desk, apple_account: ICloudAccount, work: str
) -> None:
    server = apple_account.server
    assert isinstance(server, ICloudServer)
    server.revoke(apple_account.apple_id)
    desk.go(CONNECTIONS)
    desk.press(f"Sync now {apple_account.apple_id}")
    work_off()

    desk.go(CONNECTIONS)
    said = desk.text("article [role=status]")
    desk.press(f"Replace password of {apple_account.apple_id}")
    desk.write("App-specific password", server.make_password(apple_account.apple_id))
    desk.press("Replace password")
    work_off()
    desk.go(CONNECTIONS)

    for words in ("Password refused", "Use an app-specific password", "two-factor", "“Replace"):
        assert words in said
    assert desk.text("article [role=status]").startswith("Connected Last synced")


def test_the_panel_says_what_is_linked_when_it_was_read_and_what_was_skipped_and_why(
    desk: Desk, apple_account: ICloudAccount, work: str
) -> None:
    begins, ends = (f";TZID=Mars/Olympus:{tomorrow_at(hour):%Y%m%dT%H%M%S}" for hour in (11, 12))
    apple_account.server.put(f"{work}odd.ics", event("odd", begins, ends))
    sync()
    desk.go(PANEL)
    linked = "section:has(#linked-calendar)"

    desk.page.locator(linked).get_by_text("Some events need a look").click()

    assert desk.texts(f"{linked} .rows strong") == ["Work"]
    assert desk.text(f"{linked} .row-main > p:nth-of-type(2)").startswith("Last read ")
    assert desk.texts(f"{linked} details li") == [
        "1 event: A time zone is not known; its times were read in the calendar owner's zone."
    ]


def test_the_panel_warns_where_no_conflict_calendar_is_set_and_leads_to_the_choice(
    desk: Desk, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    apple_account.connect(tenant.owner, tenant.sub_account)
    desk.go(PANEL)

    warning = desk.text("main [role=alert]")
    desk.press("Choose conflict calendars")
    desk.choice("Home").check()
    desk.press("Save")

    assert warning.startswith("No conflict calendar is set")
    assert desk.page.locator("main [role=alert]").count() == 0


def test_bookings_that_overlap_now_are_flagged_in_the_week_and_name_each_other(
    desk: Desk, apple_account: ICloudAccount, work: str
) -> None:
    calendar = Calendar.objects.get()
    first, _ = booked(calendar, 12), booked(calendar, 14, "Otto Other")
    drag(apple_account, first, tomorrow_at(14))
    sync()

    desk.go(week_of_tomorrow())
    flagged = desk.texts(".week-track .event-title:has-text('Overlaps another booking')")
    desk.page.get_by_role("link", name="Gwen Guest").first.click()
    desk.page.wait_for_url("**/appointments/*/")

    assert len(flagged) == 2
    assert desk.texts("section:has(#overlaps) .row-main strong") == ["Otto Other"]
