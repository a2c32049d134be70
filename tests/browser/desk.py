"""Somebody at a page: they click on what they see, and read what stands there."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.browser.pages import BOOK


@dataclass(frozen=True)
class Desk:
    page: Page

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, *names: str) -> None:
        """Links and buttons with these names, each on the page that the one before it led to."""
        for name in names:
            link = self.page.get_by_role("link", name=name, exact=True)
            button = self.page.get_by_role("button", name=name, exact=True)
            with self.page.expect_navigation():
                link.or_(button).first.click()

    def unfold(self, summary: str) -> None:
        self.page.get_by_text(summary, exact=True).click()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_role("textbox", name=label).fill(text)

    def choice(self, name: str) -> Locator:
        """A radio button or a tick box; what stands beneath its name doesn't matter."""
        beginning = re.compile(f"^{re.escape(name)}")
        radio = self.page.get_by_role("radio", name=beginning)
        return radio.or_(self.page.get_by_role("checkbox", name=beginning))

    def save(self, path: Path, *, by: str) -> str:
        """What is in the file that pressing this gives."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=by).click()
        coming.value.save_as(path)
        return path.read_text()

    def text(self, place: str = "main") -> str:
        """What is to be seen there, in one line."""
        return " ".join(self.page.locator(place).inner_text().split())

    def texts(self, place: str) -> list[str]:
        """The same of each such place that is to be seen."""
        seen = self.page.locator(place).filter(visible=True).all_inner_texts()
        return [" ".join(text.split()) for text in seen]

    def is_offered(self, at: datetime) -> bool:
        """Whether a guest finds that time on the booking page."""
        self.go(f"{BOOK}?tz=UTC&date={at:%Y-%m-%d}")
        return f"{at:%H:%M}" in self.texts(".booking label")
