"""Opening hours as the engine wants them."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, IntegerField, Q, QuerySet, Value

from accounts.models import SubAccount
from calendars.engine.combined import windows_for_all
from calendars.engine.hours import (
    LONGEST_MEETING,
    ONE_DAY,
    Hours,
    OpenTime,
    Window,
    windows_around,
)
from calendars.engine.spans import Span
from calendars.models import Calendar, DateOverride, Schedule
from calendars.services.combining import Combination
from calendars.services.prepared import rows_of
from calendars.services.seats import ITSELF

OpenTimes = dict[Any, tuple[OpenTime, ...]]


@dataclass(slots=True)
class _Schedule:
    zone: ZoneInfo
    weekly: OpenTimes = field(default_factory=lambda: defaultdict(tuple))
    dates: OpenTimes = field(default_factory=lambda: defaultdict(tuple))

    def add(self, weekday: int | None, day: date | str | None, *span: int | None) -> None:
        opens, closes = span
        open_time = () if opens is None or closes is None else (OpenTime(opens, closes),)
        if day is not None:
            self.dates[date.fromisoformat(str(day))] += open_time  # none of it: that date is closed
        elif weekday is not None:
            self.weekly[weekday] += open_time

    @property
    def hours(self) -> Hours:
        return Hours(self.zone, dict(self.weekly), dict(self.dates))


def windows_of(
    known: Collection[int], wanted: Combination, *, around: Span
) -> Mapping[int, Sequence[Window]]:
    """When each of those hosts is open: of several services, for all of them at once.

    One query for each service.
    """
    each = [
        _windows(_hours(known, calendar, around=around), around) for calendar in wanted.calendars
    ]
    if not wanted.further:
        return each[0]
    step = 1 if wanted.rules.aligned else wanted.rules.interval
    return {
        user: windows_for_all([windows.get(user, []) for windows in each], interval=step)
        for user in known
    }


def _windows(found: Mapping[int, Hours], around: Span) -> dict[int, Sequence[Window]]:
    """Those of each user. Many have the same hours: theirs are found once."""
    known: dict[Hashable, Sequence[Window]] = {}
    windows: dict[int, Sequence[Window]] = {}
    for user, hours in found.items():
        same = (hours.zone.key, *map(frozenset, (hours.weekly.items(), hours.dates.items())))
        if same not in known:
            known[same] = windows_around(hours, around)
        windows[user] = known[same]
    return windows


def _hours(known: Iterable[int], calendar: Calendar, *, around: Span) -> Mapping[int, Hours]:
    if calendar.kind == Calendar.Kind.SIMPLE:
        hours = hours_of_calendar(calendar, around=around)
        return {ITSELF: hours} if hours else {}
    return hours_of(known, calendar, around=around)


def hours_of(users: Iterable[int], calendar: Calendar, *, around: Span) -> dict[int, Hours]:
    """Each user's hours: their schedule for this calendar, else their default one where it belongs.

    One query. Dated hours are those that can matter to slots in the span of epoch seconds. Users
    without a schedule are left out.
    """
    asked = tuple(users)
    if not asked:
        return {}
    rows = rows_of(_of_users, calendar.sub_account_id, calendar.pk, *_dates(around), *asked)
    own: dict[int, _Schedule] = {}
    default: dict[int, _Schedule] = {}
    for user, for_calendar, zone, *opening in rows:
        found = default if for_calendar is None else own
        if user not in found:
            found[user] = _Schedule(ZoneInfo(zone))
        found[user].add(*opening)
    return {user: schedule.hours for user, schedule in (default | own).items()}


def hours_of_calendar(calendar: Calendar, *, around: Span) -> Hours | None:
    """When a simple calendar itself is open; None where nobody has said so yet. One query."""
    rows = rows_of(_of_calendar, calendar.sub_account_id, calendar.pk, *_dates(around))
    found: _Schedule | None = None
    for _, _, zone, *opening in rows:
        found = found or _Schedule(ZoneInfo(zone))
        found.add(*opening)
    return found.hours if found else None


def _of_users(
    sub_account: int, calendar: int, first: date, last: date, *users: int
) -> QuerySet[Any, Any]:
    schedules = Schedule.objects.within(SubAccount(pk=sub_account)).filter(
        Q(calendar=calendar) | Q(calendar=None), user__in=users
    )
    return _openings(schedules, first, last)


def _of_calendar(sub_account: int, calendar: int, first: date, last: date) -> QuerySet[Any, Any]:
    schedules = Schedule.objects.within(SubAccount(pk=sub_account))
    return _openings(schedules.filter(calendar=calendar, user=None), first, last)


def _openings(schedules: QuerySet[Schedule], first: date, last: date) -> QuerySet[Any, Any]:
    # A left join: a schedule without weekly hours has one row all the same.
    weekly = (
        schedules.order_by()
        .annotate(day=Value(None, DateField()))
        .values_list(*_OF_SCHEDULE, "weekly__weekday", "day", "weekly__opens", "weekly__closes")
    )
    dated = (
        DateOverride.objects.filter(schedule__in=schedules, day__range=(first, last))
        .order_by()
        .annotate(weekday=Value(None, IntegerField()))
        .values_list(*(f"schedule__{name}" for name in _OF_SCHEDULE), *_OF_DATE)
    )
    return weekly.union(dated, all=True)


_OF_SCHEDULE = ("user_id", "calendar_id", "time_zone")
_OF_DATE = ("weekday", "day", "opens", "closes")


def _dates(around: Span) -> tuple[date, date]:
    """All dates that the clocks of any zone show while meetings from that span can last."""
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in around)
    return first - 2 * ONE_DAY, last + LONGEST_MEETING + 2 * ONE_DAY
