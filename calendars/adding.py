"""Links that open a guest's own calendar on the web with an appointment filled in.

They hold what the calendar file holds, and nothing of who else comes. Google and Microsoft describe
theirs nowhere; what is known is kept at
https://github.com/InteractionDesignFoundation/add-event-to-calendar-docs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from calendars.ical import hosted_by
from calendars.models import Appointment

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = {
    "Outlook.com": "https://outlook.live.com/calendar/deeplink/compose",
    "Office 365": "https://outlook.office.com/calendar/deeplink/compose",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Whose calendar it opens, and its address."""

    name: str
    url: str


def links(appointment: Appointment, *, host: str) -> list[Link]:
    """One for each calendar on the web that takes an event from an address."""
    outlook = _outlook(appointment, host)
    return [
        Link("Google Calendar", _address(GOOGLE, _google(appointment, host))),
        *(Link(name, _address(page, outlook)) for name, page in OUTLOOK.items()),
    ]


def _google(appointment: Appointment, host: str) -> dict[str, str]:
    meeting = appointment.meeting
    span = (meeting.starts_at, meeting.ends_at)
    return {
        "action": "TEMPLATE",
        "text": _title(appointment),
        "dates": "/".join(_utc(at, "%Y%m%dT%H%M%SZ") for at in span),
        "location": meeting.calendar.location,
        "details": hosted_by(host),
    }


def _outlook(appointment: Appointment, host: str) -> dict[str, str]:
    meeting = appointment.meeting
    return {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": _title(appointment),
        "startdt": _utc(meeting.starts_at, "%Y-%m-%dT%H:%M:%SZ"),
        "enddt": _utc(meeting.ends_at, "%Y-%m-%dT%H:%M:%SZ"),
        "location": meeting.calendar.location,
        "body": hosted_by(host),
    }


def _title(appointment: Appointment) -> str:
    """These calendars know no tentative event by its address: it is said in words."""
    what = appointment.meeting.what
    is_open = appointment.status == Appointment.Status.NEW
    return _("To be confirmed: %(what)s") % {"what": what} if is_open else what


def _address(page: str, said: dict[str, str]) -> str:
    """Without what is empty. A space is %20: Outlook shows a plus sign as one."""
    told = {name: value for name, value in said.items() if value}
    return f"{page}?{urlencode(told, quote_via=quote, safe='')}"


def _utc(at: datetime, form: str) -> str:
    return at.astimezone(UTC).strftime(form)
