"""Locks: whoever writes a meeting holds its calendar's row, and those of the hosts concerned.

First calendars, then users, each in the order of their keys: two transactions never wait for each
other. `FOR NO KEY UPDATE`, so that rows that merely point to them can be written meanwhile.
"""

from collections.abc import Iterable, Sequence

from accounts.models import User
from calendars.models import Appointment, Calendar, MeetingHost


def lock_calendars(calendars: Iterable[int]) -> list[Calendar]:
    """The calendars' current rows. Nobody else writes their meetings until this is over."""
    rows = Calendar.objects.select_related("sub_account").filter(pk__in=set(calendars))
    return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))


def lock_users(users: Iterable[int]) -> None:
    """Nobody else takes or frees time of these users until this is over."""
    rows = User.objects.filter(pk__in=set(users)).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_calendars_and_hosts(calendars: Sequence[int]) -> list[Calendar]:
    """The calendars' current rows, in the order asked for; they and their hosts wait for nobody
    else until this is over."""
    current = {calendar.pk: calendar for calendar in lock_calendars(calendars)}
    lock_users(_hosts(current))
    return [current[pk] for pk in calendars]


def lock_meeting_of(appointment: Appointment) -> Appointment:
    """The appointment as it is now, with everything that a change of it can concern locked."""
    meeting = appointment.meeting
    services = meeting.services.values_list("calendar_id", flat=True)
    calendars = lock_calendars([meeting.calendar_id, *services])
    # Read under the calendar's lock: only who holds that gives a meeting to another host, and a
    # seat to another meeting.
    serving = MeetingHost.objects.filter(meeting__appointments=appointment.pk)
    lock_users([*_hosts(one.pk for one in calendars), *serving.values_list("user_id", flat=True)])
    current: Appointment = Appointment.objects.select_related(
        "meeting__calendar__sub_account", "meeting__sub_account"
    ).get(pk=appointment.pk)
    return current


def _hosts(calendars: Iterable[int]) -> list[int]:
    hosts = User.objects.filter(calendarhost__calendar__in=list(calendars))
    return list(hosts.values_list("pk", flat=True))
