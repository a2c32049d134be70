"""What a host's event says: the meeting as its host should read it in their own calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from calendars.models import Appointment, Meeting, MeetingHost
from calendars.services.seats import in_short, is_shared
from integrations.caldav.ics import EventContent, write_event
from integrations.caldav.merge import Side
from integrations.caldav.semantics import Fingerprint, fingerprint
from integrations.caldav.texts import paragraphs
from integrations.models import MirroredEvent

Status = Appointment.Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """The event a host should have, as text and as what it means; `own_text` is Daybook's part of
    its description."""

    ics: str
    side: Side
    own_text: str

    @property
    def means(self) -> Fingerprint:
        return self.side.means


def wanted_event(event: MirroredEvent) -> Wanted | None:
    """What should stand at the event's address, as the rows say now; None: nothing.

    Guests are never attendees, since iCloud would write to them: their details are in the text.
    Below it stands what the host added there.
    """
    part = MeetingHost.objects.select_related("meeting__calendar").get(pk=event.meeting_host_id)
    seats = _seats(part)
    if not seats:
        return None
    meeting, calendar = part.meeting, part.meeting.calendar
    waits = all(seat.status == Status.NEW for seat in seats)
    title = _title(meeting, seats)
    services = [meeting.what] if meeting.services.all() else []
    details = (_details(seat, marks=not waits) for seat in seats)
    own_text = paragraphs("\n\n".join([*services, *details]))
    content = EventContent(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"To confirm: {title}" if waits else title,
        description=f"{own_text}\n\n{event.added_text}",
        location=calendar.location,
        is_tentative=waits,
        site=site(),
    )
    sequence = max(seat.sequence for seat in seats)
    ics = write_event(str(event.uid), content, stamp=timezone.now(), sequence=sequence)
    side = Side(fingerprint(ics), (meeting.starts_at, meeting.ends_at))
    return Wanted(ics, side, own_text)


def site() -> str:
    """How this installation is called in the events it writes."""
    return urlsplit(settings.SITE_URL).netloc


def is_wanted(part: MeetingHost) -> bool:
    """Whether this host should have an event at all: they serve it, and a seat in it is held."""
    return bool(_seats(part))


def _seats(part: MeetingHost) -> list[Appointment]:
    if not part.is_serving:
        return []
    return list(part.meeting.appointments.live().order_by("seat"))


def _title(meeting: Meeting, seats: Sequence[Appointment]) -> str:
    if is_shared(meeting, len(seats)):
        return in_short(meeting, len(seats))
    return f"{meeting.what}: {', '.join(seat.guest_name for seat in seats)}"


def _details(seat: Appointment, *, marks: bool) -> str:
    """Who has that seat; with `marks` it says so where it is still to be confirmed."""
    is_open = marks and seat.status == Status.NEW
    name = f"{seat.guest_name} (to confirm)" if is_open else seat.guest_name
    lines = [name, seat.guest_email, seat.guest_phone, seat.notes]
    return "\n".join(line for line in lines if line)
