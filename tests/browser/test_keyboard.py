"""What a page owes to those who use no mouse."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.hands import IS_VISIBLE, MOST_STOPS
from tests.browser.pages import BOOK
from tests.browser.walking import PHONE
from tests.conftest import Tenant
from tests.icloud import ICloudAccount

CONFIGURATION = "/s/riverside/settings/calendars/configuration/"
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"

# Of radio buttons, the Tab key stops at one of each group.
CONTROLS = """() => {
    const all = [...document.querySelectorAll("a[href], button, summary, input, select, textarea")];
    const shown = all.filter((one) => one.checkVisibility() && !one.closest("[inert]"));
    window.unreached = new Set(shown.filter((one) => !one.disabled && one.type !== "radio"));
    return window.unreached.size;
}"""
STRIKE_OUT = """() => {
    const here = document.activeElement;
    window.unreached.delete(here);
    return here === document.body;
}"""
UNREACHED = "() => [...window.unreached].map((one) => one.outerHTML.slice(0, 120))"


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


@pytest.mark.parametrize(
    "url",
    [
        "/s/riverside/calendar/",
        "/s/riverside/settings/calendars/connections/",
        f"{CONFIGURATION}linked/",
        f"{CONFIGURATION}conflicts/",
        BOOK,
    ],
)
def test_the_tab_key_reaches_all_there_is_to_press_on_320_px(
    opened: OpenPage, tenant: Tenant, apple_account: ICloudAccount, url: str
) -> None:
    apple_account.connect(tenant.owner, tenant.sub_account)
    page = opened(tenant.owner, viewport=PHONE)
    page.goto(url)

    controls = page.evaluate(CONTROLS)
    unseen = tab_through(page)

    assert controls >= 3
    assert page.evaluate(UNREACHED) == []
    assert unseen == []


def tab_through(page: Page) -> list[str]:
    """Go once round the page; returns where the focus was not to be seen."""
    unseen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(STRIKE_OUT):
            return unseen
        if not page.evaluate(IS_VISIBLE):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    raise AssertionError(f"{MOST_STOPS} stops, and the page does not end.")
