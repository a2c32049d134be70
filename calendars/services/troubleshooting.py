"""Why a calendar offers what it offers: a day's candidates, as the one engine sees them.

Hosts are named, and why they are not available; what stands in their calendars is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from calendars.engine.hours import ONE_DAY, instant
from calendars.engine.notice import Bookable
from calendars.engine.slots import Reason, Verdict
from calendars.engine.spans import Span
from calendars.models import Calendar
from calendars.services.availability import bookable_time, load
from calendars.services.readiness import Gap, gaps, host_states
from calendars.services.reasons import in_words

ITSELF = gettext_noop("The calendar itself")  # of a simple one, which nobody serves


@dataclass(frozen=True, slots=True)
class Answer:
    """Why one host is not available."""

    host: str
    reason: Reason
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A time that fits the grid, by the calendar's clock, and what each host says to it.

    `reason` is None where it is offered; `words` then say with whom.
    """

    starts_at: datetime
    ends_at: datetime
    reason: Reason | None
    words: str
    free: tuple[str, ...]
    refused: tuple[Answer, ...]

    @property
    def count(self) -> str:
        """How many hosts are not available, where there are several; else nothing."""
        asked = len(self.free) + len(self.refused)
        if asked < 2 or not self.refused:
            return ""
        said = gettext("%(refused)s of %(asked)s hosts unavailable")
        return said % {"refused": len(self.refused), "asked": asked}


@dataclass(frozen=True, slots=True)
class DayReport:
    """A date of the calendar's zone. `notes` say what holds for the whole of it, `missing` what
    the calendar lacks whatever the day."""

    day: date
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]
    missing: tuple[Gap, ...]

    @property
    def offered(self) -> int:
        return sum(one.reason is None for one in self.candidates)


def report(calendar: Calendar, day: date, *, now: datetime) -> DayReport:
    """Every candidate that begins on that date of the calendar's zone, in order."""
    bookable = bookable_time(calendar, now=now)
    asked = (instant(calendar.zone, day), instant(calendar.zone, day + ONE_DAY))
    verdicts = list(_verdicts(calendar, asked, bookable, now))
    names = _names(verdicts)
    return DayReport(
        day=day,
        candidates=tuple(_candidate(one, names, calendar) for one in verdicts),
        notes=tuple(_notes(asked, bookable, is_empty=not verdicts)),
        missing=tuple(gaps(calendar, host_states(calendar, now=now), now=now)),
    )


def _verdicts(
    calendar: Calendar, asked: Span, bookable: Bookable, now: datetime
) -> Iterator[Verdict]:
    # Of a time that can be booked in part, only that part is loaded: each part by itself, then.
    edges = (max(asked[0], min(edge, asked[1])) for edge in (bookable.opens, bookable.closes))
    for start, end in pairwise(sorted({*asked, *edges})):
        yield from load(calendar, asked=(start, end), now=now).verdicts()


def _names(verdicts: Iterable[Verdict]) -> Mapping[int, str]:
    hosts = {host for one in verdicts for host in (*one.free, *one.refused)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=hosts)}


def _candidate(verdict: Verdict, names: Mapping[int, str], calendar: Calendar) -> Candidate:
    free = tuple(names.get(host) or gettext(ITSELF) for host in verdict.free)
    return Candidate(
        starts_at=datetime.fromtimestamp(verdict.start, calendar.zone),
        ends_at=datetime.fromtimestamp(verdict.end, calendar.zone),
        reason=verdict.reason,
        words=capfirst(in_words(verdict.reason)) if verdict.reason else f"{', '.join(free)}.",
        free=free,
        refused=tuple(
            Answer(names.get(host) or gettext(ITSELF), reason, capfirst(in_words(reason)))
            for host, reason in verdict.refused.items()
        ),
    )


def _notes(asked: Span, bookable: Bookable, *, is_empty: bool) -> Iterator[str]:
    start, end = asked
    if end <= bookable.now:
        yield gettext("This day has passed.")
    elif end <= bookable.opens:
        yield gettext("All of this day is sooner than the minimum notice.")
    elif start >= bookable.closes:
        yield gettext("This day is further ahead than the calendar can be booked.")
    if is_empty:
        yield gettext(
            "It is closed on this day: there are no opening hours in which a meeting has room."
        )
