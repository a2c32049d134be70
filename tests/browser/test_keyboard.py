"""What a page owes to those who use no mouse."""

from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.conftest import Tenant
from tests.icloud import ICloudAccount

CONFIGURATION = "/s/riverside/settings/calendars/configuration/"
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


def test_the_first_stop_skips_to_the_content(opened: OpenPage, tenant: Tenant) -> None:
    page = opened(tenant.owner)
    page.goto("/s/riverside/calendar/")

    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    page.keyboard.press("Enter")

    assert (first, page.evaluate(FOCUSED)) == ("Skip to content", "main")


def test_escape_closes_a_dialog_and_nothing_behind_it_takes_the_focus(
    opened: OpenPage, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    apple_account.connect(tenant.owner, tenant.sub_account)
    page = opened(tenant.owner)
    page.goto(f"{CONFIGURATION}linked/")

    focused = page.evaluate(FOCUSED)
    stops = [stop_after_tab(page) for _ in range(8)]
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{CONFIGURATION}")

    assert focused == "dialog-title"
    assert set(stops) == {"in the dialog", "outside of the page"}


def stop_after_tab(page: Page) -> str:
    page.keyboard.press("Tab")
    place: str = page.evaluate(
        """() => document.activeElement.closest("dialog") ? "in the dialog"
            : document.activeElement === document.body ? "outside of the page"
            : document.activeElement.outerHTML"""
    )
    return place
