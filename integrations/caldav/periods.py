"""Recurrence rules (RFC 5545 3.3.10) as wall clock times.

A rule is walked period by period (a year, a month, a week, a day, an hour: its frequency). Every
day looked at is a step paid from a budget, so a rule that matches nothing, or too much, ends in
TooComplex and never in a worker that hangs. A rule without COUNT starts at the period the window
begins with, whatever the age of the series, and so does one whose COUNT counts periods; any other
COUNT is counted from the start.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import MAXYEAR, date, datetime, timedelta
from itertools import count as counting
from typing import NamedTuple

from integrations.caldav.rules import Rule

STEPS_PER_FILE = 250_000


class TooComplex(Exception):
    """The budget of steps is spent."""


class Budget:
    """How much work one file may cause."""

    def __init__(self, steps: int = STEPS_PER_FILE) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Pay for so many steps. Raises TooComplex when there is nothing left to pay with."""
        self._left -= steps
        if self._left < 0:
            raise TooComplex


class Clock(NamedTuple):
    """The times of day a rule asks for, each list in order."""

    hours: list[int]
    minutes: list[int]
    seconds: list[int]


def walls(
    rule: Rule,
    start: datetime,
    *,
    is_date: bool,
    after: datetime,
    before: datetime,
    budget: Budget,
) -> Iterator[datetime]:
    """The rule's naive wall clock times from `after` to `before`, both included, in order.

    `start` is the series' first one, given with the rule's COUNT but not its UNTIL in mind: the
    caller stops at UNTIL, which is an instant. Raises TooComplex when the budget is spent.
    """
    rule = rule.starting(start, is_date=is_date)
    clock = Clock(sorted(rule.hours), sorted(rule.minutes), sorted(rule.seconds))
    is_countable = rule.count is None or _has_one_a_period(rule, start)
    first = _period_of(rule, start, after) if is_countable else 0
    left = None if rule.count is None else max(0, rule.count - first)
    for index in counting(first):
        days = _days(rule, start, index * rule.interval)
        if not days or days[0] > before.date():
            return
        budget.spend(len(days))
        accepted = [day for day in days if _accepts(rule, day)]
        if rule.frequency == "HOURLY" and accepted:
            hour = (start.hour + index * rule.interval) % 24
            accepted = accepted if not rule.hours or hour in rule.hours else []
            clock = Clock([hour], clock.minutes, clock.seconds)
        for wall in _times(rule, accepted, clock, budget) if accepted else ():
            if wall < start:
                continue
            if wall > before or left == 0:
                return
            left = None if left is None else left - 1
            if wall >= after:
                yield wall


def _has_one_a_period(rule: Rule, start: datetime) -> bool:
    """Whether each period has one time, as the first has the start: then counting is arithmetic."""
    limits = (rule.months, rule.weeks, rule.year_days, rule.month_days, rule.positions)
    weekdays = frozenset({(0, start.weekday())} if rule.frequency == "WEEKLY" else ())
    hours = frozenset({start.hour} if rule.frequency != "HOURLY" else ())
    return (
        rule.frequency in ("WEEKLY", "DAILY", "HOURLY")
        and not any(limits)
        and (rule.weekdays, rule.hours) == (weekdays, hours)
        and (set(rule.minutes), set(rule.seconds)) == ({start.minute}, {start.second})
    )


