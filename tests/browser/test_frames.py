"""Booking pages in a frame on another site, in Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import SubAccount
from calendars.models import Appointment
from tests.bookings import make_calendar, tomorrow_at
from tests.browser.pages import BOOK
from tests.conftest import Tenant

ALLOWED, STRANGER = "https://shop.example", "https://stranger.example"


@pytest.fixture
def context(browser: Browser, live_server: LiveServer, tenant: Tenant) -> Iterator[BrowserContext]:
    """A browser to which two sites answer with a page that frames a booking page."""
    make_calendar(tenant.sub_account, tenant.owner)
    SubAccount.objects.filter(pk=tenant.sub_account.pk).update(framed_by=ALLOWED)
    context = browser.new_context(locale="en-GB")
    context.grant_permissions(["local-network-access"])
    day = tomorrow_at(9).date().isoformat()
    frame = f'<iframe src="{live_server.url}{BOOK}?date={day}" width="1000" height="900"></iframe>'
    for site in (ALLOWED, STRANGER):
        context.route(f"{site}/", lambda route: route.fulfill(body=frame, content_type="text/html"))
    yield context
    context.close()


def test_a_guest_books_in_a_frame_on_a_site_that_is_named(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{ALLOWED}/")
    booking = page.frame_locator("iframe")

    booking.get_by_label("09:30").check()
    booking.get_by_label("Name").fill("Gwen Guest")
    booking.get_by_label("E-mail").fill("gwen@guest.test")
    booking.get_by_role("button", name=re.compile("^Book ")).click()

    expect(booking.get_by_role("heading", level=1)).to_have_text("You’re booked, Gwen Guest")
    assert Appointment.objects.get().contact.email == "gwen@guest.test"
    assert context.cookies() == []


def test_a_site_that_is_not_named_shows_nothing_of_it(context: BrowserContext) -> None:
    page = context.new_page()
    refusals: list[str] = []
    page.on("console", lambda line: refusals.append(line.text))

    page.goto(f"{STRANGER}/")

    expect(page.frame_locator("iframe").get_by_role("heading", name="Intro call")).to_have_count(0)
    assert [f"frame-ancestors {ALLOWED}" in said for said in refusals] == [True]
