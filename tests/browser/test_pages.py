"""Every page of the product, in Chromium: full, empty, in trouble, and as it refuses a form."""

from collections.abc import Iterator
from itertools import chain

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.architecture.routes import routes, values_for
from tests.architecture.world import make_world
from tests.browser.pages import Sight, Sights, refused
from tests.browser.walking import IS_THOROUGH, Seen, walk

NOT_ALLOWED = 405  # to be looked at: a form is sent there
Walk = dict[str, Seen]
# Of the further states, those that are looked at without `make browser-all` too.
MAIN_STATES = {
    "calendars:week, full, troubled",
    "calendars:appointment, troubled",
    "integrations:connections, troubled",
    "integrations:configuration, bare",
    "integrations:configuration, troubled",
    "500",
}
# What leads on, is part of a page, a file, or meant for programs.
NO_PAGES = {
    "home",
    "healthz",
    "readyz",
    "integrations:connection_status",
    "integrations:configuration_state",
    "public:appointment_ics",
    "brand:sheet",
    "brand:logo",
}


@pytest.fixture(scope="class")
def seen(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Walk:
    """The pages of a class, walked once for all its tests. Classes can go to several processes."""
    with django_db_blocker.unblock():
        return walk(browser, live_server.url, request.cls.sights(Sights(make_world())))


class Looks:
    """What holds of every page."""

    def test_the_browser_has_nothing_to_complain_of(self, seen: Walk) -> None:
        assert {name: page.complaints for name, page in seen.items() if page.complaints} == {}

    def test_axe_finds_no_violation(self, seen: Walk) -> None:
        assert {name: page.light for name, page in seen.items() if page.light} == {}

    def test_colours_are_told_apart_in_the_dark(self, seen: Walk) -> None:
        assert {name: page.dark for name, page in seen.items() if page.dark} == {}

    def test_nothing_scrolls_sideways_at_320_px(self, seen: Walk) -> None:
        assert {name: page.width for name, page in seen.items() if page.width > 320} == {}

    def test_the_tab_key_follows_the_page(self, seen: Walk) -> None:
        assert {name: page.jumps for name, page in seen.items() if page.jumps} == {}


class TestStaffPages(Looks):
    @staticmethod
    def sights(everything: Sights) -> Iterator[Sight]:
        return (sight for sight in everything.full() if sight.visitor is not everything.guest)


class TestOtherPages(Looks):
    @staticmethod
    def sights(everything: Sights) -> Iterator[Sight]:
        public = (sight for sight in everything.full() if sight.visitor is everything.guest)
        return chain(public, everything.empty(), everything.booking())


class TestRefusals(Looks):
    @staticmethod
    def sights(everything: Sights) -> Iterator[Sight]:
        return refused(everything.full())


class TestFurtherStates(Looks):
    @staticmethod
    def sights(everything: Sights) -> Iterator[Sight]:
        troubled = everything.troubled(everything.full())
        states = chain(everything.bare(), everything.failures(), troubled)
        return (sight for sight in states if IS_THOROUGH or sight.name in MAIN_STATES)


@pytest.mark.django_db
def test_every_route_is_looked_at_or_is_no_page(settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files
    everything = Sights(make_world())
    looked_at = {sight.route for sight in everything.full()}

    rest = [route for route in routes() if route.name not in looked_at]

    urls = {route.name: route.url(**values_for(route, everything.world.rows)) for route in rest}
    answers = {name: everything.admin.get(url).status_code for name, url in urls.items()}
    assert {name for name, status in answers.items() if status != NOT_ALLOWED} == NO_PAGES
