"""The examples of RFC 5545 3.8.5.3: every rule, and the dates as they are printed there.

Times are 09:00 in America/New_York where nothing else is said; EDT and EST are written out, so
the clock changes are checked too. Where the standard prints the beginning of an endless series,
so does the table, and marks it with “...”.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from integrations.caldav import series
from integrations.caldav.recurrence import Expansion, expand

NEW_YORK = ZoneInfo("America/New_York")
OFFSETS = {"EDT": timezone(timedelta(hours=-4)), "EST": timezone(timedelta(hours=-5))}
JANUARIES = ("1998 EST Jan 1-31", "1999 EST Jan 1-31", "2000 EST Jan 1-31")
TUESDAYS_AND_THURSDAYS = ("1997 EDT Sep 2,4,9,11,16,18,23,25,30; Oct 2",)

# First date, rule, and what the standard prints: year, zone, then months and days.
# fmt: off
EXAMPLES: list[tuple[str, str, tuple[str, ...]]] = [
    ("19970902", "FREQ=DAILY;COUNT=10", ("1997 EDT Sep 2-11",)),
    ("19970902", "FREQ=DAILY;UNTIL=19971224T000000Z",
     ("1997 EDT Sep 2-30; Oct 1-25", "1997 EST Oct 26-31; Nov 1-30; Dec 1-23")),
    ("19970902", "FREQ=DAILY;INTERVAL=2",
     ("1997 EDT Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Oct 2,4,6,8,10,12,14,16,18,20,22,24",
      "1997 EST Oct 26,28,30; Nov 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29; Dec 1,3", "...")),
    ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", ("1997 EDT Sep 2,12,22; Oct 2,12",)),
    ("19980101",
     "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", JANUARIES),
    ("19980101", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", JANUARIES),
    ("19970902", "FREQ=WEEKLY;COUNT=10",
     ("1997 EDT Sep 2,9,16,23,30; Oct 7,14,21", "1997 EST Oct 28; Nov 4")),
    ("19970902", "FREQ=WEEKLY;UNTIL=19971224T000000Z",
     ("1997 EDT Sep 2,9,16,23,30; Oct 7,14,21",
      "1997 EST Oct 28; Nov 4,11,18,25; Dec 2,9,16,23")),
    ("19970902", "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
     ("1997 EDT Sep 2,16,30; Oct 14", "1997 EST Oct 28; Nov 11,25; Dec 9,23",
      "1998 EST Jan 6,20; Feb 3,17", "...")),
    ("19970902", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", TUESDAYS_AND_THURSDAYS),
    ("19970902", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", TUESDAYS_AND_THURSDAYS),
    ("19970901", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
     ("1997 EDT Sep 1,3,5,15,17,19,29; Oct 1,3,13,15,17",
      "1997 EST Oct 27,29,31; Nov 10,12,14,24,26,28; Dec 8,10,12,22")),
    ("19970902", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
     ("1997 EDT Sep 2,4,16,18,30; Oct 2,14,16",)),
    ("19970905", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
     ("1997 EDT Sep 5; Oct 3", "1997 EST Nov 7; Dec 5", "1998 EST Jan 2; Feb 6; Mar 6; Apr 3",
      "1998 EDT May 1; Jun 5")),
    ("19970905", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
     ("1997 EDT Sep 5; Oct 3", "1997 EST Nov 7; Dec 5")),
    ("19970907", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
     ("1997 EDT Sep 7,28", "1997 EST Nov 2,30", "1998 EST Jan 4,25; Mar 1,29",
      "1998 EDT May 3,31")),
    ("19970922", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
     ("1997 EDT Sep 22; Oct 20", "1997 EST Nov 17; Dec 22", "1998 EST Jan 19; Feb 16")),
    ("19970928", "FREQ=MONTHLY;BYMONTHDAY=-3",
     ("1997 EDT Sep 28", "1997 EST Oct 29; Nov 28; Dec 29", "1998 EST Jan 29; Feb 26", "...")),
    ("19970902", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
     ("1997 EDT Sep 2,15; Oct 2,15", "1997 EST Nov 2,15; Dec 2,15", "1998 EST Jan 2,15")),
    ("19970930", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
     ("1997 EDT Sep 30; Oct 1", "1997 EST Oct 31; Nov 1,30; Dec 1,31", "1998 EST Jan 1,31; Feb 1")),
    ("19970910", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
     ("1997 EDT Sep 10,11,12,13,14,15", "1999 EST Mar 10,11,12,13")),
    ("19970902", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
     ("1997 EDT Sep 2,9,16,23,30", "1997 EST Nov 4,11,18,25",
      "1998 EST Jan 6,13,20,27; Mar 3,10,17,24,31", "...")),
    ("19970610", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
     ("1997 EDT Jun 10; Jul 10", "1998 EDT Jun 10; Jul 10", "1999 EDT Jun 10; Jul 10",
      "2000 EDT Jun 10; Jul 10", "2001 EDT Jun 10; Jul 10")),
    ("19970310", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
     ("1997 EST Mar 10", "1999 EST Jan 10; Feb 10; Mar 10", "2001 EST Jan 10; Feb 10; Mar 10",
      "2003 EST Jan 10; Feb 10; Mar 10")),
    ("19970101", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
     ("1997 EST Jan 1", "1997 EDT Apr 10; Jul 19", "2000 EST Jan 1", "2000 EDT Apr 9; Jul 18",
      "2003 EST Jan 1", "2003 EDT Apr 10; Jul 19", "2006 EST Jan 1")),
    ("19970519", "FREQ=YEARLY;BYDAY=20MO",
     ("1997 EDT May 19", "1998 EDT May 18", "1999 EDT May 17", "...")),
    ("19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
     ("1997 EDT May 12", "1998 EDT May 11", "1999 EDT May 17", "...")),
    ("19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
     ("1997 EST Mar 13,20,27", "1998 EST Mar 5,12,19,26", "1999 EST Mar 4,11,18,25", "...")),
    ("19970605", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
     ("1997 EDT Jun 5,12,19,26; Jul 3,10,17,24,31; Aug 7,14,21,28",
      "1998 EDT Jun 4,11,18,25; Jul 2,9,16,23,30; Aug 6,13,20,27",
      "1999 EDT Jun 3,10,17,24; Jul 1,8,15,22,29; Aug 5,12,19,26", "...")),
    ("19970902\r\nEXDATE;TZID=America/New_York:19970902T090000",
     "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
     ("1998 EST Feb 13; Mar 13; Nov 13", "1999 EDT Aug 13", "2000 EDT Oct 13", "...")),
    ("19970913", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
     ("1997 EDT Sep 13; Oct 11", "1997 EST Nov 8; Dec 13", "1998 EST Jan 10; Feb 7; Mar 7",
      "1998 EDT Apr 11; May 9; Jun 13", "...")),
    ("19961105", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
     ("1996 EST Nov 5", "2000 EST Nov 7", "2004 EST Nov 2", "...")),
    ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
     ("1997 EDT Sep 4; Oct 7", "1997 EST Nov 6")),
    ("19970929", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
     ("1997 EDT Sep 29", "1997 EST Oct 30; Nov 27; Dec 30", "1998 EST Jan 29; Feb 26; Mar 30",
      "...")),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
     ("1997 EDT Aug 5,10,19,24",)),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
     ("1997 EDT Aug 5,17,19,31",)),
    ("20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
     ("2007 EST Jan 15,30; Feb 15", "2007 EDT Mar 15,30")),
]
# fmt: on


def printed(lines: tuple[str, ...]) -> Iterator[datetime]:
    """The instants of 09:00 on the days that a line of the standard names."""
    for line in lines:
        year, offset, months = line.split(maxsplit=2)
        for month_and_days in months.split("; "):
            month, days = month_and_days.split()
            for piece in days.split(","):
                first, _, last = piece.partition("-")
                for day in range(int(first), int(last or first) + 1):
                    noon = datetime.strptime(f"{year} {month} {day} +0000", "%Y %b %d %z")
                    yield noon.replace(hour=9, tzinfo=OFFSETS[offset]).astimezone(UTC)


def expanded(first: str, rule: str, *, end: datetime) -> Expansion:
    day, newline, more = first.partition("\r\n")
    lines = (
        f"DTSTART;TZID=America/New_York:{day}T090000{newline}{more}\r\n"
        f"DURATION:PT10M\r\nRRULE:{rule}\r\nUID:a"
    )
    ics = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    return expand(ics, zone=NEW_YORK, start=datetime(1996, 1, 1, tzinfo=UTC), end=end)


def starts(expansion: Expansion) -> list[datetime]:
    return [one.starts_at for one in expansion.occurrences]


@pytest.mark.parametrize(("first", "rule", "lines"), EXAMPLES)
def test_a_rule_gives_the_dates_the_standard_prints(
    first: str, rule: str, lines: tuple[str, ...]
) -> None:
    is_endless = lines[-1] == "..."
    expected = list(printed(lines[:-1] if is_endless else lines))

    # Of a series with an end, ten years more would show what is too much.
    more = timedelta(seconds=1) if is_endless else timedelta(days=3650)
    expansion = expanded(first, rule, end=expected[-1] + more)

    assert starts(expansion) == expected
    assert expansion.problems == ()


def on_the_first_day(*times: str) -> list[datetime]:
    return [datetime.fromisoformat(f"1997-09-02T{time}:00-04:00").astimezone(UTC) for time in times]


def test_every_three_hours_from_nine_to_five_as_the_erratum_has_it() -> None:
    end = datetime(1998, 1, 1, tzinfo=UTC)

    # Printed is UNTIL=19970902T170000Z, which is 13:00 EDT; erratum 3883 makes it 17:00 EDT.
    corrected = expanded("19970902", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", end=end)
    as_printed = expanded("19970902", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", end=end)

    assert starts(corrected) == on_the_first_day("09:00", "12:00", "15:00")
    assert starts(as_printed) == on_the_first_day("09:00", "12:00")


def test_every_twenty_minutes_of_the_working_day() -> None:
    rule = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"

    expansion = expanded("19970902", rule, end=datetime(1997, 9, 4, tzinfo=UTC))

    today = on_the_first_day(
        *(f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "20", "40"))
    )
    assert starts(expansion) == [*today, *(one + timedelta(days=1) for one in today)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ],
)
def test_of_a_rule_by_the_minute_the_first_time_is_blocked_and_the_rest_is_said(rule: str) -> None:
    expansion = expanded("19970902", rule, end=datetime(1997, 10, 1, tzinfo=UTC))

    assert starts(expansion) == on_the_first_day("09:00")
    assert expansion.problems == (series.TOO_FREQUENT,)
