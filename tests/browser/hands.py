"""Two ways to use a page: with a mouse, and with nothing but a keyboard."""

from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_STOPS = 120
IS_HERE = "(one) => one === document.activeElement"
IS_VISIBLE = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


class Hand(Protocol):
    def press(self, thing: Locator) -> None:
        """A link or a button."""

    def choose(self, thing: Locator) -> None:
        """A radio button or a tick box."""

    def write(self, field: Locator, text: str) -> None: ...


class Mouse:
    """Clicks on what is visible, and counts the clicks. Fields are typed into."""

    def __init__(self) -> None:
        self.clicks = 0

    def press(self, thing: Locator) -> None:
        thing.click()
        self.clicks += 1

    def choose(self, thing: Locator) -> None:
        self.press(thing)

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)


class Keyboard:
    """Tab, arrows, Space and Enter. Wherever the focus goes, it can be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, thing: Locator) -> None:
        self._reach(thing)
        self.page.keyboard.press("Enter")

    def choose(self, thing: Locator) -> None:
        """Tab leads into a group of radio buttons, arrows through it."""
        if thing.get_attribute("type") == "radio":
            group = thing.page.locator(f"input[name='{thing.get_attribute('name')}']")
            self._reach(group)
            while not thing.evaluate(IS_HERE):
                self.page.keyboard.press("ArrowDown")
            self.page.keyboard.press("Space")
        else:
            self._reach(thing)
            self.page.keyboard.press("Space")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.type(text)

    def _reach(self, things: Locator) -> None:
        """Tab until one of them has the focus."""
        things.first.wait_for(state="attached")
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(IS_VISIBLE), self._where()
            if any(one.evaluate(IS_HERE) for one in things.all()):
                return
        raise AssertionError(f"Tab does not lead to {things}.")

    def _where(self) -> str:
        html: str = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        return f"The focus is not to be seen on {html}"
