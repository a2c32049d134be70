from datetime import timedelta

from accounts.models import Member
from calendars.models import Appointment, Calendar
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel
from calendars.services.overlaps import Overlap, overlaps_of
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    make_calendar,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

QUARTER = timedelta(minutes=15)


def squeeze_in(calendar: Calendar, tenant: Tenant) -> Appointment:
    start = MONDAY_NINE + QUARTER
    return book_for_guest(calendar, start, WALK_IN, by=tenant.admin, now=NOW, anyway=True)


def test_a_meeting_lies_over_what_its_host_has_then(tenant: Tenant, calendar: Calendar) -> None:
    first = book(wish(calendar), now=NOW)
    over = squeeze_in(calendar, tenant)
    book(wish(calendar, MONDAY_NINE + 3 * HALF_HOUR, email="later@example.com"), now=NOW)

    assert overlaps_of(over.meeting) == [
        Overlap("Owner", MONDAY_NINE, MONDAY_NINE + HALF_HOUR, "Gina Guest", first.pk)
    ]


def test_what_was_cancelled_is_in_nobodys_way(tenant: Tenant, calendar: Calendar) -> None:
    first = book(wish(calendar), now=NOW)
    over = squeeze_in(calendar, tenant)
    cancel(first, by=tenant.admin)

    assert overlaps_of(over.meeting) == []


def test_buffers_count(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(buffer_after=QUARTER)
    first = book(wish(calendar), now=NOW)
    start = MONDAY_NINE + HALF_HOUR
    over = book_for_guest(calendar, start, WALK_IN, by=tenant.admin, now=NOW, anyway=True)

    assert [overlap.appointment for overlap in overlaps_of(over.meeting)] == [first.pk]


def test_another_sub_accounts_meeting_is_busy_and_nothing_more(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    there = other_tenant.sub_account
    Member.objects.create(sub_account=there, user=tenant.owner)
    open_mornings(tenant.owner, there)
    book(wish(make_calendar(there, [tenant.owner]), name="Secret Visitor"), now=NOW)

    over = squeeze_in(calendar, tenant)

    assert overlaps_of(over.meeting) == [
        Overlap("Owner", MONDAY_NINE, MONDAY_NINE + HALF_HOUR, "Busy", None)
    ]
