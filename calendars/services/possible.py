"""What can be done with an appointment as it is: what its page offers."""

from datetime import datetime

from calendars.models import Appointment

Status = Appointment.Status


def possible(appointment: Appointment, *, now: datetime) -> set[str]:
    """The names of the changes that its status and the time allow."""
    status = Status(appointment.status)
    if status in Appointment.ENDED:
        return {"restore"}
    has_begun = appointment.meeting.starts_at <= now
    return {
        "move",
        "invalid",
        *(["confirm"] if status == Status.NEW else []),
        *(["cancel"] if status in {Status.NEW, Status.CONFIRMED} else []),
        *(["showed"] if has_begun and status in {Status.CONFIRMED, Status.NOSHOW} else []),
        *(["noshow"] if has_begun and status in {Status.CONFIRMED, Status.SHOWED} else []),
        *(["unsay"] if status in {Status.SHOWED, Status.NOSHOW} else []),
    }
