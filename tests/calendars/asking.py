"""What tests ask of a calendar with rules of its own."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from calendars.engine.slots import Verdict
from calendars.models import Appointment, Calendar
from calendars.services.availability import load
from calendars.services.booking import book
from calendars.services.offering import slots_on
from tests.calendars.scenes import MONDAY_NINE, NOW, wish

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def change(calendar: Calendar, **fields: object) -> Calendar:
    Calendar.objects.filter(pk=calendar.pk).update(**fields)
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def clock(calendar: Calendar, day: date = MONDAY, **asked: int) -> list[str]:
    """The offered times of a day as Berlin's clock shows them."""
    found = slots_on(calendar, day, BERLIN, now=NOW, **asked)
    return [f"{datetime.fromtimestamp(slot.start, BERLIN):%H:%M}" for slot in found]


def verdict(calendar: Calendar, start: datetime = MONDAY_NINE) -> Verdict:
    second = int(start.timestamp())
    return load(calendar, asked=(second, second + 1), now=NOW).verdict(second)


def give(calendar: Calendar, user: User, starts: Sequence[datetime]) -> list[Appointment]:
    """Meetings of the calendar for that host, picked by the guest."""
    return [book(wish(calendar, start, host=user.pk), now=NOW) for start in starts]
