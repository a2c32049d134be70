"""What a calendar still misses before the public can book it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, gettext_noop

from calendars.models import (
    Calendar,
    CalendarHost,
    DateOverride,
    Schedule,
    WeeklyHours,
)
from calendars.services.serving import TOGETHER, hosts_of, known_until

NO_HOURS = gettext_noop("%(host)s has no hours and is never offered.")
STALE = gettext_noop(
    "A connected calendar of %(host)s has not been read yet, or not lately: they are not offered"
    " until it is."
)
UNCHECKED = gettext_noop(
    "No calendar of %(host)s is checked for conflicts: what stands in it does not keep their time"
    " free."
)


class HoursFrom(StrEnum):
    """Which hours count for a host on a calendar."""

    NOWHERE = "none"
    DEFAULT = "default"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class HostState:
    """A host, the hours that count for them, and what stands in their way.

    `is_checked`: some outside calendar keeps their time free of conflicts. `is_stale`: one of them
    was never read, or not for too long, so that they are not offered.
    """

    host: CalendarHost
    hours_from: HoursFrom
    is_open: bool
    is_checked: bool
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """`is_serious`: nobody, or not everybody, can be booked because of it."""

    text: str
    is_serious: bool


def host_states(calendar: Calendar, *, now: datetime) -> list[HostState]:
    """The calendar's hosts in their order. Three queries, whatever their number.

    Of a simple calendar nobody's: hosts listed there count when it is of another kind.
    """
    hosts = list(hosts_of(calendar).select_related("user"))
    users = [host.user_id for host in hosts]
    schedules = _schedules(calendar, users, now)
    known = known_until(calendar, now=now)
    return [
        HostState(
            host,
            *schedules.get(host.user_id, (HoursFrom.NOWHERE, False)),
            is_checked=known.get(host.user_id) is not None,
            is_stale=known.get(host.user_id) == 0,
        )
        for host in hosts
    ]


def gaps(calendar: Calendar, hosts: Sequence[HostState], *, now: datetime) -> list[Gap]:
    """In the order in which they are best filled."""
    if calendar.kind == Calendar.Kind.SIMPLE:
        is_open = _is_open_itself(calendar, now)
        return (
            []
            if is_open
            else [Gap(gettext("It has no hours and is never offered."), is_serious=True)]
        )
    if not hosts:
        return [Gap(gettext("It has no hosts: there is nobody to be booked."), is_serious=True)]
    return list(_gaps(calendar, hosts))


def _gaps(calendar: Calendar, hosts: Sequence[HostState]) -> Iterator[Gap]:
    if calendar.kind == Calendar.Kind.COLLECTIVE and len(hosts) < TOGETHER:
        yield Gap(
            gettext("It needs two hosts at least, who meet guests together."), is_serious=True
        )
    if calendar.kind == Calendar.Kind.CLASS:
        hosts = hosts[:1]  # its one host
    yield from _of_each([state for state in hosts if not state.is_open], NO_HOURS)
    yield from _of_each([state for state in hosts if state.is_stale], STALE)
    unchecked = [state for state in hosts if state.is_open and not state.is_checked]
    yield from _of_each(unchecked, UNCHECKED, is_serious=False)


def _of_each(hosts: Iterable[HostState], text: str, *, is_serious: bool = True) -> Iterator[Gap]:
    said = gettext(text)
    return (Gap(said % {"host": state.host.user}, is_serious=is_serious) for state in hosts)


def _is_open_itself(calendar: Calendar, now: datetime) -> bool:
    own = Schedule.objects.within(calendar.sub_account).filter(calendar=calendar, user=None)
    return own.filter(_is_open(calendar, now)).exists()


def _is_open(calendar: Calendar, now: datetime) -> Q:
    """Schedules with hours of a weekday, or of a date that is not over."""
    ahead = DateOverride.objects.filter(
        schedule=OuterRef("pk"),
        opens__isnull=False,
        day__gte=now.astimezone(calendar.zone).date(),
    )
    weekly = WeeklyHours.objects.filter(schedule=OuterRef("pk"))
    return Q(Exists(weekly)) | Q(Exists(ahead))


def _schedules(
    calendar: Calendar, users: Sequence[int], now: datetime
) -> dict[int, tuple[HoursFrom, bool]]:
    rows: Iterable[tuple[Any, ...]] = (
        Schedule.objects.within(calendar.sub_account)
        .filter(Q(calendar=calendar) | Q(calendar=None), user__in=users)
        .annotate(is_open=_is_open(calendar, now))
        .values_list("user_id", "calendar_id", "is_open")
    )
    default: dict[int, tuple[HoursFrom, bool]] = {}
    custom: dict[int, tuple[HoursFrom, bool]] = {}
    for user, for_calendar, is_open in rows:
        if for_calendar is None:
            default[user] = HoursFrom.DEFAULT, is_open
        else:
            custom[user] = HoursFrom.CUSTOM, is_open
    return default | custom
