"""Seats: which are free in a meeting, which meeting is shared, and what moves where a seat does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext

from calendars.engine.spans import Span
from calendars.models import Appointment, Calendar, Meeting, MeetingHost
from calendars.services.refusals import SlotTaken

ITSELF = 0  # what the engine calls the only host of a simple calendar: the calendar


@dataclass(frozen=True, slots=True)
class Moving:
    """What is on its way to another time: a seat of a meeting, or all of them.

    Where somebody `stays_behind`, the meeting keeps its time and stands in the way. `is_whole`
    goes as it is: it joins no other meeting.
    """

    meeting: Meeting
    stays_behind: bool = False
    is_whole: bool = False

    @property
    def gives_up(self) -> Meeting | None:
        """The meeting that stands in nobody's way, since all of it moves."""
        return None if self.stays_behind else self.meeting


def moving_seat(appointment: Appointment) -> Moving:
    """One guest moves; the others of the meeting, if there are any, stay."""
    others = appointment.meeting.appointments.live().exclude(pk=appointment.pk)
    return Moving(appointment.meeting, stays_behind=others.exists())


def moving_all(meeting: Meeting) -> Moving:
    """Every guest of the meeting moves."""
    return Moving(meeting, is_whole=True)


def is_shared(meeting: Meeting, coming: int) -> bool:
    """Whether a meeting is for several guests, be it that staff booked one seat too many."""
    return max(_capacity_of(meeting), coming) > 1


def in_short(meeting: Meeting, coming: int) -> str:
    """A shared meeting in one line, such as “Yoga (7/10)”."""
    return f"{meeting.what} ({coming}/{_capacity_of(meeting)})"


def _capacity_of(meeting: Meeting) -> int:
    """How many guests it takes; several services are for one."""
    return 1 if meeting.services.all() else meeting.calendar.capacity


def title_of(meeting: Meeting, seats: Sequence[Appointment]) -> str:
    """What staff read where there is little room: who comes, or of several how many."""
    if is_shared(meeting, len(seats)):
        return in_short(meeting, len(seats))
    return ", ".join(seat.guest_name or gettext("Appointment") for seat in seats)


def free_seat(meeting: Meeting) -> int:
    """The lowest number that nobody has, from one on: beyond the calendar's capacity where all
    seats are taken."""
    taken = set(meeting.appointments.live().values_list("seat", flat=True))
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def take_seat(meeting: Meeting, *, anyway: bool = False) -> int:
    """The number of the seat that the next guest has, to be written in this transaction.

    Each number is there once, by the database: so nobody gets in whom there is no seat for. Raises
    `SlotTaken` where all are taken; `anyway` it is one seat more.
    """
    seat = free_seat(meeting)
    if seat > meeting.calendar.capacity and not anyway:
        raise SlotTaken
    return seat


def meetings_at(
    calendar: Calendar, span: Span, hosts: Collection[int], *, but: Meeting | None = None
) -> Mapping[int, Meeting]:
    """Of these hosts, the calendar's meeting that each has at exactly that span of epoch seconds,
    full or not. None where its meetings are for one guest."""
    if calendar.capacity == 1:
        return {}
    start, end = (datetime.fromtimestamp(at, UTC) for at in span)
    parts = MeetingHost.objects.holding().filter(
        meeting__calendar=calendar,
        meeting__starts_at=start,
        meeting__ends_at=end,
        meeting__services=None,  # several services are for one guest
    )
    if but is not None:
        parts = parts.exclude(meeting=but)
    rows = parts.select_related("meeting__calendar__sub_account", "meeting__sub_account")
    found = {part.user_id or ITSELF: part.meeting for part in rows.order_by("-pk")}
    return {host: meeting for host, meeting in found.items() if host in hosts}
