from datetime import date, timedelta
from zoneinfo import ZoneInfo

from calendars.models import Calendar, DateOverride
from calendars.services.openings import Openings, Time, openings
from tests.calendars.scenes import MONDAY_NINE, NOW, block
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)


def shown(calendar: Calendar, zone: ZoneInfo = BERLIN, **asked: date | None) -> Openings:
    return openings(calendar, zone=zone, now=NOW, **asked)  # type: ignore[arg-type]


def labels(found: Openings) -> list[str]:
    return [time.label for time in found.times]


def test_the_page_opens_on_the_first_day_with_times(tenant: Tenant, calendar: Calendar) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=24 * 60)

    found = shown(calendar)

    assert (found.day, found.month) == (date(2026, 3, 3), date(2026, 3, 1))


def test_times_are_those_of_the_guests_clock(calendar: Calendar) -> None:
    found = shown(calendar, ZoneInfo("America/New_York"), day=MONDAY)

    assert found.times[0] == Time("2026-03-02T08:00:00Z", "03:00", "")


def test_a_guest_far_away_finds_the_times_on_their_own_date(calendar: Calendar) -> None:
    found = shown(calendar, ZoneInfo("Pacific/Kiritimati"), day=date(2026, 3, 3))

    assert labels(found)[:3] == ["00:00", "00:30", "22:00"]


def test_a_day_without_times_is_shown_as_it_is(calendar: Calendar) -> None:
    found = shown(calendar, day=date(2026, 3, 7))

    assert (found.day, found.times) == (date(2026, 3, 7), ())


def test_a_day_that_cannot_be_booked_leads_to_the_first_one_that_can(calendar: Calendar) -> None:
    for day in (date(2026, 2, 27), date(2027, 3, 1), date.min, date.max):
        assert shown(calendar, day=day).day == MONDAY


def test_a_month_opens_on_its_first_day_with_times(calendar: Calendar) -> None:
    found = shown(calendar, month=date(2026, 4, 1))

    assert (found.day, found.month) == (date(2026, 4, 1), date(2026, 4, 1))
    assert (found.previous, found.following) == (date(2026, 3, 1), None)


def test_months_lead_from_today_to_the_horizon(calendar: Calendar) -> None:
    first = shown(calendar)
    beyond = shown(calendar, month=date(2026, 5, 1))

    assert (first.previous, first.following) == (None, date(2026, 4, 1))
    assert beyond.day == MONDAY


def test_the_table_marks_the_days_with_times(tenant: Tenant, calendar: Calendar) -> None:
    DateOverride.objects.create(schedule=tenant.owner.schedule_set.get(), day=date(2026, 3, 4))

    first_full_week = shown(calendar).weeks[1]

    assert [cell.date.day for cell in first_full_week] == [2, 3, 4, 5, 6, 7, 8]
    assert [cell.date.day for cell in first_full_week if cell.is_available] == [2, 3, 5, 6]


def test_the_table_ends_with_the_free_days_of_the_next_month_in_its_last_week(
    calendar: Calendar,
) -> None:
    last_week = shown(calendar).weeks[-1]

    assert [(cell.date.day, cell.is_in_month) for cell in last_week if cell.is_available] == [
        (30, True),
        (31, True),
        (1, False),
        (2, False),
        (3, False),
    ]


def test_where_only_such_days_are_free_their_own_month_is_shown(
    tenant: Tenant, calendar: Calendar
) -> None:
    march = 31 * 24 * 60
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=march - 24 * 60)

    asked = shown(calendar, month=date(2026, 3, 1))
    found = shown(calendar)

    assert (asked.day, asked.month) == (None, date(2026, 3, 1))
    assert (found.day, found.month) == (date(2026, 4, 1), date(2026, 4, 1))


def test_a_calendar_without_any_time_shows_the_first_month_empty(calendar: Calendar) -> None:
    Calendar.objects.get().calendarhost_set.all().delete()

    found = shown(calendar)

    assert (found.day, found.month, found.times) == (None, date(2026, 3, 1), ())


def test_a_time_that_the_clock_shows_twice_says_which_one_it_is(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(horizon=400, interval=timedelta(hours=1))
    calendar.refresh_from_db()
    DateOverride.objects.create(
        schedule=tenant.owner.schedule_set.get(), day=date(2026, 10, 25), opens=60, closes=240
    )

    found = shown(calendar, day=date(2026, 10, 25))

    assert [(time.label, time.note) for time in found.times] == [
        ("01:00", ""),
        ("02:00", "CEST"),
        ("02:00", "CET"),
        ("03:00", ""),
    ]
