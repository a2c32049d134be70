from datetime import timedelta

import pytest
from django.db import IntegrityError

from calendars.models import Appointment, Calendar, Contact, MeetingHost, Taken, resource_of
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel
from calendars.services.refusals import SlotTaken
from calendars.services.taking import all_or_taken, retake, span_of, take
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    flagged,
    taken_of,
    wish,
)
from tests.conftest import Tenant

QUARTER = timedelta(minutes=15)


def squeeze_in(calendar: Calendar, minutes: int, tenant: Tenant) -> Appointment:
    """Booked anyway by staff, so many minutes after nine."""
    starts_at = MONDAY_NINE + timedelta(minutes=minutes)
    return book_for_guest(calendar, starts_at, WALK_IN, by=tenant.admin, now=NOW, anyway=True)


def minutes_taken(appointment: Appointment) -> list[tuple[int, int]]:
    """What its host's part takes, in minutes after nine."""
    rows = Taken.objects.filter(meeting_host__meeting=appointment.meeting).order_by("starts_at")
    return [
        (_minute(starts_at), _minute(ends_at))
        for starts_at, ends_at in rows.values_list("starts_at", "ends_at")
    ]


def _minute(at: object) -> int:
    return int((at - MONDAY_NINE).total_seconds()) // 60  # type: ignore[operator]


def test_booked_anyway_it_takes_only_the_free_remainder(tenant: Tenant, calendar: Calendar) -> None:
    first = book(wish(calendar), now=NOW)

    over = squeeze_in(calendar, 15, tenant)

    assert (minutes_taken(first), minutes_taken(over)) == ([(0, 30)], [(30, 45)])
    assert flagged() == {first.meeting.pk, over.meeting.pk}


def test_booked_anyway_in_free_time_it_takes_all_and_is_not_flagged(
    tenant: Tenant, calendar: Calendar
) -> None:
    over = squeeze_in(calendar, 7, tenant)

    assert minutes_taken(over) == [(7, 37)]
    assert flagged() == set()


def test_booked_anyway_around_another_it_takes_both_ends(
    tenant: Tenant, calendar: Calendar
) -> None:
    middle = squeeze_in(calendar, 15, tenant)
    Calendar.objects.update(duration=timedelta(hours=1))

    around = squeeze_in(calendar, 0, tenant)

    assert (minutes_taken(middle), minutes_taken(around)) == ([(15, 45)], [(0, 15), (45, 60)])


def test_exactly_over_another_it_takes_nothing_until_that_one_goes(
    tenant: Tenant, calendar: Calendar
) -> None:
    first = book(wish(calendar), now=NOW)
    over = squeeze_in(calendar, 0, tenant)
    assert minutes_taken(over) == []

    cancel(first, by=tenant.admin)

    assert minutes_taken(over) == [(0, 30)]
    assert flagged() == set()


def test_when_one_of_three_goes_the_oldest_of_the_others_takes_first(
    tenant: Tenant, calendar: Calendar
) -> None:
    first = book(wish(calendar), now=NOW)
    second, third = squeeze_in(calendar, 0, tenant), squeeze_in(calendar, 0, tenant)

    cancel(first, by=tenant.admin)

    assert (minutes_taken(second), minutes_taken(third)) == ([(0, 30)], [])
    assert flagged() == {second.meeting.pk, third.meeting.pk}


def test_a_meeting_that_still_overlaps_another_keeps_its_flag_when_a_third_goes(
    tenant: Tenant, calendar: Calendar
) -> None:
    early = book(wish(calendar), now=NOW)
    middle, late = squeeze_in(calendar, 15, tenant), squeeze_in(calendar, 40, tenant)

    cancel(early, by=tenant.admin)

    # `late` does not touch the time that became free, and lies over `middle` all the same.
    assert flagged() == {middle.meeting.pk, late.meeting.pk}


def test_buffers_overlap_too(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(buffer_after=QUARTER)
    first = book(wish(calendar), now=NOW)

    over = squeeze_in(calendar, 30, tenant)

    assert (minutes_taken(first), minutes_taken(over)) == ([(0, 45)], [(45, 75)])
    assert flagged() == {first.meeting.pk, over.meeting.pk}


def test_meetings_that_only_touch_are_not_flagged(tenant: Tenant, calendar: Calendar) -> None:
    book(wish(calendar), now=NOW)

    squeeze_in(calendar, 30, tenant)

    assert flagged() == set()


def test_a_guest_cannot_book_over_what_staff_booked_anyway(
    tenant: Tenant, calendar: Calendar
) -> None:
    squeeze_in(calendar, 15, tenant)

    with pytest.raises(SlotTaken):
        book(wish(calendar), now=NOW)
    with pytest.raises(SlotTaken):
        book(wish(calendar, MONDAY_NINE + HALF_HOUR), now=NOW)


def test_taking_again_what_is_taken_changes_nothing(tenant: Tenant, calendar: Calendar) -> None:
    first = book(wish(calendar), now=NOW)
    squeeze_in(calendar, 15, tenant)
    before = taken_of(tenant.owner)

    retake([resource_of(tenant.owner.pk)], around=[span_of(first.meeting)])

    assert taken_of(tenant.owner) == before


def test_who_handed_a_meeting_over_takes_no_time_for_it(tenant: Tenant, calendar: Calendar) -> None:
    first = book(wish(calendar), now=NOW)
    MeetingHost.objects.update(is_serving=False)
    Taken.objects.all().delete()

    retake([resource_of(tenant.owner.pk)], around=[span_of(first.meeting)])

    assert taken_of(tenant.owner) == []


def test_only_an_overlap_is_said_to_be_taken(tenant: Tenant, calendar: Calendar) -> None:
    part = book(wish(calendar), now=NOW).meeting.hosts.get()

    with pytest.raises(SlotTaken), all_or_taken():
        take(part)
    with pytest.raises(IntegrityError), all_or_taken():
        Contact.objects.create(
            sub_account=tenant.sub_account, name="Gina", email="gina@example.com"
        )
