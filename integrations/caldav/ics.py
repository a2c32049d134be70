"""Writing Daybook's own events (RFC 5545), and what callers need of others'.

Times are written in UTC, so there is no VTIMEZONE for a server to rewrite. Nobody is ever named
as organiser or attendee: iCloud would send them invitations of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event

from integrations.caldav.parsing import Unreadable, uid_of
from integrations.caldav.semantics import Fingerprint, fingerprint
from integrations.caldav.texts import one_line, paragraphs

__all__ = [
    "SITE",
    "EventContent",
    "Fingerprint",
    "Unreadable",
    "fingerprint",
    "is_written_by",
    "uid_of",
    "write_event",
]

PRODUCT = "-//Daybook//Appointments//EN"
SITE = "X-DAYBOOK-SITE"  # whose event it is, should the database forget; iCloud rewrites PRODID


@dataclass(frozen=True, slots=True)
class EventContent:
    """What an event says. Both times are aware, whatever their zone."""

    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    is_tentative: bool = False
    site: str = ""


def is_written_by(ics: str, site: str) -> bool:
    """Whether this installation of Daybook wrote the event, as far as its own mark tells."""
    return any(line.strip() == f"{SITE}:{site}" for line in ics.splitlines())


def write_event(uid: str, content: EventContent, *, stamp: datetime, sequence: int = 0) -> str:
    """One event as a calendar file with CRLF line ends, ready to PUT (RFC 4791 4.1).

    DTEND is always there: iCloud refuses events without. `stamp` is the aware time of writing.
    Text is made harmless: line breaks of every kind become LF in the description and spaces
    elsewhere, control characters go. Raises ValueError for naive times and for an end before
    the start.
    """
    starts_at, ends_at = _utc(content.starts_at), _utc(content.ends_at)
    if ends_at < starts_at:
        raise ValueError("An event cannot end before it starts.")
    event = Event()
    event.add("uid", one_line(uid))
    for name in ("dtstamp", "created", "last-modified"):
        event.add(name, _utc(stamp))
    event.add("sequence", sequence)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("summary", one_line(content.summary))
    if description := paragraphs(content.description):
        event.add("description", description)
    if location := one_line(content.location):
        event.add("location", location)
    event.add("status", "TENTATIVE" if content.is_tentative else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if site := one_line(content.site):
        event.add(SITE, site)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    written: str = calendar.to_ical().decode()
    return written


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A time without a zone is no instant.")
    return moment.astimezone(UTC).replace(microsecond=0)
