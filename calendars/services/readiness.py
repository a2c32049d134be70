"""What a calendar still misses before the public can book it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from calendars.models import (
    BusySource,
    Calendar,
    CalendarHost,
    DateOverride,
    Schedule,
    WeeklyHours,
)
from calendars.services.availability import hosts_of

LEAST_TOGETHER = 2


class HoursFrom(StrEnum):
    """Which hours count for a host on a calendar."""

    NOWHERE = "none"
    DEFAULT = "default"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class HostState:
    """A host, the hours that count for them, and what stands in their way.

    `is_checked`: some outside calendar keeps their time free of conflicts.
    """

    host: CalendarHost
    hours_from: HoursFrom
    is_open: bool
    is_checked: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """`is_serious`: nobody, or not everybody, can be booked because of it."""

    text: str
    is_serious: bool


def host_states(calendar: Calendar, *, now: datetime) -> list[HostState]:
    """The calendar's hosts in their order. Three queries, whatever their number."""
    hosts = list(hosts_of(calendar).select_related("user"))
    users = [host.user_id for host in hosts]
    schedules = _schedules(calendar, now).filter(user__in=users)
    hours = _hours(schedules)
    feeds = BusySource.objects.within(calendar.sub_account).filter(is_blocking=True)
    checked = set(feeds.filter(user__in=users).values_list("user_id", flat=True))
    return [
        HostState(
            host,
            *hours.get(host.user_id, (HoursFrom.NOWHERE, False)),
            is_checked=host.user_id in checked,
        )
        for host in hosts
    ]


def has_own_hours(calendar: Calendar, *, now: datetime) -> bool:
    """Whether the simple calendar is ever open."""
    own = _schedules(calendar, now).filter(user=None, calendar=calendar)
    return any(own.values_list("is_open", flat=True))


def gaps(calendar: Calendar, hosts: Sequence[HostState], *, now: datetime) -> list[Gap]:
    """In the order in which they are best filled."""
    if calendar.kind == Calendar.Kind.SIMPLE:
        return list(_gaps_of_simple(calendar, now))
    return list(_gaps(calendar, hosts))


def _gaps_of_simple(calendar: Calendar, now: datetime) -> Iterator[Gap]:
    if not has_own_hours(calendar, now=now):
        yield Gap("It has no hours: nothing is ever offered.", is_serious=True)


def _gaps(calendar: Calendar, hosts: Sequence[HostState]) -> Iterator[Gap]:
    if not hosts:
        yield Gap("It has no hosts: there is nobody to be booked.", is_serious=True)
    elif calendar.kind == Calendar.Kind.COLLECTIVE and len(hosts) < LEAST_TOGETHER:
        yield Gap("It has one host: a collective calendar needs two at least.", is_serious=True)
    asked = hosts[:1] if calendar.kind == Calendar.Kind.CLASS else hosts
    for state in asked:
        if not state.is_open:
            yield Gap(f"{state.host.user} has no hours and is never offered.", is_serious=True)
    for state in asked:
        if state.is_open and not state.is_checked:
            yield Gap(
                f"No calendar of {state.host.user} is checked for conflicts: what stands in it does"
                " not keep their time free.",
                is_serious=False,
            )


def _schedules(calendar: Calendar, now: datetime) -> QuerySet[Any]:
    """Those that count for the calendar, and whether they open on any day ahead."""
    ahead = DateOverride.objects.filter(
        schedule=OuterRef("pk"),
        opens__isnull=False,
        day__gte=now.astimezone(calendar.zone).date(),
    )
    return (
        Schedule.objects.within(calendar.sub_account)
        .filter(Q(calendar=calendar) | Q(calendar=None))
        .annotate(
            is_open=Q(Exists(WeeklyHours.objects.filter(schedule=OuterRef("pk"))))
            | Q(Exists(ahead))
        )
    )


def _hours(schedules: QuerySet[Any]) -> dict[int, tuple[HoursFrom, bool]]:
    """Where each user's hours are from, and whether there are any."""
    default: dict[int, tuple[HoursFrom, bool]] = {}
    custom: dict[int, tuple[HoursFrom, bool]] = {}
    rows: Iterable[tuple[Any, ...]] = schedules.values_list("user_id", "calendar_id", "is_open")
    for user, for_calendar, is_open in rows:
        if for_calendar is None:
            default[user] = HoursFrom.DEFAULT, is_open
        else:
            custom[user] = HoursFrom.CUSTOM, is_open
    return default | custom
