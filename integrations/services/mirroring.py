"""Make a host's event on their linked calendar match its meeting.

UID and address are stored before the first request, so an answer that never came is no riddle: the
next attempt finds out what stands there. Nothing that Daybook did not write is overwritten.
"""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from calendars.models import Appointment, MeetingHost
from integrations.caldav.client import Client
from integrations.caldav.collection import etag_of
from integrations.caldav.errors import CalDAVError, NotFound, PreconditionFailed, UidConflict
from integrations.caldav.ics import EventContent, write_event
from integrations.caldav.parsing import uid_of
from integrations.caldav.semantics import fingerprint
from integrations.models import CalendarConfiguration, MirroredEvent, RemoteCalendar

MOST_GENERATIONS = 3


class NotOurs(Exception):
    """Something else stands where the event should go, again and again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The event a host should have, as text and as what it means."""

    ics: str
    hash: str


def calendar_for(host: MeetingHost) -> RemoteCalendar | None:
    """Where the host's event stands or may stand already, else where it is to be written.

    A write whose answer was lost may have arrived: it is finished where it was begun, whatever
    calendar was linked meanwhile, or there would be two.
    """
    newest = (
        host.mirrored_events.select_related("remote_calendar__connection__remote_account")
        .exclude(remote_calendar=None)
        .exclude(remote_calendar__connection__state="disconnected")
        .order_by("-generation")
        .first()
    )
    return newest.remote_calendar if newest else linked_calendar_of(host)


def linked_calendar_of(host: MeetingHost) -> RemoteCalendar | None:
    """Where this host's appointments go in the meeting's sub-account; None: nowhere."""
    configuration = (
        CalendarConfiguration.objects.within(host.meeting.sub_account)
        .filter(user=host.user)
        .select_related("linked_calendar__connection__remote_account")
        .first()
    )
    return configuration.linked_calendar if configuration else None


def intend(host: MeetingHost, calendar: RemoteCalendar) -> MirroredEvent:
    """The record of the host's event, written before the server hears of it."""
    newest = host.mirrored_events.order_by("-generation").first()
    if newest is not None and newest.remote_calendar_id == calendar.pk:
        return newest
    return _next_generation(host, calendar, newest)


def mirror(client: Client, event: MirroredEvent) -> MirroredEvent:
    """Bring the server to what the meeting says. Returns the record that stands at the end.

    Raises `CalDAVError`s, and `NotOurs` when every address tried holds somebody else's event.
    """
    for _ in range(MOST_GENERATIONS):
        wanted = wanted_event(event)
        if wanted.hash == event.pushed_hash:
            return event
        try:
            _put(client, event, wanted)
        except (UidConflict, _Occupied):
            event = _next_generation(event.meeting_host, event.remote_calendar, event)
        else:
            return event
    raise NotOurs


def wanted_event(event: MirroredEvent) -> Wanted:
    """What the guest booked, for the host's eyes; guests are never attendees (iCloud would write
    to them), so their details stand in the text."""
    meeting = event.meeting_host.meeting
    seats = list(meeting.appointments.live().order_by("seat"))
    content = EventContent(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{meeting.calendar.name}: {', '.join(seat.guest_name for seat in seats)}",
        description="\n\n".join(_details(seat) for seat in seats),
        location=meeting.calendar.location,
        is_tentative=any(seat.status == Appointment.Status.NEW for seat in seats),
    )
    ics = write_event(str(event.uid), content, stamp=timezone.now())
    means = fingerprint(ics)
    return Wanted(ics, f"{means.time}{means.text}")


class _Occupied(Exception):
    """Another event stands at our address, or the address can't be used any more."""


def _put(client: Client, event: MirroredEvent, wanted: Wanted) -> None:
    try:
        if event.etag:
            etag = client.put(event.href, wanted.ics, etag=event.etag)
        else:
            etag = client.put(event.href, wanted.ics, create=True)
    except PreconditionFailed:
        etag = _settle_conflict(client, event, wanted)
    event.etag = etag or _etag_of(client, event.href)
    event.pushed_hash = wanted.hash
    event.state, event.problem = MirroredEvent.State.WRITTEN, ""
    event.save(update_fields=["etag", "pushed_hash", "state", "problem"])


def _etag_of(client: Client, href: str) -> str:
    """Unknown where the server will not say: the event stands, and the next write finds out."""
    try:
        return etag_of(client, href)
    except CalDAVError:
        return ""


def _settle_conflict(client: Client, event: MirroredEvent, wanted: Wanted) -> str:
    """412: perhaps our own answer was lost, perhaps the server touched it, perhaps it is taken."""
    try:
        standing = client.get(event.href)
    except NotFound:
        raise _Occupied from None  # a tombstone: the name was deleted once and stays refused
    if uid_of(standing.ics) != str(event.uid):
        raise _Occupied
    means = fingerprint(standing.ics)
    if f"{means.time}{means.text}" == wanted.hash:
        return standing.etag
    return client.put(event.href, wanted.ics, etag=standing.etag) or ""


@transaction.atomic
def _next_generation(
    host: MeetingHost, calendar: RemoteCalendar | None, last: MirroredEvent | None
) -> MirroredEvent:
    if calendar is None:
        raise NotOurs
    uid = uuid.uuid4()
    return MirroredEvent.objects.create(
        meeting_host=host,
        remote_calendar=calendar,
        uid=uid,
        href=f"{calendar.path.rstrip('/')}/{uid}.ics",
        generation=last.generation + 1 if last else 1,
    )


def _details(seat: Appointment) -> str:
    lines = [seat.guest_name, seat.guest_email, seat.guest_phone, seat.notes]
    return "\n".join(line for line in lines if line)
