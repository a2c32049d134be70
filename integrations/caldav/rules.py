"""Recurrence rules (RFC 5545 3.3.10) as values: reading and checking, no dates yet."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.caldav.clock import Stamp, read_stamp

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

LENGTH_LIMIT = 10_000

_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_RANGES = {  # smallest and largest value, and whether it may count from the end
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 60, False),
    "BYSETPOS": (1, 366, True),
}
_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "RSCALE", "SKIP", *_RANGES}
)
_FORBIDDEN = {  # what the standard's table does not allow with a frequency
    "MONTHLY": ("BYWEEKNO", "BYYEARDAY"),
    "WEEKLY": ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"),
    "DAILY": ("BYWEEKNO", "BYYEARDAY"),
    "HOURLY": ("BYWEEKNO",),
}


class InvalidRule(ValueError):
    """This rule cannot be read."""


class TooFrequent(InvalidRule):
    """This rule repeats by the minute or the second, which no calendar of appointments does."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE. Empty sets say nothing; `weekdays` holds (ordinal or 0, Monday = 0)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: Stamp | None = None
    week_start: int = 0
    weekdays: frozenset[tuple[int, int]] = frozenset()
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    is_irregular: bool = False

    def starting(self, start: datetime, *, is_date: bool) -> "Rule":
        """The rule with what it leaves open taken from the series' first wall clock time."""
        hours = self.hours if self.frequency == "HOURLY" else self.hours or {start.hour}
        return replace(
            _with_days_of(start, self),
            hours=frozenset({0} if is_date else hours),
            minutes=frozenset({0} if is_date else self.minutes or {start.minute}),
            seconds=frozenset({0} if is_date else self.seconds or {start.second}),
        )


def read_rule(text: str) -> Rule:
    """Read an RRULE's value.

    What the standard forbids but is plain to read is read and marked irregular. Raises
    TooFrequent for MINUTELY and SECONDLY, InvalidRule for everything that cannot be read.
    """
    parts = split_rule(text)
    frequency = parts.get("FREQ", "")
    if frequency in ("MINUTELY", "SECONDLY"):
        raise TooFrequent("The rule repeats by the minute or the second.")
    if frequency not in FREQUENCIES:
        raise InvalidRule("The rule has no frequency.")
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("SKIP", "OMIT") != "OMIT":
        raise InvalidRule("The rule counts in another calendar.")
    numbers = {name: _numbers(name, parts.get(name, "")) for name in _RANGES}
    return Rule(
        frequency=frequency,
        interval=_positive(parts.get("INTERVAL", "1")),
        count=_positive(parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=_week_start(parts.get("WKST", "MO")),
        weekdays=_weekdays(parts.get("BYDAY", ""), frequency),
        months=numbers["BYMONTH"],
        weeks=numbers["BYWEEKNO"],
        year_days=numbers["BYYEARDAY"],
        month_days=numbers["BYMONTHDAY"],
        hours=numbers["BYHOUR"],
        minutes=numbers["BYMINUTE"],
        seconds=frozenset(min(second, 59) for second in numbers["BYSECOND"]),
        positions=numbers["BYSETPOS"],
        is_irregular=_is_irregular(parts),
    )


def split_rule(text: str) -> dict[str, str]:
    """The parts of a rule in capitals. Raises InvalidRule for an unknown or repeated part."""
    if len(text) > LENGTH_LIMIT:
        raise InvalidRule("The rule is longer than all the lists it could hold.")
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not name and not equals:
            continue  # a semicolon too many
        if name in parts or name not in _PARTS:
            raise InvalidRule("The rule has a part that is unknown or stands twice.")
        parts[name] = value
    return parts


def _with_days_of(start: datetime, rule: Rule) -> Rule:
    if rule.weekdays or rule.month_days or rule.year_days:
        return rule
    if rule.frequency == "WEEKLY" or rule.weeks:
        return replace(rule, weekdays=frozenset({(0, start.weekday())}))
    if rule.frequency == "MONTHLY":
        return replace(rule, month_days=frozenset({start.day}))
    if rule.frequency == "YEARLY":
        months = rule.months or frozenset({start.month})
        return replace(rule, months=months, month_days=frozenset({start.day}))
    return rule


def _positive(digits: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", digits) or int(digits) < 1:
        raise InvalidRule("The rule has a number that is not positive.")
    return int(digits)


def _until(value: str) -> Stamp:
    try:
        return read_stamp(value)
    except ValueError as error:
        raise InvalidRule("The rule ends at no date.") from error


def _week_start(value: str) -> int:
    if value not in WEEKDAYS:
        raise InvalidRule("The rule's week starts on no day.")
    return WEEKDAYS.index(value)


def _numbers(name: str, value: str) -> frozenset[int]:
    smallest, largest, may_be_negative = _RANGES[name]
    return frozenset(
        _number(item.strip(), smallest, largest, may_be_negative=may_be_negative)
        for item in (value.split(",") if value else ())
    )


def _number(digits: str, smallest: int, largest: int, *, may_be_negative: bool) -> int:
    if not re.fullmatch("[+-]?[0-9]{1,3}", digits):
        raise InvalidRule("The rule has a list of things that are no numbers.")
    number = int(digits)
    size = abs(number) if may_be_negative else number
    if not smallest <= size <= largest:
        raise InvalidRule("The rule has a number out of its range.")
    return number


def _weekdays(value: str, frequency: str) -> frozenset[tuple[int, int]]:
    found = set()
    for item in value.split(",") if value else ():
        matched = _WEEKDAY.fullmatch(item.strip())
        if matched is None or not (matched[1] is None or 1 <= abs(int(matched[1])) <= 53):
            raise InvalidRule("The rule names a weekday that does not exist.")
        # "The second Monday" means something in a month or a year only.
        is_counted = matched[1] is not None and frequency in ("YEARLY", "MONTHLY")
        found.add((int(matched[1]) if is_counted else 0, WEEKDAYS.index(matched[2])))
    return frozenset(found)


def _is_irregular(parts: dict[str, str]) -> bool:
    frequency = parts["FREQ"]
    has_ordinal = bool(re.search("[0-9]", parts.get("BYDAY", "")))
    return (
        any(name in parts for name in _FORBIDDEN.get(frequency, ()))
        or (has_ordinal and (frequency not in ("YEARLY", "MONTHLY") or "BYWEEKNO" in parts))
        or ("COUNT" in parts and "UNTIL" in parts)
    )
