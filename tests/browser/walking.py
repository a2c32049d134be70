"""Chromium looks at pages, one after the other, and notes what is wrong with each."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize

from tests.browser.conftest import DESKTOP, take_cookies
from tests.browser.pages import Sight
from tests.browser.watching import Watch

PHONE: ViewportSize = {"width": 320, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LIGHT = {"runOnly": RULES, "resultTypes": ["violations"]}
# Colours are all that is different in the dark.
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
IS_THOROUGH = bool(os.environ.get("BROWSER_ALL"))  # `make browser-all`
JUMPS = """() => [...document.querySelectorAll('[tabindex]')]
    .filter((one) => one.tabIndex > 0).map((one) => one.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Seen:
    """What was noted of a page; `width` is that of its content on the narrowest phone, in px."""

    complaints: list[str]
    light: list[str]
    dark: list[str]
    width: int
    jumps: list[str]


def walk(browser: Browser, origin: str, sights: Iterable[Sight]) -> dict[str, Seen]:
    """Look at each, as the person it is meant for."""
    desks: dict[Client, tuple[Page, Watch]] = {}
    seen = {}
    for sight in sights:
        if sight.visitor not in desks:
            desks[sight.visitor] = _sit_down(browser, origin, sight.visitor)
        seen[sight.name] = _look(*desks[sight.visitor], sight)
    for page, _ in desks.values():
        page.context.close()
    return seen


def _sit_down(browser: Browser, origin: str, visitor: Client) -> tuple[Page, Watch]:
    context = browser.new_context(
        base_url=origin, viewport=DESKTOP, reduced_motion="reduce", locale="en-GB"
    )
    take_cookies(context, visitor, origin)
    return context.new_page(), Watch(context, origin, refusals="45")  # each status is compared


def _look(page: Page, watch: Watch, sight: Sight) -> Seen:
    if sight.body is not None:
        _answer_once(page.context, sight)
    answer = page.goto(sight.url)
    assert answer is not None
    page.evaluate(_axe())
    light = _violations(page, LIGHT)
    dark = _dark_violations(page) if IS_THOROUGH or sight.is_main else []
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESKTOP)
    jumps = page.evaluate(JUMPS)
    status = [] if answer.status == sight.status else [f"status {answer.status}"]
    complaints = [*status, *watch.take()]
    return Seen(complaints, light, dark, width, jumps)


def _answer_once(context: BrowserContext, sight: Sight) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=sight.status, body=sight.body, content_type="text/html; charset=utf-8")

    context.route(f"**{sight.url}", answer, times=1)


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def _dark_violations(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = _violations(page, DARK)
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Rule and elements, one line for each rule that is broken."""
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in found
    ]
