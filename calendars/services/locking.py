"""Locks: whoever writes a meeting holds its calendar's row, and those of the hosts concerned.

First calendars, then users, each in the order of their keys: two transactions never wait for each
other. `FOR NO KEY UPDATE`, so that rows that merely point to them can be written meanwhile.
"""

from collections.abc import Iterable

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


def lock_calendar_and_hosts(calendar: int) -> Calendar:
    """The calendar's current row; it and its hosts wait for nobody else until this is over."""
    [current] = lock_calendars([calendar])
    lock_users(_hosts(current))
    return current


def lock_meeting_of(appointment: Appointment) -> Appointment:
    """The appointment as it is now, with everything that a change of it can concern locked."""
    [calendar] = lock_calendars([appointment.meeting.calendar_id])
    # Read under the calendar's lock: only who holds that gives a meeting to another host, and a
    # seat to another meeting.
    serving = MeetingHost.objects.filter(meeting__appointments=appointment.pk)
    lock_users([*_hosts(calendar), *serving.values_list("user_id", flat=True)])
    current: Appointment = Appointment.objects.select_related(
        "meeting__calendar__sub_account", "meeting__sub_account"
    ).get(pk=appointment.pk)
    return current


def _hosts(calendar: Calendar) -> list[int]:
    return list(User.objects.filter(calendarhost__calendar=calendar).values_list("pk", flat=True))
