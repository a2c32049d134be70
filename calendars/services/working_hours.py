"""When somebody works, or a simple calendar is open: hours as a page shows and as it sets them."""

from collections import defaultdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import SubAccount, User
from calendars.engine.hours import Hours, OpenTime
from calendars.models import Calendar, DateOverride, Schedule, WeeklyHours

WORKDAYS = range(5)
OFFICE_HOURS = OpenTime(9 * 60, 17 * 60)


def proposed_hours(zone: ZoneInfo) -> Hours:
    """What most people begin with: Monday to Friday, nine to five."""
    return Hours(zone, weekly=dict.fromkeys(WORKDAYS, (OFFICE_HOURS,)), dates={})


def schedule_of(
    user: User | None, sub_account: SubAccount, *, calendar: Calendar | None = None
) -> Schedule | None:
    """The user's own schedule for that calendar, or their default one; without a user, that of
    the simple calendar itself. None before it is set."""
    mine = Schedule.objects.within(sub_account).filter(user=user)
    return mine.filter(calendar=calendar).first()


def hours_in(schedule: Schedule, *, since: date) -> Hours:
    """What the schedule says, without dates that have passed."""
    weekly: defaultdict[int, tuple[OpenTime, ...]] = defaultdict(tuple)
    dates: defaultdict[date, tuple[OpenTime, ...]] = defaultdict(tuple)
    for row in schedule.weekly.all():
        weekly[row.weekday] += (OpenTime(row.opens, row.closes),)
    for entry in schedule.dates.filter(day__gte=since):
        if entry.opens is None or entry.closes is None:
            dates[entry.day] += ()  # named, and closed
        else:
            dates[entry.day] += (OpenTime(entry.opens, entry.closes),)
    return Hours(schedule.zone, dict(weekly), dict(dates))


@transaction.atomic
def set_hours(
    hours: Hours,
    *,
    user: User | None,
    sub_account: SubAccount,
    calendar: Calendar | None = None,
    since: date,
) -> None:
    """Make these the user's hours, for that calendar or by default, or those of a simple calendar
    itself. Dates before `since` stay."""
    schedule, _ = Schedule.objects.get_or_create(
        sub_account=sub_account, user=user, calendar=calendar
    )
    # Saved twice at once, the second waits here and replaces what the first has written.
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    schedule.time_zone = hours.zone.key
    schedule.save(update_fields=["time_zone"])
    schedule.weekly.all().delete()
    schedule.dates.filter(day__gte=since).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, opens=span.opens, closes=span.closes)
        for weekday, spans in hours.weekly.items()
        for span in spans
    )
    DateOverride.objects.bulk_create(
        DateOverride(schedule=schedule, day=day, **minutes)
        for day, spans in hours.dates.items()
        for minutes in _minutes(spans)
    )


def _minutes(spans: tuple[OpenTime, ...]) -> list[dict[str, Any]]:
    """A row for each span; for a closed date one without any."""
    return [{"opens": span.opens, "closes": span.closes} for span in spans] or [{}]
