from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.bookings import make_calendar
from tests.browser.chromium import chromium
from tests.browser.watching import Watch
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        # Playwright's loop runs in this thread, so that Django takes the tests for asynchronous.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


def take_cookies(context: BrowserContext, client: Client, origin: str) -> None:
    """Be signed in as that client is: hashing a password for each test would take its time."""
    context.add_cookies(
        [{"name": one.key, "value": one.value, "url": origin} for one in client.cookies.values()]
    )


@pytest.fixture
def opened(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    signed_in: Callable[[User], Client],
) -> Iterator[OpenPage]:
    """Opens pages for somebody; when the test is over, none of them had anything to complain of."""
    settings.SITE_URL = live_server.url  # public links begin with it
    contexts: list[tuple[BrowserContext, Watch]] = []

    def open_page(user: User | None = None, *, has_javascript: bool = True, **device: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            reduced_motion="reduce",
            locale="en-GB",
            java_script_enabled=has_javascript,
            **{"viewport": DESKTOP, **device},
        )
        context.set_default_timeout(15_000)
        contexts.append((context, Watch(context, live_server.url)))
        if user:
            take_cookies(context, signed_in(user), live_server.url)
        return context.new_page()

    yield open_page
    for context, _ in contexts:
        context.close()
    assert [complaint for _, watch in contexts for complaint in watch.take()] == []


@pytest.fixture
def apple_account(tenant: Tenant, settings: Settings) -> Iterator[ICloudAccount]:
    """The owner's, with calendars Home and Work; not connected. They host an open calendar."""
    make_calendar(tenant.sub_account, tenant.owner)
    with ICloudServer() as server:
        settings.ICLOUD_CALDAV_URL = f"{server.url}/"
        settings.CALDAV_ALLOWED_HOSTS = list(server.origins)
        account = ICloudAccount(server)
        for name in ("home", "work"):
            account.calendar(name)
        yield account
