"""From an empty week to a first booking that stands on iCloud, and its end: the whole way."""

from tests.browser.conftest import OpenPage
from tests.browser.hands import Keyboard, Mouse
from tests.browser.journey import Journey
from tests.conftest import Tenant
from tests.icloud import ICloudAccount

WEEK = "/s/riverside/calendar/"
MOST_CLICKS = 16
COUNT_CLICKS = """
    addEventListener("pointerdown", (event) => {
        if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
    }, true);
"""


def there_and_back(journey: Journey) -> tuple[list[str], list[str], list[str]]:
    """What stands on iCloud once a guest has booked, moved and cancelled, each in its turn."""
    journey.go()
    booked = journey.events()
    journey.reschedule()
    moved = journey.events()
    journey.cancel()
    return booked, moved, journey.events()


def test_a_first_booking_stands_on_icloud_after_sixteen_clicks_at_most(
    opened: OpenPage, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    page, mouse = opened(tenant.owner), Mouse()
    page.context.add_init_script(COUNT_CLICKS)
    journey = Journey(page, mouse, apple_account)
    page.goto(WEEK)

    journey.go()

    clicks = int(page.evaluate("sessionStorage.clicks"))
    print(f"{clicks} clicks from the week to a first booking")
    assert len(journey.events()) == 1
    assert clicks == mouse.clicks
    assert clicks <= MOST_CLICKS


def test_the_whole_way_can_be_gone_with_a_keyboard_alone(
    opened: OpenPage, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    page = opened(tenant.owner)
    journey = Journey(page, Keyboard(page), apple_account)
    page.goto(WEEK)

    booked, moved, left = there_and_back(journey)

    assert (len(booked), len(moved), left) == (1, 1, [])
    assert booked != moved


def test_the_whole_way_can_be_gone_without_javascript(
    opened: OpenPage, tenant: Tenant, apple_account: ICloudAccount
) -> None:
    page = opened(tenant.owner, has_javascript=False)
    journey = Journey(page, Mouse(), apple_account)
    page.goto(WEEK)

    booked, moved, left = there_and_back(journey)

    assert (len(booked), len(moved), left) == (1, 1, [])
    assert booked != moved
