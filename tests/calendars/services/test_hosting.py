from datetime import datetime, timedelta

import pytest

from accounts.models import Member
from calendars.models import Calendar, CalendarHost
from calendars.services.hosting import (
    NotAMember,
    add_host,
    make_primary,
    move_host,
    primary_of,
    remove_host,
)
from tests.calendars.scenes import NOW
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


def test_the_first_host_is_primary_until_another_one_is_made_it(
    tenant: Tenant, calendar: Calendar
) -> None:
    mate = CalendarHost.objects.create(calendar=calendar, user=tenant.mate, position=1)
    admin = CalendarHost.objects.create(calendar=calendar, user=tenant.admin, position=2)

    def primary() -> tuple[str, int]:
        hosts = list(CalendarHost.objects.filter(calendar=calendar))
        found = primary_of(hosts)
        assert found
        return found.user.full_name, sum(host.is_primary for host in hosts)

    at_first = primary()
    make_primary(mate)
    make_primary(admin)
    then = primary()
    remove_host(admin)

    assert (at_first, then, primary()) == (("Owner", 0), ("Admin", 1), ("Owner", 0))
    assert primary_of([]) is None


def test_whoever_comes_or_goes_restarts_the_count(tenant: Tenant, calendar: Calendar) -> None:
    mate, long_ago = Member.objects.get(user=tenant.mate), NOW - timedelta(days=100)

    def counted_since() -> datetime:
        since = Calendar.objects.get().counts_since
        Calendar.objects.update(counts_since=long_ago)
        return since

    add_host(calendar, mate, priority=2)
    after_coming = counted_since()
    add_host(calendar, mate, priority=2)
    a_host_already = counted_since()
    remove_host(CalendarHost.objects.get(user=tenant.mate))

    assert (after_coming, a_host_already, counted_since()) == (NOW, long_ago, NOW)
