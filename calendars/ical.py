"""The calendar files that guests can keep, and hosts who have no linked calendar."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from calendars.models import Appointment, Mail

PRODUCT = "-//Daybook//Booking//EN"
_STATUSES = {
    Appointment.Status.NEW: "TENTATIVE",
    Appointment.Status.CANCELLED: "CANCELLED",
    Appointment.Status.INVALID: "CANCELLED",
}
# Everything that one reader or another takes for the end of a line or of the file.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a file says of its event, besides what the appointment's calendar says."""

    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    status: str
    sequence: int
    summary: str
    description: str


def appointment_file(appointment: Appointment, *, host: str) -> bytes:
    """The event as it is now, for a guest to download: a file without method.

    Its UID stays the same and its SEQUENCE rises, so that a later file replaces it. RFC 5545,
    3.8.4.7 and 3.8.7.4.
    """
    meeting = appointment.meeting
    said = _Said(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        stamp=appointment.created_at,
        status=_STATUSES.get(Appointment.Status(appointment.status), "CONFIRMED"),
        sequence=appointment.sequence,
        summary=meeting.what,
        description=hosted_by(host),
    )
    return _file(appointment, said)


def method_of(mail: Mail) -> str:
    """What a mail's file asks its reader's calendar to do. RFC 5546, 3.2.1 and 3.2.5.

    Never REQUEST: there is nothing to accept or decline, since guests answer on their own page. The
    price is that Google Calendar does not take out by itself what came as PUBLISH
    (https://github.com/Wunderbyte-GmbH/moodle-mod_booking/issues/1107); the mail says so in words.
    """
    return "CANCEL" if mail.kind == Mail.Kind.CANCELLED else "PUBLISH"


def mail_file(mail: Mail) -> bytes:
    """The event as the mail tells it, with the method that belongs to it."""
    appointment = mail.appointment
    said = _Said(
        starts_at=mail.starts_at,
        ends_at=mail.ends_at,
        stamp=mail.created_at,
        status=_status_in(mail),
        sequence=mail.sequence,
        summary=_summary_in(mail),
        description=_description_in(mail),
    )
    return _file(appointment, said, method=method_of(mail))


def _status_in(mail: Mail) -> str:
    if mail.kind == Mail.Kind.CANCELLED:
        return "CANCELLED"
    waits = mail.kind == Mail.Kind.MOVED and mail.appointment.status == Appointment.Status.NEW
    return "TENTATIVE" if waits or mail.kind == Mail.Kind.REQUESTED else "CONFIRMED"


def _summary_in(mail: Mail) -> str:
    """A host reads who comes, as in the events on iCloud."""
    name: str = mail.appointment.meeting.what
    return f"{name}: {mail.appointment.guest_name}" if mail.to else name


def _description_in(mail: Mail) -> str:
    if mail.to is None:
        return hosted_by(mail.hosts)
    seat = mail.appointment
    lines = [seat.guest_name, seat.guest_email, seat.guest_phone, seat.notes]
    return "\n".join(line for line in lines if line)


def hosted_by(hosts: str) -> str:
    """What an event says of its hosts, in the reader's language; nothing where nobody is named."""
    return _("With %(hosts)s") % {"hosts": hosts} if hosts else ""


def _file(appointment: Appointment, said: _Said, *, method: str = "") -> bytes:
    """One event without organiser and attendees: nobody is written to because of it.

    RFC 5546 wants an ORGANIZER in what is published. But calendars send their "accepted" to it when
    the event is added (https://github.com/pretix/pretix/pull/3211), and Outlook asks for an answer
    nobody waits for (https://github.com/civicrm/civicrm-core/pull/28954).
    """
    event = Event()
    event.add("uid", f"{appointment.uid}@daybook")
    event.add("dtstamp", _utc(said.stamp))
    event.add("dtstart", _utc(said.starts_at))
    event.add("dtend", _utc(said.ends_at))
    event.add("summary", _plain(said.summary))
    event.add("status", said.status)
    event.add("sequence", said.sequence)
    if appointment.meeting.calendar.location:
        event.add("location", _plain(appointment.meeting.calendar.location))
    if said.description:
        event.add("description", _plain(said.description))
    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    if method:
        file.add("method", method)
    file.add_component(event)
    content: bytes = file.to_ical()
    return content


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
