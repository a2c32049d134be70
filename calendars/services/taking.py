"""The wall: which time of whom is taken. The database refuses overlap; here is what is written."""

from django.db import IntegrityError

from calendars.models import Appointment, MeetingHost, Taken, resource_of

WALL = "taken_no_overlap"
# An appointment in one of these takes its time; cancelled and invalid ones take none.
HOLDING = [status for status in Appointment.Status if status not in Appointment.ENDED]


def take(meeting_host: MeetingHost) -> None:
    """Take the meeting's time, buffers included, for this host.

    Raises an `IntegrityError` of which `is_overlap` is true when somebody holds part of it.
    """
    meeting = meeting_host.meeting
    Taken.objects.create(
        resource=resource_of(meeting_host.user_id),
        meeting_host=meeting_host,
        starts_at=meeting.starts_at - meeting.buffer_before,
        ends_at=meeting.ends_at + meeting.buffer_after,
    )


def free(meeting_host: MeetingHost) -> None:
    """Give back all that this host's part in the meeting takes."""
    Taken.objects.filter(meeting_host=meeting_host).delete()


def is_overlap(refusal: IntegrityError) -> bool:
    """Whether the database refused because time would be taken twice."""
    return WALL in str(refusal)
