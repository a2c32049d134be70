"""The main job as a person does it: from an empty week to a first booking that stands on iCloud."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.browser.hands import Hand
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount
from tests.jobs import work_off

GUEST = "Gwen Guest"


@dataclass
class Journey:
    """Each method begins on the page where the one before it ended."""

    page: Page
    hand: Hand
    account: ICloudAccount

    def go(self) -> None:
        """All of it, from the week on."""
        self.connect()
        self.link_a_calendar()
        self.check_for_conflicts()
        self.open_the_booking_page()
        self.book()

    def connect(self) -> None:
        self.hand.press(self.link("Go to Connections"))
        self.hand.press(self.link("Add New"))
        self.hand.press(self.link("Connect iCloud Calendar"))
        self.hand.write(self.field("Apple ID"), self.account.apple_id)
        self.hand.write(self.field("App-specific password"), self.account.password)
        self.hand.press(self.button("Connect"))
        self.expect(self.account.apple_id)

    def link_a_calendar(self) -> None:
        self.hand.press(self.main.get_by_role("link", name="Calendar Configuration"))
        self.hand.press(self.link("Edit linked calendar"))
        self.hand.choose(self.page.get_by_role("radio", name="Work"))
        self.hand.press(self.button("Save"))
        self.page.wait_for_url("**/settings/calendars/configuration/")

    def check_for_conflicts(self) -> None:
        self.hand.press(self.link("Edit conflict calendars"))
        self.hand.choose(self.page.get_by_role("checkbox", name="Home"))
        self.hand.press(self.button("Save"))
        self.page.wait_for_url("**/settings/calendars/configuration/")
        work_off()  # as the worker does meanwhile: both calendars are read

    def open_the_booking_page(self) -> None:
        self.hand.press(self.page.get_by_role("navigation", name="Main").get_by_text("Calendars"))
        self.hand.press(self.link("/book/riverside/intro/"))

    def book(self) -> None:
        self.hand.choose(self.page.get_by_role("radio").first)
        self.hand.write(self.field("Name"), GUEST)
        self.hand.write(self.field("E-mail"), "gwen@guest.test")
        self.hand.press(self.button(re.compile("^Book ")))
        self.expect(f"You’re booked, {GUEST}")
        work_off()

    def reschedule(self) -> None:
        """To the first time of next month: late in the evening no other one is left of today."""
        self.hand.press(self.link("Reschedule"))
        self.hand.press(self.page.locator(".month-head a").last)
        self.hand.choose(self.page.get_by_role("radio").first)
        self.hand.press(self.button("Move it to this time"))
        self.expect(f"You’re booked, {GUEST}")
        work_off()

    def cancel(self) -> None:
        self.hand.press(self.link("Cancel appointment"))
        self.hand.press(self.button("Cancel this appointment"))
        self.expect("This appointment was cancelled")
        work_off()

    def events(self) -> list[str]:
        """When those begin that stand in the linked calendar."""
        server, work = self.account.server, f"{self.account.home}work/"
        assert isinstance(server, ICloudServer)
        texts = [server.get(f"{work}{name}") for name in server.names(work)]
        return re.findall(r"DTSTART:(\w+)", "".join(texts))

    # What is on the page.

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name).first

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label)

    def expect(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading).first.wait_for()
