"""Recurrence rules: the examples of RFC 5545 3.8.5.3, and python-dateutil as a second opinion."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from integrations.caldav.periods import Budget, TooComplex, walls
from integrations.caldav.rules import InvalidRule, TooFrequent, read_rule

START = datetime.fromisoformat("1997-09-02T09:00")
END_OF_TIME = datetime.fromisoformat("9999-12-31T23:59:59")


def first(text: str, number: int, start: datetime = START) -> list[str]:
    times = walls(
        read_rule(text),
        start,
        is_date=False,
        after=start,
        before=END_OF_TIME,
        budget=Budget(),
    )
    return [f"{wall:%Y-%m-%d %H:%M}" for wall in islice(times, number)]


def days(text: str, number: int, start: datetime = START) -> list[str]:
    return [wall.split()[0] for wall in first(text, number, start)]


# fmt: off
EXAMPLES = [
    ("FREQ=DAILY;COUNT=3", ["1997-09-02", "1997-09-03", "1997-09-04"]),
    ("FREQ=DAILY;INTERVAL=10;COUNT=3", ["1997-09-02", "1997-09-12", "1997-09-22"]),
    ("FREQ=DAILY;BYMONTH=1", ["1998-01-01", "1998-01-02", "1998-01-03"]),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH", ["1997-09-02", "1997-09-04", "1997-09-16"]),
    ("FREQ=MONTHLY;BYDAY=1FR", ["1997-09-05", "1997-10-03", "1997-11-07"]),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU", ["1997-09-07", "1997-09-28", "1997-11-02"]),
    ("FREQ=MONTHLY;BYDAY=-2MO", ["1997-09-22", "1997-10-20", "1997-11-17"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", ["1997-09-28", "1997-10-29", "1997-11-28"]),
    ("FREQ=MONTHLY;BYMONTHDAY=1,-1", ["1997-09-30", "1997-10-01", "1997-10-31"]),
    ("FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11", ["1997-09-10", "1997-09-11", "1999-03-10"]),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["1998-02-13", "1998-03-13", "1998-11-13"]),
    ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", ["1997-09-04", "1997-10-07", "1997-11-06"]),
    ("FREQ=MONTHLY;BYDAY=MO,2TU", ["1997-09-08", "1997-09-09", "1997-09-15"]),
    ("FREQ=YEARLY;BYMONTH=6,7", ["1998-06-02", "1998-07-02", "1999-06-02"]),
    ("FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", ["2000-01-01", "2000-04-09", "2000-07-18"]),
    ("FREQ=YEARLY;BYYEARDAY=-1", ["1997-12-31", "1998-12-31", "1999-12-31"]),
    ("FREQ=YEARLY;BYDAY=20MO", ["1998-05-18", "1999-05-17", "2000-05-15"]),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["1998-05-11", "1999-05-17", "2000-05-15"]),
    ("FREQ=YEARLY;BYWEEKNO=20", ["1998-05-12", "1999-05-18", "2000-05-16"]),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", ["1998-03-05", "1998-03-12", "1998-03-19"]),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
     ["1997-11-04", "2001-11-06", "2005-11-08"]),
]
# fmt: on


@pytest.mark.parametrize(("rule", "expected"), EXAMPLES)
def test_a_rule_gives_the_days_the_standard_lists(rule: str, expected: list[str]) -> None:
    assert days(rule, 3) == expected


def test_the_start_of_the_week_matters_with_an_interval() -> None:
    start = datetime.fromisoformat("1997-08-05T09:00")

    monday = days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", 4, start)
    sunday = days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", 4, start)

    assert monday == ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
    assert sunday == ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]


def test_an_hourly_rule_keeps_to_its_hours_and_minutes() -> None:
    assert first("FREQ=HOURLY;INTERVAL=3;BYHOUR=9,12;BYMINUTE=0,30", 5) == [
        "1997-09-02 09:00",
        "1997-09-02 09:30",
        "1997-09-02 12:00",
        "1997-09-02 12:30",
        "1997-09-03 09:00",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DAILY",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;COUNT=" + "9" * 5000,
        "FREQ=DAILY;UNTIL=never",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;X-ODD=1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYMONTH=1,,2",
        "FREQ=DAILY;WKST=XX",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=MONTHLY;SKIP=FORWARD",
    ],
)
def test_a_rule_that_cannot_be_read_is_invalid(text: str) -> None:
    with pytest.raises(InvalidRule):
        read_rule(text)


@pytest.mark.parametrize("frequency", ["SECONDLY", "minutely"])
def test_rules_by_the_minute_and_second_are_refused(frequency: str) -> None:
    with pytest.raises(TooFrequent):
        read_rule(f"FREQ={frequency}")


def test_a_rule_that_matches_nothing_ends_when_its_budget_is_spent() -> None:
    with pytest.raises(TooComplex):
        first("FREQ=DAILY;COUNT=1;BYMONTH=2;BYMONTHDAY=30", 1)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=HOURLY;COUNT=300003", "2031-11-23 11:00"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4172", "2031-12-06 09:00"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=1787", "2031-11-25 09:00"),
    ],
)
def test_an_old_counted_rule_is_not_walked_from_its_start(text: str, last: str) -> None:
    found = walls(
        read_rule(text),
        START,
        is_date=False,
        after=datetime.fromisoformat("2031-11-20T00:00"),
        before=END_OF_TIME,
        budget=Budget(1_000),
    )

    assert f"{list(found)[-1]:%Y-%m-%d %H:%M}" == last


@settings(deadline=None)
@given(
    st.sampled_from(["WEEKLY", "DAILY", "HOURLY"]),
    st.sampled_from(["", ";BYMINUTE=0", ";BYMINUTE=5", ";BYDAY=TU", ";BYDAY=MO,TU", ";BYMONTH=9"]),
    st.integers(1, 3),
    st.integers(1, 60),
    st.integers(0, 90),
)
def test_counting_from_the_window_is_counting_from_the_start(
    frequency: str, limit: str, interval: int, count: int, days_later: int
) -> None:
    text = f"FREQ={frequency}{limit};INTERVAL={interval};COUNT={count}"
    after = START + timedelta(days=days_later)

    found = walls(
        read_rule(text), START, is_date=False, after=after, before=END_OF_TIME, budget=Budget()
    )

    assert list(found) == [wall for wall in rrulestr(text, dtstart=START) if wall >= after]


def numbers(smallest: int, largest: int, size: int = 3) -> st.SearchStrategy[str]:
    values = st.integers(smallest, largest).filter(bool)
    return st.lists(values, min_size=1, max_size=size, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


WEEKDAY = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
PLAIN = st.lists(WEEKDAY, min_size=1, max_size=3, unique=True).map(",".join)
COUNTED = st.lists(
    st.tuples(st.sampled_from([-5, -2, -1, 1, 2, 3, 5]), WEEKDAY).map(
        lambda pair: f"{pair[0]}{pair[1]}"
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(",".join)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules on which dateutil follows the standard: no mixed BYDAY, no BYWEEKNO without BYDAY."""
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    parts = [f"FREQ={frequency}"]

    def maybe(name: str, strategy: st.SearchStrategy[str], *, allowed: bool = True) -> bool:
        chosen = allowed and draw(st.integers(0, 3)) == 0
        if chosen:
            parts.append(f"{name}={draw(strategy)}")
        return chosen

    maybe("INTERVAL", st.integers(1, 5).map(str))
    maybe("COUNT", st.integers(1, 30).map(str))
    maybe("WKST", WEEKDAY)
    maybe("BYMONTH", numbers(1, 12))
    may_count = frequency in ("YEARLY", "MONTHLY")
    if not maybe("BYDAY", COUNTED, allowed=may_count):
        plain = maybe("BYDAY", PLAIN)
        # Counted back to a year's first week, dateutil leaves out its days of the year before.
        maybe("BYWEEKNO", numbers(-51, 53), allowed=plain and frequency == "YEARLY")
    maybe("BYMONTHDAY", numbers(-31, 31), allowed=frequency != "WEEKLY")
    maybe("BYYEARDAY", numbers(-366, 366, 9), allowed=frequency in ("YEARLY", "HOURLY"))
    maybe("BYHOUR", numbers(1, 23))
    maybe("BYMINUTE", numbers(1, 59))
    # In the first week dateutil counts positions from the start of the series.
    maybe("BYSETPOS", numbers(-4, 4, 2), allowed=len(parts) > 1 and frequency != "WEEKLY")
    return ";".join(parts)


