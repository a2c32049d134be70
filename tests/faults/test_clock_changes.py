"""Fault 23: clocks change. No time in a gap is offered, none twice, and each is kept as it was."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.models import Appointment, Calendar, WeeklyHours
from calendars.services.booking import book
from calendars.services.offering import slots_on
from calendars.services.openings import openings
from tests.calendars.scenes import make_calendar, open_mornings, taken_of, wish
from tests.conftest import Tenant

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
LORD_HOWE, SAMOA = "Australia/Lord_Howe", "Pacific/Apia"

# By the clock on the wall, hours are from midnight to four.
USUAL = ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]
SPRING = ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30"]
AUTUMN_AT_2 = ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30", *USUAL[4:]]
AUTUMN_AT_3 = [*USUAL[:6], "02:00", "02:30", "03:00", "03:30"]
CHANGES = [
    (NEW_YORK, date(2026, 3, 8), SPRING),
    (NEW_YORK, date(2027, 3, 14), SPRING),
    (NEW_YORK, date(2026, 11, 1), AUTUMN_AT_2),
    (BERLIN, date(2026, 3, 29), SPRING),
    (BERLIN, date(2026, 10, 25), AUTUMN_AT_3),
    # Half an hour: from 2:00 to 2:30, and back from 2:00 to 1:30.
    (LORD_HOWE, date(2026, 10, 4), [*USUAL[:4], *USUAL[5:]]),
    (LORD_HOWE, date(2026, 4, 5), [*USUAL[:4], "01:30", *USUAL[4:]]),
    # Samoa had no 30 December 2011.
    (SAMOA, date(2011, 12, 29), USUAL),
    (SAMOA, date(2011, 12, 30), []),
    (SAMOA, date(2011, 12, 31), USUAL),
]
changes = pytest.mark.parametrize(
    ("name", "day", "shown"), CHANGES, ids=[f"{name} {day}" for name, day, _ in CHANGES]
)


def nights(tenant: Tenant, name: str) -> Calendar:
    """Half hours from midnight to four, every day, on the clocks of that zone."""
    open_mornings(tenant.owner, tenant.sub_account, time_zone=name)
    WeeklyHours.objects.all().delete()
    schedule = tenant.owner.schedule_set.get()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, opens=0, closes=240) for weekday in range(7)
    )
    return make_calendar(tenant.sub_account, [tenant.owner], time_zone=name)


@changes
def test_a_day_has_the_times_that_its_clock_shows(
    tenant: Tenant, name: str, day: date, shown: list[str]
) -> None:
    zone, now = ZoneInfo(name), datetime(day.year, day.month, day.day, tzinfo=UTC)
    now -= timedelta(days=5)

    found = slots_on(nights(tenant, name), day, zone, now=now)

    clock = [datetime.fromtimestamp(slot.start, zone) for slot in found]
    assert [f"{start:%H:%M}" for start in clock] == shown
    assert {start.date() for start in clock} <= {day}
    # Every half hour that passes is there once, and reads the same after it was stored as UTC.
    assert [slot.start for slot in found] == [
        found[0].start + 1800 * number for number in range(len(found))
    ]
    assert [int(start.astimezone(UTC).astimezone(zone).timestamp()) for start in clock] == [
        slot.start for slot in found
    ]


@pytest.mark.parametrize(
    ("name", "day", "notes"),
    [
        (NEW_YORK, date(2026, 11, 1), ["01:00 EDT", "01:30 EDT", "01:00 EST", "01:30 EST"]),
        (BERLIN, date(2026, 10, 25), ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]),
    ],
)
def test_a_time_shown_twice_says_which_it_is_and_both_can_be_booked(
    tenant: Tenant, name: str, day: date, notes: list[str]
) -> None:
    zone, calendar = ZoneInfo(name), nights(tenant, name)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=5)

    times = openings(calendar, zone=zone, now=now, day=day).times

    twice = [time for time in times if time.note]
    assert [f"{time.label} {time.note}" for time in twice] == notes
    for time in twice:
        book(wish(calendar, datetime.fromisoformat(time.value)), now=now)
    kept = Appointment.objects.order_by("meeting__starts_at").select_related("meeting")
    clock = [f"{one.meeting.starts_at.astimezone(zone):%H:%M %Z}" for one in kept]
    assert clock == notes


def test_a_booking_keeps_its_instant_whatever_its_zone_says_later(tenant: Tenant) -> None:
    calendar = nights(tenant, BERLIN)
    start = datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    book(wish(calendar, start), now=start - timedelta(days=5))

    Calendar.objects.update(time_zone=NEW_YORK)
    tenant.owner.schedule_set.update(time_zone=NEW_YORK)

    assert Appointment.objects.get().meeting.starts_at == start
    assert taken_of(tenant.owner) == [(start, start + timedelta(minutes=30))]
