"""`make smoke`: the main job once, over HTTP, against running web server, worker and CalDAV server.

Nothing here calls the product: what the worker should do is waited for, and what should stand on
the calendar server is looked up there.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from demo.icloud import BEN, BERLIN
from demo.stack import Stack
from demo.visitor import Page, Visitor

THURSDAY = 3  # no whole-day event of Ben's lies on one
PATIENCE = 45.0
SETTINGS = "/s/riverside/settings/calendars"
GUEST = "Gwen Guest"
Found = TypeVar("Found")


class Smoke:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ben = Visitor(stack.url)
        self.guest = Visitor(stack.url)
        self.busy = next_thursday_at(10)
        self.work = f"{BEN.home}work/"
        self.booked: datetime | None = None

    def run(self) -> None:
        for step in (
            self.sign_in,
            self.meet_a_refusal,
            self.connect,
            self.choose_the_linked_calendar,
            self.choose_the_conflict_calendars,
            self.wait_for_the_first_sync,
            self.read_slots,
            self.book,
            self.find_the_event,
            self.change_an_event_and_see_it_change,
        ):
            self._timed(step)

    def sign_in(self) -> str:
        page = self.ben.get("/accounts/login/")
        form = page.form_with("username")
        page = self.ben.submit(page, form, username="ben@demo.test", password="daybook-demo")
        check(page.status == 200 and "/s/riverside/calendar/" in page.url, page, "not signed in")
        return "Ben sees his week"

    def meet_a_refusal(self) -> str:
        page = self._connect("not-my-app-pass-word")
        check(page.status == 422, page, "a wrong password was not refused")
        check("app-specific password" in page.text, page, "the refusal does not help")
        return "a wrong password is refused with words that help"

    def connect(self) -> str:
        self.stack.icloud.put(f"{self.work}smoke.ics", busy_event(self.busy))
        before = len(self.stack.icloud.requests)
        page = self._connect(BEN.app_password)
        asked = [path for _, path in self.stack.icloud.requests[before:][:3]]
        check(page.status == 200, page, "not connected")
        check(BEN.apple_id in self.ben.get(f"{SETTINGS}/connections/").text, page, "not listed")
        check(asked == ["/", BEN.home, BEN.home], page, f"discovery asked for {asked}")
        return f"{BEN.apple_id} connected"

    def choose_the_linked_calendar(self) -> str:
        page = self.ben.get(f"{SETTINGS}/configuration/linked/")
        form = page.form_with("calendar")
        work = next(c for c in form.named("calendar") if c.label.startswith("Ben's work"))
        offered = {choice.label for choice in form.named("calendar")}
        check("Public holidays" not in offered, page, "a subscribed calendar is offered")
        check("Studio rota (Carla)" not in offered, page, "a read-only calendar can be linked")
        page = self.ben.submit(page, form, calendar=work.value)
        check(page.status == 200 and "Ben's work" in page.text, page, "not linked")
        return "appointments go to Ben's work"

    def choose_the_conflict_calendars(self) -> str:
        page = self.ben.get(f"{SETTINGS}/configuration/conflicts/")
        form = page.form_with("calendars")
        choices = form.named("calendars")
        linked = next(c for c in choices if c.label.startswith("Ben's work"))
        check(linked.chosen, page, "the linked calendar is not ticked")
        page = self.ben.submit(page, form, calendars=[choice.value for choice in choices])
        check(page.status == 200, page, "not saved")
        return f"{len(choices)} calendars checked for conflicts"

    def wait_for_the_first_sync(self) -> str:
        page = self._week_until(lambda text: "Smoke test one" in text)
        check("Planning" in page.text, page, "Ben's recurring event is missing")
        return "his events are blocked slots in the week view"

    def read_slots(self) -> str:
        # Offered once every calendar of Ben's has been read: one event in the week is not all.
        starts = wait_for(lambda: self._starts() or None, "slots to be offered")
        inside = [start for start in starts if self._overlaps(start)]
        check(not inside, self._booking_page(), f"offered inside a busy event: {inside}")
        self.booked = starts[0]
        return f"{len(starts)} slots on {self.busy:%A}, none in the busy event"

    def book(self) -> str:
        page = self._booking_page()
        form = page.form_with("key")
        start = f"{self.booked:%Y-%m-%dT%H:%M:%SZ}"
        page = self.guest.submit(page, form, start=start, name=GUEST, email="gwen@guest.test")
        check(page.status == 200 and "/appointments/" in page.url, page, "not booked")
        check(self.booked not in self._starts(), page, "the booked time is still offered")
        return f"{GUEST} booked {start}"

    def find_the_event(self) -> str:
        ics = wait_for(lambda: self._event_of(GUEST), "the appointment's event on the server")
        check_event = f"DTSTART:{self.booked:%Y%m%dT%H%M%SZ}" in ics and "ATTENDEE" not in ics
        if not check_event:
            raise AssertionError(f"the event is not what was booked:\n{ics}")
        return "it stands in Ben's work on the calendar server"

    def change_an_event_and_see_it_change(self) -> str:
        later = self.busy + timedelta(hours=4)
        self.stack.icloud.put(f"{self.work}smoke.ics", busy_event(later, "Smoke test two"))
        self._week_until(lambda text: "Smoke test two" in text and "Smoke test one" not in text)
        inside = [start for start in self._starts() if later <= start < later + timedelta(hours=2)]
        check(not inside, self._booking_page(), f"offered inside the moved event: {inside}")
        return "an event moved on the server is followed"

    def _connect(self, password: str) -> Page:
        page = self.ben.get(f"{SETTINGS}/connections/icloud/")
        form = page.form_with("app_password")
        return self.ben.submit(page, form, apple_id=BEN.apple_id, app_password=password)

    def _week_until(self, holds: Callable[[str], bool]) -> Page:
        path = f"/s/riverside/calendar/?date={self.busy:%Y-%m-%d}"

        def look() -> Page | None:
            page = self.ben.get(path)
            return page if page.status == 200 and holds(page.text) else None

        return wait_for(look, "the week view to follow the calendar server")

    def _booking_page(self) -> Page:
        return self.guest.get(f"/book/riverside/consultation/?date={self.busy:%Y-%m-%d}")

    def _starts(self) -> list[datetime]:
        page = self._booking_page()
        values = [
            choice.value for form in [*page.forms, page.loose] for choice in form.named("start")
        ]
        return [datetime.fromisoformat(value) for value in values]

    def _overlaps(self, start: datetime) -> bool:
        return start < self.busy + timedelta(hours=2) and self.busy < start + timedelta(minutes=30)

    def _event_of(self, guest: str) -> str | None:
        _, _, listing = self.stack.icloud.ask("PROPFIND", self.work, headers={"Depth": "1"})
        for href in re.findall(r"<(?:\w+:)?href>([^<]+\.ics)<", listing):
            ics = self.stack.icloud.get(href)
            if guest in ics:
                return ics
        return None

    def _timed(self, step: Callable[[], str]) -> None:
        pages, requests = self._counts()
        began = time.monotonic()
        said = step()
        seconds = time.monotonic() - began
        pages_after, requests_after = self._counts()
        print(
            f"{seconds:6.2f} s  {pages_after - pages:3} pages  "
            f"{requests_after - requests:3} CalDAV requests  {said}",
            flush=True,
        )

    def _counts(self) -> tuple[int, int]:
        return self.ben.requests + self.guest.requests, len(self.stack.icloud.requests)


def next_thursday_at(hour: int) -> datetime:
    """That hour in Berlin, on the next Thursday at least two days away, in UTC."""
    day = datetime.now(BERLIN) + timedelta(days=2)
    while day.weekday() != THURSDAY:
        day += timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


def busy_event(start: datetime, title: str = "Smoke test one") -> str:
    end = start + timedelta(hours=2)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Smoke//EN",
        "BEGIN:VEVENT",
        "UID:smoke",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.5)
    raise AssertionError(f"Waited {PATIENCE:.0f} s in vain for {what}.")


def check(holds: bool, page: Page, otherwise: str) -> None:  # noqa: FBT001
    if not holds:
        text = re.sub(r"<[^>]+>|\s+", " ", page.text)
        raise AssertionError(f"{otherwise}: {page.url} ({page.status})\n{text[:1500]}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="daybook-smoke-") as folder:
        began = time.monotonic()
        try:
            with Stack(Path(folder), sync_interval=5) as stack:
                print(f"{time.monotonic() - began:6.2f} s  everything is up", flush=True)
                Smoke(stack).run()
        except (AssertionError, RuntimeError) as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            for log in Path(folder).glob("*.log"):
                print(f"--- {log.name}\n{log.read_text()[-3000:]}", file=sys.stderr)
            return 1
    print("The main job works from end to end.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
