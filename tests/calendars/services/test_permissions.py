import pytest

from accounts.models import Member, User
from calendars.models import Appointment, Calendar, CalendarHost
from calendars.services.booking import book
from calendars.services.moving import move
from calendars.services.permissions import (
    may_book_on,
    may_change_appointment,
    own_calendars,
)
from tests.calendars.scenes import MONDAY_NINE, NOW, add_host, make_calendar, wish
from tests.conftest import Tenant


def member(user: User) -> Member:
    return Member.objects.select_related("sub_account").get(user=user)


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar), now=NOW)


def test_hosts_book_on_their_calendars_and_admins_on_all(
    tenant: Tenant, other_tenant: Tenant, calendar: Calendar
) -> None:
    make_calendar(other_tenant.sub_account, [tenant.owner])
    mates = make_calendar(tenant.sub_account, [tenant.mate], slug="mates", name="Mates")

    assert list(own_calendars(member(tenant.owner))) == [calendar]
    assert list(own_calendars(member(tenant.mate))) == [mates]
    assert set(own_calendars(member(tenant.admin))) == {calendar, mates}
    assert not may_book_on(member(tenant.owner), mates)
    assert not may_book_on(member(other_tenant.admin), calendar)


def test_hosts_of_the_calendar_and_admins_change_its_appointments(
    tenant: Tenant, appointment: Appointment
) -> None:
    may = {
        name: may_change_appointment(member(getattr(tenant, name)), appointment)
        for name in ("owner", "mate", "admin")
    }

    assert may == {"owner": True, "mate": False, "admin": True}


def test_who_serves_it_changes_it_though_no_host_of_the_calendar_any_more(
    tenant: Tenant, appointment: Appointment
) -> None:
    CalendarHost.objects.all().delete()

    assert may_change_appointment(member(tenant.owner), appointment)


def test_who_gave_it_away_and_left_the_calendar_does_not(
    tenant: Tenant, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    move(appointment, MONDAY_NINE, by=tenant.admin, now=NOW, host=tenant.mate.pk)
    CalendarHost.objects.filter(user=tenant.owner).delete()

    assert not may_change_appointment(member(tenant.owner), appointment)
    assert may_change_appointment(member(tenant.mate), appointment)
