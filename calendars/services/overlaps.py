"""What a meeting lies over: times of its hosts that another meeting takes as well."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q
from django.utils.translation import gettext

from calendars.models import Appointment, Calendar, Meeting, MeetingHost
from calendars.models.offers import A_WEEK
from calendars.services.discretion import BUSY
from calendars.services.seats import title_of
from calendars.services.taking import span_of


@dataclass(frozen=True, slots=True)
class Overlap:
    """A host's other meeting. Of one in another sub-account nothing but its time is known here."""

    host: str
    starts_at: datetime
    ends_at: datetime
    title: str
    appointment: int | None


def overlaps_of(meeting: Meeting) -> list[Overlap]:
    """The other meetings of its hosts that meet it, buffers included, in order."""
    start, end = span_of(meeting)
    return [
        _overlap(part, meeting)
        for part in _nearby(meeting)
        if span_of(part.meeting)[0] < end and start < span_of(part.meeting)[1]
    ]


def _nearby(meeting: Meeting) -> list[MeetingHost]:
    # Buffers last a week at most, on either side.
    parts = (
        MeetingHost.objects.holding()
        .filter(
            _of_the_same_resources(meeting),
            meeting__starts_at__lt=meeting.ends_at + 2 * A_WEEK,
            meeting__ends_at__gt=meeting.starts_at - 2 * A_WEEK,
        )
        .exclude(meeting=meeting)
        .select_related("meeting__calendar", "user")
        .prefetch_related(
            Prefetch("meeting__appointments", Appointment.objects.live().order_by("seat")),
            "meeting__services__calendar",
        )
    )
    return list(parts.order_by("meeting__starts_at", "pk"))


def _of_the_same_resources(meeting: Meeting) -> Q:
    """Parts that take time of its hosts; where nobody serves it, of its calendar."""
    if meeting.calendar.kind == Calendar.Kind.SIMPLE:
        return Q(user=None, meeting__calendar=meeting.calendar_id)
    return Q(user__in=meeting.hosts.serving().exclude(user=None).values("user"))


def _overlap(part: MeetingHost, meeting: Meeting) -> Overlap:
    other = part.meeting
    is_ours = other.sub_account_id == meeting.sub_account_id
    seats = list(other.appointments.all()) if is_ours else []
    return Overlap(
        host=str(part.user or ""),
        starts_at=other.starts_at,
        ends_at=other.ends_at,
        title=title_of(other, seats) if seats else gettext(BUSY),
        appointment=seats[0].pk if seats else None,
    )
