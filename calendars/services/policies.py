"""What a calendar lets its guests do with an appointment, and until when."""

from datetime import datetime

from calendars.models import Appointment
from calendars.services.combining import as_booked


def changes_close_at(appointment: Appointment) -> datetime:
    """From this instant on the guest can no longer change it. Always as the calendar says today."""
    meeting = appointment.meeting
    return meeting.starts_at - meeting.calendar.changes_close


def may_reschedule(appointment: Appointment, *, now: datetime) -> bool:
    """Whether its guest can move it to another time themselves."""
    calendar = appointment.meeting.calendar
    is_offered = as_booked(appointment.meeting).is_active
    return calendar.guests_may_reschedule and is_offered and _is_open(appointment, now)


def may_cancel(appointment: Appointment, *, now: datetime) -> bool:
    """Whether its guest can cancel it themselves."""
    return appointment.meeting.calendar.guests_may_cancel and _is_open(appointment, now)


def _is_open(appointment: Appointment, now: datetime) -> bool:
    changeable = {Appointment.Status.NEW, Appointment.Status.CONFIRMED}
    return appointment.status in changeable and now < changes_close_at(appointment)