def _period_of(rule: Rule, start: datetime, wall: datetime) -> int:
    """The number of the last period, counted in intervals, that begins no later than `wall`."""
    if rule.frequency == "YEARLY":
        periods = wall.year - start.year
    elif rule.frequency == "MONTHLY":
        periods = (wall.year - start.year) * 12 + wall.month - start.month
    elif rule.frequency == "WEEKLY":
        periods = (wall.date() - start.date()).days + _days_into_week(rule, start.date())
        periods //= 7
    elif rule.frequency == "DAILY":
        periods = (wall.date() - start.date()).days
    else:
        periods = int((wall - _full_hour(start)).total_seconds() // 3600)
    return max(0, periods // rule.interval)


def _days(rule: Rule, start: datetime, periods: int) -> Sequence[date]:
    """The days of the period so many periods after the first; none beyond the last year."""
    try:
        if rule.frequency == "YEARLY":
            return _days_of_year(rule, start.year + periods)
        if rule.frequency == "MONTHLY":
            year, month = divmod(start.year * 12 + start.month - 1 + periods, 12)
            return _days_of_month(year, month + 1)
        if rule.frequency == "WEEKLY":
            monday = start.date() - timedelta(_days_into_week(rule, start.date()))
            first = monday + timedelta(weeks=periods)
            return [first + timedelta(day) for day in range(7)]
        if rule.frequency == "DAILY":
            return [start.date() + timedelta(periods)]
        return [(_full_hour(start) + timedelta(hours=periods)).date()]
    except OverflowError:
        return ()


def _days_of_year(rule: Rule, year: int) -> Sequence[date]:
    if year > MAXYEAR:
        return ()
    months = sorted(rule.months) or range(1, 13)
    return [day for month in months for day in _days_of_month(year, month)]


def _days_of_month(year: int, month: int) -> Sequence[date]:
    if year > MAXYEAR:
        return ()
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _days_into_week(rule: Rule, day: date) -> int:
    return (day.weekday() - rule.week_start) % 7


def _full_hour(wall: datetime) -> datetime:
    return wall.replace(minute=0, second=0)


def _times(rule: Rule, days: Sequence[date], clock: Clock, budget: Budget) -> Iterable[datetime]:
    """The wall clock times of a period with these days, in order, BYSETPOS applied."""
    found = _product(days, clock, budget)
    if not rule.positions:
        return found
    everything = list(found)
    size = len(everything)
    indexes = {at - 1 if at > 0 else size + at for at in rule.positions}
    return [everything[at] for at in sorted(indexes) if 0 <= at < size]


def _product(days: Sequence[date], clock: Clock, budget: Budget) -> Iterator[datetime]:
    for day in days:
        for hour in clock.hours:
            for minute in clock.minutes:
                budget.spend(len(clock.seconds))
                for second in clock.seconds:
                    yield datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001


def _accepts(rule: Rule, day: date) -> bool:
    """Whether every BY… part that speaks of days lets this one pass."""
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.month_days or _is_month_day(rule, day))
        and (not rule.year_days or _is_year_day(rule, day))
        and (not rule.weeks or _is_in_week(rule, day))
        and (not rule.weekdays or _is_weekday(rule, day))
    )


def _is_month_day(rule: Rule, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    return day.day in rule.month_days or day.day - last - 1 in rule.month_days


def _is_year_day(rule: Rule, day: date) -> bool:
    number = day.timetuple().tm_yday
    return number in rule.year_days or number - _year_length(day.year) - 1 in rule.year_days


def _is_in_week(rule: Rule, day: date) -> bool:
    """Week 1 is the first with four days in the year, weeks starting at WKST."""
    # The middle day of a week decides to which year the week belongs.
    middle = day.toordinal() - _days_into_week(rule, day) + 3
    try:
        year_day = date.fromordinal(middle).timetuple().tm_yday
        year = date.fromordinal(middle).year
    except (ValueError, OverflowError):
        return False
    week = (year_day - 1) // 7 + 1
    weeks_of_year = week + (_year_length(year) - year_day) // 7
    return week in rule.weeks or week - weeks_of_year - 1 in rule.weeks


def _is_weekday(rule: Rule, day: date) -> bool:
    weekday = day.weekday()
    if (0, weekday) in rule.weekdays:
        return True
    is_by_month = rule.frequency == "MONTHLY" or bool(rule.months)
    if is_by_month:
        number, last = day.day, monthrange(day.year, day.month)[1]
    else:
        number, last = day.timetuple().tm_yday, _year_length(day.year)
    from_start = (number - 1) // 7 + 1
    from_end = -((last - number) // 7 + 1)
    return (from_start, weekday) in rule.weekdays or (from_end, weekday) in rule.weekdays


def _year_length(year: int) -> int:
    return 366 if isleap(year) else 365
