import pytest

from accounts.models import Member
from calendars.models import Calendar, CalendarHost
from calendars.services.hosting import NotAMember, add_host, move_host
from tests.conftest import Tenant


def hosts_of(calendar: Calendar) -> list[str]:
    hosts = CalendarHost.objects.filter(calendar=calendar).select_related("user")
    return [host.user.full_name for host in hosts]


def test_somebody_removed_in_the_meantime_does_not_become_a_host(
    tenant: Tenant, calendar: Calendar
) -> None:
    mate = Member.objects.get(user=tenant.mate)
    Member.objects.filter(pk=mate.pk).delete()

    with pytest.raises(NotAMember):
        add_host(calendar, mate, priority=2)

    assert hosts_of(calendar) == ["Owner"]


def test_a_host_added_twice_at_once_is_one_and_keeps_their_priority(
    tenant: Tenant, calendar: Calendar
) -> None:
    mate = Member.objects.get(user=tenant.mate)

    add_host(calendar, mate, priority=3)
    add_host(calendar, mate, priority=1)

    assert hosts_of(calendar) == ["Owner", "Mate"]
    assert CalendarHost.objects.get(user=tenant.mate).priority == 3


def test_a_host_removed_in_the_meantime_moves_nobody(tenant: Tenant, calendar: Calendar) -> None:
    CalendarHost.objects.create(calendar=calendar, user=tenant.admin, position=1)
    gone = CalendarHost.objects.create(calendar=calendar, user=tenant.mate, position=2)
    CalendarHost.objects.filter(pk=gone.pk).delete()

    move_host(gone, up=True)

    assert hosts_of(calendar) == ["Owner", "Admin"]
