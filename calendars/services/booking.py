"""A booking: one transaction in which all of it comes to exist, or nothing."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from calendars.engine.slots import Reason, Slot, Verdict
from calendars.models import Appointment, Calendar, Meeting, MeetingHost, OutboxItem
from calendars.services import outbox
from calendars.services.availability import load
from calendars.services.booking_keys import nonce_of
from calendars.services.choosing import choose_host
from calendars.services.contacts import contact_for
from calendars.services.taking import is_overlap, take

# Of a time with one of these reasons somebody may have seen it free a moment ago.
_TAKEN = frozenset({Reason.BLOCKED, Reason.CONFLICT, Reason.BOOKED, Reason.BUFFER})


class SlotTaken(Exception):
    """Somebody was faster, or a host's own calendar has filled up."""


class NotOffered(Exception):
    """The calendar does not offer this time to anybody."""


class KeyUsed(Exception):
    """The form's one-time key has already made another appointment."""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a guest asks for, checked for shape. `host` is a user whom the guest picked, if any."""

    calendar: Calendar
    starts_at: datetime
    name: str
    email: str
    phone: str
    notes: str
    time_zone: str
    key: str
    host: int | None = None

    @property
    def digest(self) -> str:
        """The same for the same request only."""
        asked = [
            self.calendar.pk,
            self.starts_at.astimezone(UTC).isoformat(),
            self.name,
            self.email,
            self.phone,
            self.notes,
            self.time_zone,
            self.host,
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def book(request: BookingRequest, *, now: datetime) -> Appointment:
    """Take the time and write everything that follows from it.

    The same request with the same key gives the same appointment. Raises `SlotTaken`, `NotOffered`,
    `KeyUsed`, `KeyRefused` and `NotBookable`.
    """
    nonce = nonce_of(request.key, calendar=request.calendar)
    try:
        with transaction.atomic():
            calendar = _lock(request.calendar)
            earlier = Appointment.objects.filter(booking_key=nonce).first()
            if earlier is not None:
                return _repeated(earlier, request)
            slot = _offered_slot(request, calendar, now=now)
            return _write(request, calendar, slot, nonce)
    except IntegrityError as refusal:
        if is_overlap(refusal):
            raise SlotTaken from refusal
        raise


def _lock(calendar: Calendar) -> Calendar:
    """The calendar's current row; it and its hosts wait for nobody else until this is over."""
    rows = Calendar.objects.select_related("sub_account").select_for_update(
        of=("self",), no_key=True
    )
    current = rows.get(pk=calendar.pk)
    # In order of their keys, so that two bookings never wait for each other.
    hosts = User.objects.filter(calendarhost__calendar=current).order_by("pk")
    list(hosts.select_for_update(of=("self",), no_key=True).values_list("pk"))
    return current


def _repeated(earlier: Appointment, request: BookingRequest) -> Appointment:
    if earlier.booking_digest != request.digest:
        raise KeyUsed
    return earlier


def _offered_slot(request: BookingRequest, calendar: Calendar, *, now: datetime) -> Slot:
    start = int(request.starts_at.timestamp())
    offer = load(calendar, asked=(start, start + 1), now=now, host=request.host)
    slots = offer.slots()
    if not calendar.is_active or not slots:
        raise SlotTaken if _was_taken(offer.verdict(start)) else NotOffered
    return slots[0]


def _was_taken(verdict: Verdict) -> bool:
    return not _TAKEN.isdisjoint(verdict.refused.values())


def _write(request: BookingRequest, calendar: Calendar, slot: Slot, nonce: str) -> Appointment:
    host, reason = choose_host(calendar, slot)
    meeting = Meeting.objects.create(
        sub_account=calendar.sub_account,
        calendar=calendar,
        starts_at=datetime.fromtimestamp(slot.start, UTC),
        ends_at=datetime.fromtimestamp(slot.end, UTC),
        buffer_before=calendar.buffer_before,
        buffer_after=calendar.buffer_after,
    )
    meeting_host = MeetingHost.objects.create(
        meeting=meeting,
        user_id=host,
        chosen_because=reason if request.host is None else "picked by the guest",
    )
    take(meeting_host)
    appointment = Appointment.objects.create(
        meeting=meeting,
        contact=contact_for(
            calendar.sub_account, name=request.name, email=request.email, phone=request.phone
        ),
        notes=request.notes,
        guest_name=request.name,
        guest_email=request.email,
        guest_phone=request.phone,
        guest_time_zone=request.time_zone,
        booking_key=nonce,
        booking_digest=request.digest,
    )
    outbox.want(OutboxItem.Effect.WRITE, meeting_host.pk, sub_account=calendar.sub_account)
    return appointment