def until(before: datetime, oracle: Iterable[datetime]) -> Iterator[datetime]:
    """What dateutil finds; it looks further, to the last year, where it stops or stumbles."""
    with suppress(ValueError):
        yield from takewhile(lambda wall: wall <= before, oracle)


@settings(max_examples=300, deadline=None)
@given(
    rules(),
    # The calendar repeats every 400 years; at its end dateutil stops looking for what never comes.
    st.datetimes(datetime.fromisoformat("9994-01-01"), datetime.fromisoformat("9997-01-01")),
    st.integers(0, 400),
)
def test_rules_agree_with_dateutil(text: str, start: datetime, days_later: int) -> None:
    start = start.replace(microsecond=0)
    after = start + timedelta(days=days_later)
    before = after + timedelta(days=400)
    try:
        oracle = rrulestr(text, dtstart=start)
    except ValueError:  # dateutil finds some sets empty before it looks
        reject()

    found = walls(
        read_rule(text), start, is_date=False, after=after, before=before, budget=Budget(10**7)
    )

    assert list(found) == [wall for wall in until(before, oracle) if wall >= after]


def test_the_first_week_counted_from_the_end_may_begin_in_the_year_before() -> None:
    start = datetime.fromisoformat("9995-08-07T01:00:00")
    rule = read_rule("FREQ=YEARLY;BYDAY=MO;BYWEEKNO=-52;BYHOUR=1")

    found = walls(
        rule,
        start,
        is_date=False,
        after=datetime.fromisoformat("9996-12-01"),
        before=datetime.fromisoformat("9997-01-31"),
        budget=Budget(10**6),
    )

    # 30 December 9996 is the Monday of week 1 of 9997, a year of 52 weeks (ISO 8601).
    assert list(found) == [datetime.fromisoformat("9996-12-30T01:00:00")]
