from datetime import timedelta

import pytest

from calendars.models import Appointment, Calendar, Contact, Mail, MeetingHost
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel
from calendars.services.listing import Show, found_by, listed, rows_of, served_by, with_details
from calendars.services.moving import move
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    make_calendar,
    open_mornings,
    wish,
)
from tests.conftest import Tenant

LATER = MONDAY_NINE + timedelta(days=1)


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar, phone="+49 (30) 12-34.5"), now=NOW)


def shown(tenant: Tenant, show: Show, *, now: object = NOW) -> list[int]:
    rows = listed(tenant.sub_account, show=show, now=now)  # type: ignore[arg-type]
    return list(rows.values_list("pk", flat=True))


def test_what_comes_stands_under_upcoming_until_it_is_over(
    tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    later = book(wish(calendar, LATER, email="later@example.com"), now=NOW)
    end = MONDAY_NINE + HALF_HOUR

    assert shown(tenant, Show.UPCOMING) == [appointment.pk, later.pk]
    assert shown(tenant, Show.PAST) == []
    assert shown(tenant, Show.UPCOMING, now=end - timedelta(seconds=1)) == [
        appointment.pk,
        later.pk,
    ]
    assert shown(tenant, Show.UPCOMING, now=end) == [later.pk]
    assert shown(tenant, Show.PAST, now=LATER + HALF_HOUR) == [later.pk, appointment.pk]


@pytest.mark.parametrize("status", ["cancelled", "invalid"])
def test_what_has_ended_stands_under_cancelled_alone(
    tenant: Tenant, appointment: Appointment, status: str
) -> None:
    Appointment.objects.update(status=status)

    assert [shown(tenant, show) for show in Show] == [[], [], [appointment.pk], []]


def test_other_sub_accounts_appointments_are_not_listed(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    open_mornings(other_tenant.owner, other_tenant.sub_account)
    theirs = make_calendar(other_tenant.sub_account, [other_tenant.owner], needs_confirmation=True)
    book(wish(theirs), now=NOW)

    assert [shown(tenant, show) for show in Show] == [[], [], [], []]


def test_a_sound_appointment_needs_no_attention(tenant: Tenant, appointment: Appointment) -> None:
    MeetingHost.objects.update(copy="written")

    assert shown(tenant, Show.ATTENTION) == []


@pytest.mark.parametrize(
    "part", [{"is_overlapping": True}, *({"copy": c} for c in ("refused", "deleted", "changed"))]
)
def test_what_is_astray_needs_attention_until_it_is_over(
    tenant: Tenant, appointment: Appointment, part: dict[str, object]
) -> None:
    MeetingHost.objects.update(**part)

    assert shown(tenant, Show.ATTENTION) == [appointment.pk]
    assert shown(tenant, Show.ATTENTION, now=MONDAY_NINE + HALF_HOUR) == []


def test_what_waits_for_confirmation_needs_attention(
    tenant: Tenant, appointment: Appointment
) -> None:
    Appointment.objects.update(status="new")

    assert shown(tenant, Show.ATTENTION) == [appointment.pk]


def test_a_mail_that_could_not_be_sent_needs_attention_even_when_cancelled(
    tenant: Tenant, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.owner)
    Mail.objects.filter(kind="cancelled").update(problem="no such address")
    assert shown(tenant, Show.ATTENTION) == [appointment.pk]

    Mail.objects.update(sent_at=NOW)
    assert shown(tenant, Show.ATTENTION) == []


def test_a_part_that_was_handed_over_is_astray_only_where_its_event_stays(
    tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    add_host(calendar, tenant.mate)
    move(appointment, MONDAY_NINE, by=tenant.admin, now=NOW, host=tenant.mate.pk)
    given = MeetingHost.objects.filter(user=tenant.owner)

    given.update(copy="deleted", is_overlapping=True)
    assert shown(tenant, Show.ATTENTION) == []

    given.update(copy="refused")
    assert shown(tenant, Show.ATTENTION) == [appointment.pk]


@pytest.mark.parametrize(
    "text",
    ["gina", "GUEST", "gina@exam", "3012345", "+49 30 12345", "(30) 12-34.5", "Known", "030/99"],
)
def test_guests_are_found_by_name_address_or_number(
    tenant: Tenant, appointment: Appointment, text: str
) -> None:
    Contact.objects.update(name="Known Otherwise", phone="030 99 88")

    assert list(found_by(Appointment.objects.all(), text)) == [appointment]


@pytest.mark.parametrize("text", ["hugo", "49 31", "12a34", "%", "_", "30 x"])
def test_others_are_not(appointment: Appointment, text: str) -> None:
    assert list(found_by(Appointment.objects.all(), text)) == []


def test_who_serves_it_now_finds_it(
    tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    add_host(calendar, tenant.mate)
    move(appointment, MONDAY_NINE, by=tenant.admin, now=NOW, host=tenant.mate.pk)
    everything = Appointment.objects.all()

    assert list(served_by(everything, tenant.owner.pk)) == []
    assert list(served_by(everything, tenant.mate.pk)) == [appointment]


def test_a_row_says_it_all_in_words(tenant: Tenant, calendar: Calendar) -> None:
    book(wish(calendar), now=NOW)
    book_for_guest(calendar, MONDAY_NINE, WALK_IN, by=tenant.owner, now=NOW, anyway=True)
    MeetingHost.objects.update(copy="refused", copy_problem="read-only")
    Mail.objects.filter(to=None).update(problem="no such address")

    rows = rows_of(with_details(listed(tenant.sub_account, show=Show.UPCOMING, now=NOW)))

    [told] = {(row.hosts, row.status_kind, row.is_overlapping, row.unsent) for row in rows}
    assert told == ("Owner", "ok", True, 1)
    assert {copy.text for row in rows for _, copy in row.copies} == {"not on iCloud: read-only"}
