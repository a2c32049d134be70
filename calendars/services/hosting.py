"""Who serves a calendar, and in which order. Meetings stay with the hosts they were booked with."""

from django.db import transaction
from django.db.models import Max

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
    hosts.get_or_create(
        calendar=calendar,
        user_id=member.user_id,
        defaults={"priority": priority, "position": 0 if last is None else last + 1},
    )
    extend_feeds(calendar)


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
