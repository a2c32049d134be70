"""`make bench-expand`: reading and expanding 1,000 series, against recurring-ical-events.

Both sides get the same files, one series each as a CalDAV server holds them, and must find the
same spans. The series keep to what that library does by the standard (docs/busy-time.md names
the rest), or the comparison would be one of right with wrong.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from integrations.caldav.recurrence import expand

Span = tuple[datetime, datetime]

MOST = 0.3
HOME = ZoneInfo("Europe/Berlin")
START = datetime(2026, 9, 1, tzinfo=UTC)
END = START + timedelta(days=90)  # with the end of summer time in it
ZONES = (
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles"),
    *("America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"),
)
RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"),
    *("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
    *("FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=-1FR"),
    *("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=10;BYDAY=2TU"),
)
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260801T080000Z
CREATED:20260801T080000Z
LAST-MODIFIED:20260801T080000Z
SEQUENCE:1
SUMMARY:Meeting of series {uid}
LOCATION:Long Street 1\\nFar Away
TRANSP:OPAQUE
{lines}
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Reminder
TRIGGER:-PT15M
END:VALARM
END:VEVENT
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1_000)
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    chance = random.Random(5545)  # noqa: S311 - the same files in every run
    files = [series(number, chance) for number in range(options.series)]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(options.repetitions):
        found, seconds = timed(lambda: [our_spans(ics) for ics in files])
        ours.append(seconds)
        expected, seconds = timed(lambda: [their_spans(ics) for ics in files])
        theirs.append(seconds)
        if found != expected:
            odd = next(at for at, spans in enumerate(found) if spans != expected[at])
            print(f"The spans differ, first of all in this file:\n{files[odd]}")
            return 1
    print(f"{len(files)} series, {sum(map(len, expected))} spans in 90 days, equal on both sides")
    print(f"Daybook:               {spread(ours)}")
    print(f"recurring-ical-events: {spread(theirs)}")
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    print(f"ratio: {ratio:.3f} ({min(ratios):.3f} to {max(ratios):.3f}), at most {MOST} is allowed")
    return 0 if ratio <= MOST else 1


def timed(work: Callable[[], list[list[Span]]]) -> tuple[list[list[Span]], float]:
    """What it gives, and the CPU seconds it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def spread(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds):.3f} s, {min(seconds):.3f} to {max(seconds):.3f} s"
        f" in {len(seconds)} repetitions"
    )


def series(number: int, chance: random.Random) -> str:
    """One series; every third has changed, excluded or extra dates."""
    named = f";TZID={ZONES[number % len(ZONES)]}:"
    day = START.date() - timedelta(days=chance.randrange(1, 3650))
    start = datetime(day.year, day.month, day.day, chance.randrange(7, 20), 30)  # noqa: DTZ001
    times = [
        f"DTSTART{named}{stamp(start)}",
        f"DTEND{named}{stamp(start + timedelta(minutes=chance.choice((30, 60, 90))))}",
    ]
    rule = RULES[chance.randrange(len(RULES))]
    if chance.random() < 0.3:
        rule += f";UNTIL={stamp(END - timedelta(days=chance.randrange(60)))}Z"
    odd = ("", "", ("EXDATE", "RDATE", "change")[number // 3 % 3])[number % 3]
    changes = ""
    # Four weeks of the window, on the series' own weekday: most rules have an occurrence there.
    weeks = (START.date() - day).days // 7 + 1
    days = [start + timedelta(weeks=weeks + n) for n in chance.sample(range(12), 4)]
    if odd == "EXDATE":
        times += [f"EXDATE{named}{','.join(map(stamp, days))}"]
    if odd == "RDATE":
        times += [f"RDATE{named}{','.join(stamp(one + timedelta(minutes=7)) for one in days)}"]
    if odd == "change":
        changes = "".join(change(number, named, one, chance) for one in days)
    master = EVENT.format(uid=number, lines="\n".join([*times, f"RRULE:{rule}"]))
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Benchmark//EN\n"
    return f"{head}{master}{changes}END:VCALENDAR\n".replace("\n", "\r\n")


def change(number: int, named: str, original: datetime, chance: random.Random) -> str:
    """A changed occurrence, moved by some hours."""
    start = original + timedelta(hours=chance.randrange(1, 4))
    lines = [
        f"RECURRENCE-ID{named}{stamp(original)}",
        f"DTSTART{named}{stamp(start)}",
        f"DTEND{named}{stamp(start + timedelta(minutes=45))}",
    ]
    return EVENT.format(uid=number, lines="\n".join(lines))


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


def our_spans(ics: str) -> list[Span]:
    expansion = expand(ics, zone=HOME, start=START, end=END)
    return [(one.starts_at, one.ends_at) for one in expansion.occurrences]


def their_spans(ics: str) -> list[Span]:
    found = recurring_ical_events.of(Calendar.from_ical(ics)).between(START, END)
    return sorted(
        (one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in found
    )


if __name__ == "__main__":
    sys.exit(main())
