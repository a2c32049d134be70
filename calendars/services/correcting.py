"""Staff put right what an appointment says of its guest: who they are, how they are written to."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.models import User
from calendars.models import Appointment, Contact, HistoryEntry
from calendars.models.meetings import new_token
from calendars.services import history, outbox
from calendars.services.booking import Guest
from calendars.services.contacts import change_contact
from calendars.services.history import Actor
from calendars.services.locking import lock_meeting_of
from calendars.services.meetings import want_copies
from calendars.services.telling import tell_at_another_address

# Each part of a guest as the appointment keeps it, and as the history calls it.
_FIELDS = {
    "name": ("guest_name", "Name"),
    "email": ("guest_email", "E-mail"),
    "phone": ("guest_phone", "Phone"),
    "language": ("guest_language", "Language"),
    "time_zone": ("guest_time_zone", "Time zone"),
    "notes": ("notes", "Notes"),
}
PARTS = tuple(_FIELDS)
_IN_EVENTS = {"name", "email", "phone", "notes"}
_IN_CONTACTS = ("name", "email", "phone")


def guest_of(appointment: Appointment) -> Guest:
    """Who comes, as the appointment has it by now."""
    return Guest(**{part: getattr(appointment, field) for part, (field, _) in _FIELDS.items()})


@transaction.atomic
def correct(
    appointment: Appointment,
    guest: Guest,
    *,
    by: User,
    now: datetime,
    with_contact: bool,
    touched: Collection[str] = PARTS,
) -> set[str]:
    """Have the appointment say this of its guest; the history keeps what it said before.

    Only the parts in `touched` are written: what somebody left as it was shown to them may have
    been put right by a colleague meanwhile.

    Events on iCloud follow. Another e-mail address gets the confirmation and a private link of its
    own: whoever has the old address must not reach the appointment any more. `with_contact` changes
    the same in the contact. Returns which parts of the guest are others now.

    Raises `AddressTaken` where another contact has the address that the contact should get.
    """
    current = lock_meeting_of(appointment)
    wanted, known = asdict(guest), asdict(guest_of(current))
    before = {part: known[part] for part in touched if wanted[part] != known[part]}
    if not before:
        return set()
    _write(current, {part: wanted[part] for part in before})
    if with_contact:
        _write_contact(current.contact, {part: wanted[part] for part in before})
    history.note(current, HistoryEntry.Kind.EDITED, Actor.staff(by), text=_in_words(before))
    if "email" in before:
        tell_at_another_address(current, now=now)
    if before.keys() & _IN_EVENTS:
        want_copies(current.meeting)
    else:
        outbox.ring()
    return set(before)


def _write(appointment: Appointment, parts: Mapping[str, str]) -> None:
    fields = {_FIELDS[part][0]: text for part, text in parts.items()}
    if "email" in parts:
        fields["token"] = new_token()
    for field, text in fields.items():
        setattr(appointment, field, text)
    appointment.sequence += 1
    appointment.save(update_fields=["sequence", *fields])


def _write_contact(contact: Contact, parts: Mapping[str, str]) -> None:
    change_contact(contact, **{part: parts[part] for part in _IN_CONTACTS if part in parts})


def _in_words(before: Mapping[str, str]) -> str:
    lines = [f"{_FIELDS[part][1]} before: {text or 'none'}" for part, text in before.items()]
    return "\n".join(lines)
