"""How a guest books on a phone, far away."""

from datetime import UTC, timedelta
from pathlib import Path

import icalendar

from calendars.models import Meeting
from tests.bookings import make_calendar, tomorrow_at
from tests.browser.conftest import OpenPage
from tests.browser.desk import Desk
from tests.browser.pages import BOOK
from tests.conftest import Tenant

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "timezone_id": "Pacific/Auckland",
}


def test_a_guest_books_in_their_own_zone_on_a_phone_and_takes_a_calendar_file_home(
    opened: OpenPage, tenant: Tenant, tmp_path: Path
) -> None:
    make_calendar(tenant.sub_account, tenant.owner)
    desk = Desk(opened(**PHONE))
    day = (tomorrow_at(9) + timedelta(days=1)).date()  # tomorrow has begun there by the evening
    desk.go(f"{BOOK}?date={day}")

    desk.press("Show times in Pacific/Auckland")
    zone = desk.text(".look > summary")
    desk.page.get_by_role("radio", name="09:00").check()
    desk.write("Name", "Gwen Guest")
    desk.write("E-mail", "gwen@guest.test")
    desk.press(f"Book {day:%A} {day.day} {day:%B}, 09:00")
    confirmation = desk.text()
    taken = icalendar.Calendar.from_ical(desk.save(tmp_path / "a.ics", by="Apple Calendar (file)"))
    desk.press("Cancel appointment", "Cancel this appointment")

    [event] = taken.events
    assert "Times in Pacific/Auckland" in zone
    assert "You’re booked, Gwen Guest" in confirmation
    assert "09:00" in confirmation
    assert event.DTSTART.astimezone(UTC) == Meeting.objects.get().starts_at
    assert "This appointment was cancelled" in desk.text()
