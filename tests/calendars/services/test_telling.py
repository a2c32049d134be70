from datetime import timedelta

from accounts.models import User
from calendars.models import Appointment, Calendar, Mail
from calendars.services.booking import book
from calendars.services.cancelling import cancel, cancel_by_guest
from calendars.services.moving import move, reschedule
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, block, open_mornings, wish
from tests.conftest import Tenant


def told(kind: str) -> set[tuple[User | None, str]]:
    """Who was told so, and with which reason."""
    return {(mail.to, mail.reason) for mail in Mail.objects.filter(kind=kind)}


def test_what_a_guest_typed_is_not_mailed_to_the_address_they_gave(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = book(wish(calendar), now=NOW)

    cancel_by_guest(appointment, reason="Buy this", now=NOW)

    assert told("cancelled") == {(None, ""), (tenant.owner, "Buy this")}


def test_what_staff_give_as_reason_is_told_to_guest_and_hosts(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = book(wish(calendar), now=NOW)

    cancel(appointment, by=tenant.admin, reason="Ana is ill")

    assert told("cancelled") == {(None, "Ana is ill"), (tenant.owner, "Ana is ill")}


def with_a_second_host(calendar: Calendar, tenant: Tenant) -> Appointment:
    """The owner's, at nine on Monday; the team-mate serves the calendar as well."""
    appointment = book(wish(calendar), now=NOW)
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    return appointment


def test_a_host_who_loses_an_appointment_is_told_when_they_had_it(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = with_a_second_host(calendar, tenant)
    later = MONDAY_NINE + timedelta(hours=1)
    block(tenant.owner, tenant.sub_account, later)

    reschedule(appointment, later, now=NOW)

    lost, moved = (Mail.objects.get(kind=kind, to__isnull=False) for kind in ("cancelled", "moved"))
    assert (lost.to, lost.starts_at, lost.ends_at) == (
        tenant.owner,
        MONDAY_NINE,
        MONDAY_NINE + HALF_HOUR,
    )
    assert (moved.to, moved.starts_at, moved.was_at) == (tenant.mate, later, MONDAY_NINE)


def test_a_host_who_gives_an_appointment_away_is_not_told_so(
    tenant: Tenant, calendar: Calendar
) -> None:
    appointment = with_a_second_host(calendar, tenant)

    move(appointment, MONDAY_NINE, by=tenant.owner, host=tenant.mate.pk, now=NOW)

    assert told("cancelled") == set()
    assert {mail.to for mail in Mail.objects.filter(kind="moved")} == {None, tenant.mate}
