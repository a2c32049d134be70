"""The calendar file that a guest can keep."""

import re
import uuid
from datetime import UTC, datetime

from icalendar import Calendar, Event

from calendars.models import Appointment

PRODUCT = "-//Daybook//Booking//EN"
_STATUSES = {
    Appointment.Status.NEW: "TENTATIVE",
    Appointment.Status.CANCELLED: "CANCELLED",
    Appointment.Status.INVALID: "CANCELLED",
}
# Everything that one reader or another takes for the end of a line or of the file.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def appointment_file(appointment: Appointment, *, host: str) -> bytes:
    """One event without method, organiser and attendees: nobody is written to because of it.

    Its UID stays the same, so that a later file replaces it. RFC 5545, 3.6.1.
    """
    meeting = appointment.meeting
    event = Event()
    event.add("uid", f"{uid_of(appointment)}@daybook")
    event.add("dtstamp", appointment.created_at.astimezone(UTC))
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("summary", _plain(meeting.calendar.name))
    event.add("status", _STATUSES.get(Appointment.Status(appointment.status), "CONFIRMED"))
    if meeting.calendar.location:
        event.add("location", _plain(meeting.calendar.location))
    if host:
        event.add("description", _plain(f"With {host}"))
    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add_component(event)
    content: bytes = file.to_ical()
    return content


def uid_of(appointment: Appointment) -> uuid.UUID:
    """Fixed for the appointment; its private link cannot be worked out from it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, appointment.token)


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
