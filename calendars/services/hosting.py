"""Who serves a calendar, and in which order. Meetings stay with the hosts they were booked with."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Member
from calendars.models import Calendar, CalendarHost
from calendars.services.horizons import extend_feeds


class NotAMember(Exception):
    """They left the sub-account in the meantime."""


@transaction.atomic
def add_host(calendar: Calendar, member: Member, *, priority: int) -> None:
    """Make the member the calendar's last host; a host already, they stay as they are.

    Raises `NotAMember`.
    """
    # Whoever removes a member holds this lock too: nobody comes to host where they no longer are.
    members = Member.objects.within(calendar.sub_account).select_for_update()
    try:
        members.get(pk=member.pk)
    except Member.DoesNotExist as gone:
        raise NotAMember from gone
    Calendar.objects.select_for_update().get(pk=calendar.pk)
    hosts = CalendarHost.objects.filter(calendar=calendar)
    last = hosts.aggregate(last=Max("position"))["last"]
    _, is_new = hosts.get_or_create(
        calendar=calendar,
        user_id=member.user_id,
        defaults={"priority": priority, "position": 0 if last is None else last + 1},
    )
    if is_new:
        count_anew(calendar)
    extend_feeds(calendar)


@transaction.atomic
def remove_host(host: CalendarHost) -> None:
    """Take the host off the calendar; the meetings they have there stay theirs."""
    Calendar.objects.select_for_update().get(pk=host.calendar_id)
    host.delete()
    count_anew(host.calendar)


def count_anew(calendar: Calendar) -> None:
    """From now on only new appointments count for equal distribution among its hosts."""
    Calendar.objects.filter(pk=calendar.pk).update(counts_since=timezone.now())


@transaction.atomic
def make_primary(host: CalendarHost) -> None:
    """Make the host the owner of the calendar's appointments and their location, and nobody else.

    Meetings booked before keep the owner they have.
    """
    Calendar.objects.select_for_update().get(pk=host.calendar_id)
    hosts = CalendarHost.objects.filter(calendar=host.calendar_id)
    # First nobody: the database takes one at a time.
    hosts.filter(is_primary=True).update(is_primary=False)
    hosts.filter(pk=host.pk).update(is_primary=True)


def primary_of(hosts: Sequence[CalendarHost]) -> CalendarHost | None:
    """The owner among a calendar's hosts, who come in their order: the first, until changed."""
    return next((host for host in hosts if host.is_primary), hosts[0] if hosts else None)


@transaction.atomic
def move_host(host: CalendarHost, *, up: bool) -> None:
    """Let the host change places with the one above or below; at the end nothing moves."""
    Calendar.objects.select_for_update().get(pk=host.calendar_id)
    hosts = list(CalendarHost.objects.filter(calendar=host.calendar_id))
    here = next((index for index, one in enumerate(hosts) if one.pk == host.pk), None)
    if here is None:
        return
    there = min(max(here + (-1 if up else 1), 0), len(hosts) - 1)
    hosts[here], hosts[there] = hosts[there], hosts[here]
    for position, one in enumerate(hosts):
        one.position = position
    CalendarHost.objects.bulk_update(hosts, ["position"])
