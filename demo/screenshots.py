"""`make screenshots`: the pictures of the documentation, taken of the demo as it stands today."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from demo.stack import REPOSITORY, Stack
from tests.browser.chromium import chromium

IMAGES = REPOSITORY / "docs" / "images"
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_BYTES = 150_000

CALENDARS = "/s/riverside/settings/calendars"
STAFF_PAGES = {
    "week": "/s/riverside/calendar/",
    "connections": f"{CALENDARS}/connections/",
    "configuration": f"{CALENDARS}/configuration/",
    "linked-calendar": f"{CALENDARS}/configuration/linked/",
    "connect-icloud": f"{CALENDARS}/connections/icloud/",
}
PUBLIC_PAGES = {"booking": "/book/riverside/intro-call/"}


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), log_level="WARNING") as stack,
        chromium() as browser,
    ):
        for screen, suffix in ((DESKTOP, ""), (PHONE, "-phone")):
            take_all(sit_down(browser, stack.url, screen), suffix)
    return 0


def take_all(page: Page, suffix: str) -> None:
    for name, address in PUBLIC_PAGES.items():
        take(page, address, IMAGES / f"{name}{suffix}.png")
    sign_in(page)
    for name, address in STAFF_PAGES.items():
        take(page, address, IMAGES / f"{name}{suffix}.png")
    page.context.close()


def sit_down(browser: Browser, url: str, screen: ViewportSize) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport=screen,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    return context.new_page()


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=username]").fill("ana@demo.test")
    page.locator("[name=password]").fill("daybook-demo")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/s/riverside/calendar/")


def take(page: Page, address: str, image: Path) -> None:
    page.goto(address)
    page.screenshot(path=image)
    size = image.stat().st_size
    print(f"{image.relative_to(REPOSITORY)}: {size // 1000} kB")
    if size > MOST_BYTES:
        raise RuntimeError(f"{image.name} is heavier than {MOST_BYTES // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
