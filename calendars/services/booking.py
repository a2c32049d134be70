"""A booking: one transaction in which all of it comes to exist, or nothing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.models import User
from calendars.models import Appointment, Calendar, CalendarGroup, HistoryEntry, Mail
from calendars.services import history
from calendars.services.booking_keys import nonce_of
from calendars.services.combining import Combination, combination, combined
from calendars.services.contacts import contact_for
from calendars.services.finding import Found, find_anyway, find_slot, find_slot_for_staff
from calendars.services.history import Actor
from calendars.services.locking import lock_calendars_and_hosts
from calendars.services.meetings import make_meeting, take_the_rest, want_copies
from calendars.services.refusals import KeyUsed
from calendars.services.seats import take_seat
from calendars.services.taking import all_or_taken
from calendars.services.telling import tell

PICKED_BY_GUEST, PICKED_BY_STAFF = _("picked by the guest"), _("picked by staff")


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes, as they typed it; the time zone is the one they read times in, the language the
    one they are written to in."""

    name: str
    email: str
    phone: str
    notes: str
    time_zone: str
    language: str = settings.LANGUAGE_CODE


@dataclass(frozen=True, slots=True)
class Key:
    """What is remembered of a form that was sent: its one-time key, and what it asked for."""

    nonce: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a guest asks for, checked for shape. `host` is a user whom the guest picked, if any.

    On a `menu`, `further` services can follow the calendar, in the same meeting.
    """

    calendar: Calendar
    starts_at: datetime
    name: str
    email: str
    phone: str
    notes: str
    time_zone: str
    key: str
    host: int | None = None
    menu: CalendarGroup | None = None
    further: tuple[Calendar, ...] = ()
    language: str = settings.LANGUAGE_CODE

    @property
    def calendars(self) -> list[int]:
        """What is booked, in its order, by primary key."""
        return [self.calendar.pk, *(service.pk for service in self.further)]

    @property
    def guest(self) -> Guest:
        return Guest(self.name, self.email, self.phone, self.notes, self.time_zone, self.language)

    @property
    def digest(self) -> str:
        """What only the same request has: whose time, when, who comes, and who is to serve."""
        return _digest(self.calendars, self.starts_at, self.guest, self.host)


def book(request: BookingRequest, *, now: datetime) -> Appointment:
    """Take the time, or a seat in the meeting that is there, and write what follows from it.

    The same request with the same key gives the same appointment. Raises `SlotTaken`, `NotOffered`,
    `KeyUsed`, `KeyRefused` and `NotBookable`.
    """
    nonce = nonce_of(request.key, page=request.menu or request.calendar)
    with all_or_taken():
        wanted = combined(lock_calendars_and_hosts(request.calendars))
        earlier = Appointment.objects.filter(booking_key=nonce).first()
        if earlier is not None:
            return _repeated(earlier, request.digest)
        found = find_slot(wanted, request.starts_at, now=now, host=request.host)
        if request.host is not None:
            found = found.picked(wanted, PICKED_BY_GUEST)
        return _write(
            wanted,
            found,
            request.guest,
            actor=Actor.guest(),
            key=Key(nonce, request.digest),
        )


def book_for_guest(
    calendar: Calendar,
    starts_at: datetime,
    guest: Guest,
    *,
    by: User,
    now: datetime,
    key: str = "",
    host: int | None = None,
    anyway: bool = False,
) -> Appointment:
    """A member of staff books for somebody, who is told if they have an address.

    Raises `NotFree` with the engine's verdict where the time is not offered, and `SlotTaken` and
    `NotBookable`; with `anyway` it is booked all the same, which is recorded and flagged. With the
    one-time `key` of a form, the same request sent twice gives the same appointment; that raises
    `KeyUsed` and `KeyRefused` as for guests.
    """
    once = Key(
        nonce_of(key, page=calendar) if key else None,
        _digest([calendar.pk], starts_at, guest, host),
    )
    with all_or_taken():
        [current] = lock_calendars_and_hosts([calendar.pk])
        earlier = once.nonce and Appointment.objects.filter(booking_key=once.nonce).first()
        if earlier:
            return _repeated(earlier, once.digest)
        find = find_anyway if anyway else find_slot_for_staff
        found = find(current, starts_at, now=now, host=host)
        if host is not None:
            found = found.picked(current, PICKED_BY_STAFF)
        return _write(combination(current), found, guest, actor=Actor.staff(by), key=once)


def _digest(calendars: Sequence[int], starts_at: datetime, guest: Guest, host: int | None) -> str:
    # In which language it is asked says nothing of what is asked.
    asked = [
        calendars,
        starts_at.astimezone(UTC).isoformat(),
        *astuple(replace(guest, language="")),
        host,
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _repeated(earlier: Appointment, digest: str) -> Appointment:
    if earlier.booking_digest != digest:
        raise KeyUsed
    return earlier


def _write(
    wanted: Combination, found: Found, guest: Guest, *, actor: Actor, key: Key
) -> Appointment:
    meeting = found.joins or make_meeting(
        wanted, found.slot, hosts=found.hosts, anyway=found.is_anyway
    )
    new, confirmed = Appointment.Status.NEW, Appointment.Status.CONFIRMED
    waits = wanted.needs_confirmation and actor.user is None
    appointment: Appointment = Appointment.objects.create(
        meeting=meeting,
        contact=contact_for(
            meeting.sub_account, name=guest.name, email=guest.email, phone=guest.phone
        ),
        seat=take_seat(meeting, anyway=found.is_anyway) if found.joins else 1,
        status=new if waits else confirmed,
        notes=guest.notes,
        guest_name=guest.name,
        guest_email=guest.email,
        guest_phone=guest.phone,
        guest_time_zone=guest.time_zone,
        guest_language=guest.language,
        booking_key=key.nonce,
        booking_digest=key.digest,
    )
    if found.is_anyway:
        take_the_rest(meeting)
    history.note(appointment, HistoryEntry.Kind.BOOKED, actor, text=found.note)
    tell(appointment, Mail.Kind.REQUESTED if waits else Mail.Kind.BOOKED, actor)
    want_copies(meeting)
    return appointment
