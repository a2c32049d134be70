"""`make smoke`: the main job once, over HTTP, against running web server, worker and iCloud.

Nothing here calls the product: what the worker should do is waited for, and what should stand on
iCloud, which an imitation plays, is looked up there.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from demo.events import busy_event, moved
from demo.expecting import check, wait_for
from demo.icloud import ANA, BEN, BERLIN, ROTA, home_of
from demo.secrecy import columns_with, files_below, files_with, queue_values, spellings
from demo.stack import Stack
from demo.visitor import Page, Visitor

THURSDAY = 3  # no whole-day event of Ben's lies on one
SETTINGS = "/s/riverside/settings/calendars"
GUEST = "Gwen Guest"
REFUSED = "mine-ownp-assw-ords"


class Smoke:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ben = Visitor(stack.url)
        self.guest = Visitor(stack.url)
        self.busy = next_thursday_at(10)
        self.work = f"{home_of(stack.icloud, BEN)}work/"
        self.booked = self.busy
        self.private_link = ""
        self.href = ""

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
            self.move_the_appointments_event,
            self.see_the_appointment_moved,
            self.reschedule_as_guest,
            self.see_the_event_moved,
            self.cancel_as_guest,
            self.see_the_event_gone,
            self.find_no_password,
        ):
            self._timed(step)

    def sign_in(self) -> str:
        page = self.ben.get("/accounts/login/")
        form = page.form_with("username")
        page = self.ben.submit(page, form, username="ben@demo.test", password="daybook-demo")
        check(page.status == 200 and "/s/riverside/calendar/" in page.url, page, "not signed in")
        return "Ben sees his week"

    def meet_a_refusal(self) -> str:
        page = self._connect(REFUSED)
        check(page.status == 422, page, "a wrong password was not refused")
        check("app-specific password" in page.text, page, "the refusal does not help")
        return "a wrong password is refused with words that help"

    def connect(self) -> str:
        self.stack.icloud.put(f"{self.work}smoke.ics", busy_event(self.busy))
        before = len(self.stack.icloud.log)
        page = self._connect(BEN.app_password)
        his = [entry for entry in self.stack.icloud.log[before:] if entry.user == BEN.apple_id]
        asked = [(entry.method, entry.path) for entry in his[:3]]
        ben = self.stack.icloud.account(BEN.apple_id)
        wanted = [("PROPFIND", path) for path in ("/", ben.principal, ben.home)]
        check(page.status == 200, page, "not connected")
        check(BEN.apple_id in self.ben.get(f"{SETTINGS}/connections/").text, page, "not listed")
        check(asked == wanted, page, f"discovery asked for {asked}")
        return f"{BEN.apple_id} connected"

    def choose_the_linked_calendar(self) -> str:
        page = self.ben.get(f"{SETTINGS}/configuration/linked/")
        form = page.form_with("calendar")
        work = next(c for c in form.named("calendar") if c.label.startswith("Ben's work"))
        offered = {choice.label for choice in form.named("calendar")}
        check("Public holidays" not in offered, page, "a subscribed calendar is offered")
        check(ROTA not in offered, page, "a read-only calendar can be linked")
        page = self.ben.submit(page, form, calendar=work.value)
        check(page.status == 200 and "Ben's work" in page.text, page, "not linked")
        return "appointments go to Ben's work"

    def choose_the_conflict_calendars(self) -> str:
        page = self.ben.get(f"{SETTINGS}/configuration/conflicts/")
        form = page.form_with("calendars")
        choices = form.named("calendars")
        linked = next(c for c in choices if c.label.startswith("Ben's work"))
        check(linked.chosen, page, "the linked calendar is not ticked")
        offered = {choice.label for choice in choices}
        check(offered == {"Home", "Ben's work", ROTA}, page, f"{offered} are offered")
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
        self.private_link = page.url
        check(self.booked not in self._starts(), page, "the booked time is still offered")
        return f"{GUEST} booked {start}"

    def find_the_event(self) -> str:
        self.href = wait_for(lambda: self._event_of(GUEST), "the appointment's event on the server")
        ics = self.stack.icloud.get(self.href)
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

    def move_the_appointments_event(self) -> str:
        free = self._starts()
        to = next(start for start in reversed(free) if start != self.booked)
        ics = self.stack.icloud.get(self.href)
        self.stack.icloud.put(self.href, moved(ics, to))
        self.booked = to
        return f"somebody drags it to {to:%H:%M} UTC in Ben's calendar program"

    def see_the_appointment_moved(self) -> str:
        self._appointment_until(self.booked)
        check(self.booked not in self._starts(), self._booking_page(), "the new time is offered")
        wait_for(lambda: self._mail("moved", "gwen@guest.test"), "a mail to the guest")
        return "the appointment has moved, and its guest has a mail"

    def reschedule_as_guest(self) -> str:
        page = self.guest.get(f"{self.private_link}reschedule/?date={self.busy:%Y-%m-%d}")
        form = next(form for form in [*page.forms, page.loose] if form.named("start"))
        to = datetime.fromisoformat(form.named("start")[0].value)
        start = f"{to:%Y-%m-%dT%H:%M:%SZ}"
        page = self.guest.submit(page, form, start=start)
        check(page.status == 200 and page.url == self.private_link, page, "not rescheduled")
        self.booked = to
        self._appointment_until(to)
        return f"{GUEST} reschedules to {start}"

    def see_the_event_moved(self) -> str:
        wanted = f"DTSTART:{self.booked:%Y%m%dT%H%M%SZ}"
        wait_for(lambda: wanted in self._standing(self.href) or None, "the event to move")
        return "the event on the calendar server is where the guest put it"

    def cancel_as_guest(self) -> str:
        page = self.guest.get(f"{self.private_link}cancel/")
        form = page.form_with("reason")
        page = self.guest.submit(page, form, reason="Smoke test")
        check(page.status == 200 and "cancelled" in page.text, page, "not cancelled")
        check(self.booked in self._starts(), self._booking_page(), "its time is not offered again")
        return f"{GUEST} cancels, and the time is offered again"

    def see_the_event_gone(self) -> str:
        wait_for(lambda: self._event_of(GUEST) is None or None, "the event to go")
        return "nothing of it is left on the calendar server"

    def find_no_password(self) -> str:
        """Neither those that were taken nor the one that was refused."""
        taken = [(each.apple_id, each.app_password) for each in (ANA, BEN)]
        secrets = spellings(*taken, (BEN.apple_id, REFUSED))
        database = self.stack.database
        files = files_below(self.stack.folder, leaving_out=self.stack.icloud_folder)
        values = queue_values(database) if database else []
        unseen = {"web.log", "worker.log"} - {file.name for file in files}
        if unseen or (database and (database not in files or not values)):
            raise AssertionError("there was nothing to look for passwords in")
        found = [*map(str, files_with(secrets, files)), *columns_with(secrets, values)]
        if found:
            raise AssertionError(f"a password stands in {', '.join(found)}")
        return f"no password in {len(files)} files and {len(values)} values of the job queue"

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

    def _appointment_until(self, at: datetime) -> None:
        shown = f'datetime="{at:%Y-%m-%dT%H:%M:%SZ}"'

        def look() -> Page | None:
            page = self.guest.get(self.private_link)
            return page if page.status == 200 and shown in page.text else None

        wait_for(look, "the appointment to be at its new time")

    def _mail(self, about: str, to: str) -> Message | None:
        """A mail the worker wrote to the stack's folder instead of sending it."""
        written = b"".join(file.read_bytes() for file in self.stack.mail_folder.glob("*.log"))
        mails = [message_from_bytes(mail) for mail in written.split(b"-" * 79 + b"\n")[:-1]]
        return next((m for m in mails if about in m["Subject"].lower() and to in m["To"]), None)

    def _event_of(self, guest: str) -> str | None:
        """Where the guest's event stands in Ben's work."""
        paths = [f"{self.work}{name}" for name in self.stack.icloud.names(self.work)]
        return next((path for path in paths if guest in self._standing(path)), None)

    def _standing(self, href: str) -> str:
        """What stands there; nothing where it went since it was listed."""
        status, _, ics = self.stack.icloud.ask("GET", href, ok=(200, 404))
        return ics if status == 200 else ""

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


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="daybook-smoke-") as folder:
        began = time.monotonic()
        try:
            with Stack(Path(folder), sync_interval=5, log_level="DEBUG") as stack:
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
