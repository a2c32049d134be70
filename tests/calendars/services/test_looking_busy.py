"""Look busy: what guests are not shown, and may book all the same."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from calendars.engine.slots import Reason
from calendars.models import Calendar
from calendars.services.availability import load
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from calendars.services.offering import first_bookable_date, slots, slots_by_date, slots_on
from calendars.services.openings import openings
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, wish
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture
def busy(calendar: Calendar) -> Calendar:
    """Hides half of the six times of each morning."""
    Calendar.objects.update(look_busy=50)
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def shown(
    calendar: Calendar, *, zone: ZoneInfo = BERLIN, now: datetime = NOW, last: date = FRIDAY
) -> dict[date, list[int]]:
    """The starts that guests see from Monday to Friday."""
    found = slots_by_date(calendar, first=MONDAY, last=last, zone=zone, now=now)
    return {day: [slot.start for slot in there] for day, there in found.items()}


def unseen(calendar: Calendar) -> datetime:
    """The first time of Monday that is free and not shown."""
    free = slots(calendar, first=MONDAY_NINE, last=MONDAY_NINE + 6 * HALF_HOUR, now=NOW)
    hidden = {slot.start for slot in free} - set(shown(calendar)[MONDAY])
    return datetime.fromtimestamp(min(hidden), UTC)


def test_that_share_of_the_free_times_of_each_date_is_hidden(busy: Calendar) -> None:
    assert [len(there) for there in shown(busy).values()] == [3, 3, 3, 3, 3]


def test_every_view_shows_the_same_times(busy: Calendar) -> None:
    week = shown(busy)
    month = openings(busy, zone=BERLIN, now=NOW, month=date(2026, 3, 1))
    # On Kiritimati, where Berlin's mornings lie across midnight, each date by itself.
    dates = [MONDAY + timedelta(days=days) for days in range(6)]
    abroad = [slots_on(busy, day, ZoneInfo("Pacific/Kiritimati"), now=NOW) for day in dates]

    assert {MONDAY: week[MONDAY]} == shown(busy, last=MONDAY)
    assert [time.value for time in month.times] == [
        f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M:%SZ}" for start in week[MONDAY]
    ]
    assert [slot.start for slot in chain(*abroad)] == [*chain(*week.values())]
    assert first_bookable_date(busy, BERLIN, now=NOW) == MONDAY


def test_the_hidden_times_stay_the_same_as_time_goes_by(busy: Calendar) -> None:
    later = MONDAY_NINE - timedelta(hours=1, minutes=1)  # notice leaves 10:00 to 11:30

    left = shown(busy, now=later)[MONDAY]

    first = int((MONDAY_NINE + 2 * HALF_HOUR).timestamp())
    assert left == [start for start in shown(busy)[MONDAY] if start >= first]


def test_a_booking_deals_anew_and_a_cancellation_does_not(tenant: Tenant, busy: Calendar) -> None:
    before = shown(busy)

    appointment = book(wish(busy, MONDAY_NINE), now=NOW)
    after = shown(busy)
    cancel(appointment, by=tenant.owner)

    assert {day: after[day] for day in after if day > MONDAY} != {
        day: before[day] for day in before if day > MONDAY
    }
    assert {day: there for day, there in shown(busy).items() if day > MONDAY} == {
        day: there for day, there in after.items() if day > MONDAY
    }


def test_whoever_has_a_hidden_time_open_may_book_it(busy: Calendar) -> None:
    appointment = book(wish(busy, unseen(busy)), now=NOW)

    assert appointment.status == "confirmed"


def test_staff_see_all_times(busy: Calendar) -> None:
    found = openings(busy, zone=BERLIN, now=NOW, day=MONDAY, to_guests=False)

    assert [time.label for time in found.times] == [
        *("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")
    ]


def test_hidden_times_have_the_reason_look_busy(busy: Calendar) -> None:
    asked = (int(MONDAY_NINE.timestamp()), int((MONDAY_NINE + 6 * HALF_HOUR).timestamp()))

    verdicts = load(busy, asked=asked, now=NOW).verdicts()

    seen = shown(busy)[MONDAY]
    assert [one.reason for one in verdicts] == [
        None if one.start in seen else Reason.LOOKBUSY for one in verdicts
    ]
    assert len(verdicts) == 6


def test_services_never_look_busy(busy: Calendar) -> None:
    Calendar.objects.update(kind="service")
    busy.refresh_from_db()

    assert [len(there) for there in shown(busy).values()] == [6, 6, 6, 6, 6]
