"""Every candidate of a day, with what the one engine says to it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calendars.engine.slots import Reason
from calendars.models import Calendar, CalendarHost, Schedule
from calendars.services.booking import book
from calendars.services.offering import slots_on
from calendars.services.readiness import Gap
from calendars.services.troubleshooting import Answer, Candidate, DayReport, report
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    add_host,
    block,
    make_source,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 1)
NOT_CHECKED = "No calendar of {} is checked for conflicts: what stands in it does not keep their"


def reasons(found: DayReport) -> dict[str, Reason | None]:
    return {f"{one.starts_at:%H:%M}": one.reason for one in found.candidates}


def test_a_day_tells_of_each_candidate_whether_it_is_offered_and_why_not(
    tenant: Tenant, calendar: Calendar
) -> None:
    feed = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=30)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + HALF_HOUR, minutes=30, source=feed)
    book(wish(calendar, MONDAY_NINE + 2 * HALF_HOUR), now=NOW)

    found = report(calendar, MONDAY, now=NOW)

    assert reasons(found) == {
        "09:00": Reason.BLOCKED,
        "09:30": Reason.CONFLICT,
        "10:00": Reason.BOOKED,
        "10:30": None,
        "11:00": None,
        "11:30": None,
    }
    assert (found.offered, found.notes, found.missing) == (3, (), ())
    start = datetime(2026, 3, 2, 9, tzinfo=BERLIN)
    words = "The time was blocked by hand."
    assert found.candidates[0] == Candidate(
        starts_at=start,
        ends_at=start + HALF_HOUR,
        reason=Reason.BLOCKED,
        words=words,
        free=(),
        refused=(Answer("Owner", Reason.BLOCKED, words),),
    )


def test_what_is_offered_is_what_the_public_page_offers(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    Calendar.objects.update(notice=21, notice_unit="hours", buffer_after=timedelta(minutes=15))
    calendar.refresh_from_db()
    book(wish(calendar, MONDAY_NINE + 2 * HALF_HOUR), now=NOW)

    found = report(calendar, MONDAY, now=NOW)

    offered = [int(one.starts_at.timestamp()) for one in found.candidates if not one.reason]
    assert offered == [slot.start for slot in slots_on(calendar, MONDAY, BERLIN, now=NOW)]
    assert 0 < len(offered) < len(found.candidates)


def test_of_several_hosts_each_ones_own_reason_is_told(tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    block(tenant.mate, tenant.sub_account, MONDAY_NINE, minutes=60)
    book(wish(calendar), now=NOW)

    first, second, third, *_ = report(calendar, MONDAY, now=NOW).candidates

    assert [(answer.host, answer.reason) for answer in first.refused] == [
        ("Owner", Reason.BOOKED),
        ("Mate", Reason.BLOCKED),
    ]
    assert (first.reason, first.count) == (Reason.ROUNDROBIN, "2 of 2 hosts unavailable")
    assert (second.reason, second.free, second.count) == (
        None,
        ("Owner",),
        "1 of 2 hosts unavailable",
    )
    assert (third.free, third.count) == (("Owner", "Mate"), "")


def test_a_day_of_which_a_part_is_too_soon_shows_both_parts(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(notice=22, notice_unit="hours")  # up to Monday 11:00 in Berlin
    calendar.refresh_from_db()

    found = report(calendar, MONDAY, now=NOW)

    assert reasons(found) == {
        "09:00": Reason.NOTICE,
        "09:30": Reason.NOTICE,
        "10:00": Reason.NOTICE,
        "10:30": Reason.NOTICE,
        "11:00": None,
        "11:30": None,
    }
    assert found.notes == ()


def test_it_says_why_a_whole_day_is_empty(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(notice=1, notice_unit="days", horizon=7)
    calendar.refresh_from_db()
    friday, monday, later = date(2026, 2, 27), MONDAY, date(2026, 3, 9)

    told = {day: report(calendar, day, now=NOW) for day in (friday, SUNDAY, monday, later)}

    assert {day: found.notes for day, found in told.items()} == {
        friday: ("This day has passed.",),
        SUNDAY: (
            "All of this day is sooner than the minimum notice.",
            "It is closed on this day: there are no opening hours in which a meeting has room.",
        ),
        monday: ("All of this day is sooner than the minimum notice.",),
        later: ("This day is further ahead than the calendar can be booked.",),
    }
    assert [set(reasons(found).values()) for found in told.values()] == [
        {Reason.PAST},
        set(),
        {Reason.NOTICE},
        {Reason.TOOFAR},
    ]


def test_what_guests_are_not_shown_is_told_as_what_it_is(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(look_busy=50)
    calendar.refresh_from_db()
    shown = slots_on(calendar, MONDAY, BERLIN, now=NOW)

    found = report(calendar, MONDAY, now=NOW)

    offered = [int(one.starts_at.timestamp()) for one in found.candidates if not one.reason]
    assert offered == [slot.start for slot in shown]
    assert set(reasons(found).values()) == {None, Reason.LOOKBUSY}


def test_it_says_what_is_missing(tenant: Tenant, calendar: Calendar) -> None:
    CalendarHost.objects.create(calendar=calendar, user=tenant.mate, position=1)

    found = report(calendar, MONDAY, now=NOW)

    assert found.missing == (
        Gap("Mate has no hours and is never offered.", is_serious=True),
        Gap(f"{NOT_CHECKED.format('Owner')} time free.", is_serious=False),
    )


def test_a_day_is_one_of_the_calendars_zone_whatever_the_hosts(
    tenant: Tenant, calendar: Calendar
) -> None:
    Schedule.objects.all().delete()
    open_mornings(tenant.owner, tenant.sub_account, time_zone="Asia/Tokyo")  # 01:00–04:00 in Berlin

    found = report(calendar, date(2026, 3, 3), now=NOW)

    assert [f"{one.starts_at:%d %H:%M}" for one in found.candidates] == [
        "03 01:00",
        "03 01:30",
        "03 02:00",
        "03 02:30",
        "03 03:00",
        "03 03:30",
    ]
