"""What one meeting consists of: a calendar's own time, or several services one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from calendars.engine.hosts import Rules
from calendars.engine.hours import LONGEST_MEETING
from calendars.models import Calendar, Meeting
from calendars.services.seats import Moving


@dataclass(frozen=True, slots=True)
class Combination:
    """Calendars in the order in which they follow one another, with the same host, and how long
    each of them takes. Mostly it is one. Where nothing else is said, the first one's rules hold.
    """

    calendars: tuple[Calendar, ...]
    durations: tuple[timedelta, ...]

    @property
    def first(self) -> Calendar:
        return self.calendars[0]

    @property
    def further(self) -> tuple[Calendar, ...]:
        return self.calendars[1:]

    @property
    def duration(self) -> timedelta:
        return sum(self.durations, timedelta(0))

    @property
    def is_too_long(self) -> bool:
        """Whether no meeting can last that long."""
        return self.duration > LONGEST_MEETING

    @property
    def buffer_before(self) -> timedelta:
        return self.first.buffer_before

    @property
    def buffer_after(self) -> timedelta:
        """The last one's: there is no buffer between services."""
        return self.calendars[-1].buffer_after

    @property
    def capacity(self) -> int:
        """How many guests a meeting takes: of several services it is for one, always."""
        return 1 if self.further else self.first.capacity

    @property
    def is_active(self) -> bool:
        return all(calendar.is_active for calendar in self.calendars)

    @property
    def needs_confirmation(self) -> bool:
        return any(calendar.needs_confirmation for calendar in self.calendars)

    @property
    def names(self) -> str:
        return ", ".join(calendar.name for calendar in self.calendars)

    @property
    def rules(self) -> Rules:
        """Raises ValueError if it is too long."""
        return Rules(
            duration=_seconds(self.duration),
            interval=_seconds(self.first.interval),
            buffer_before=_seconds(self.buffer_before),
            buffer_after=_seconds(self.buffer_after),
            aligned=self.first.is_aligned,
        )


Offered = Calendar | Combination


def combined(calendars: Sequence[Calendar]) -> Combination:
    """These, as long as each of them takes today."""
    return Combination(tuple(calendars), tuple(calendar.duration for calendar in calendars))


def combination(offered: Offered) -> Combination:
    """What is offered as a combination: a calendar is one of itself alone."""
    return combined([offered]) if isinstance(offered, Calendar) else offered


def as_booked(meeting: Meeting) -> Combination:
    """What a meeting consists of: its services, as long as they took when it was booked; without
    them its calendar, as it is today."""
    rows = list(meeting.services.select_related("calendar__sub_account"))
    if not rows:
        return combined([meeting.calendar])
    return Combination(
        (meeting.calendar, *(row.calendar for row in rows[1:])),
        tuple(row.duration for row in rows),
    )


def wanted_for(offered: Offered, moving: Moving | None) -> Combination:
    """What is to be offered; where a meeting of that calendar is moving, what it consists of."""
    if moving is None or isinstance(offered, Combination):
        return combination(offered)
    return as_booked(moving.meeting)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
