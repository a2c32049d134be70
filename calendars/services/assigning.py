"""Who serves a slot: all hosts, one of them, or nobody, as the kind of its calendar wants it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from calendars.engine.choice import SEATS_LEFT
from calendars.engine.slots import Slot
from calendars.models import Calendar, Meeting
from calendars.services.choosing import choose_host
from calendars.services.seats import ITSELF, Moving
from calendars.services.serving import hosts_of

EVERYBODY = gettext_noop("all hosts serve it")
OF_THE_CLASS = gettext_noop("the host of this class")


@dataclass(frozen=True, slots=True)
class Assigned:
    """A host of a meeting, by primary key, and why, in words. `user` is None for a simple
    calendar, which nobody serves; the primary host owns the appointment."""

    user: int | None
    because: str
    is_primary: bool = True


def assign(
    calendar: Calendar, slot: Slot, *, moving: Moving | None, joinable: Mapping[int, Meeting]
) -> tuple[Assigned, ...]:
    """Who serves the slot, of the hosts it names: the primary one first.

    Where one of several is chosen, whoever served what is moving stays; then those go first whose
    meeting at that time is `joinable`; then the rules of round robin decide.
    """
    match calendar.kind:
        case Calendar.Kind.SIMPLE:
            return (Assigned(None, ""),)
        case Calendar.Kind.COLLECTIVE:
            return _all(calendar, slot)
        case Calendar.Kind.CLASS:
            return (Assigned(slot.hosts[0], OF_THE_CLASS),)
    kept = _keep(moving, slot)
    return (kept or _chosen(calendar, slot, joinable, moving),)


def key_of(assigned: Assigned) -> int:
    """What the engine calls that host."""
    return ITSELF if assigned.user is None else assigned.user


def _all(calendar: Calendar, slot: Slot) -> tuple[Assigned, ...]:
    rows = hosts_of(calendar).filter(user__in=slot.hosts).order_by("-is_primary", "position", "pk")
    users = rows.values_list("user_id", flat=True)
    return tuple(
        Assigned(user, EVERYBODY, is_primary=place == 0) for place, user in enumerate(users)
    )


def _keep(moving: Moving | None, slot: Slot) -> Assigned | None:
    """The host whom a rescheduled appointment has already, if they can serve the slot."""
    if moving is None:
        return None
    serving = moving.meeting.hosts.serving().filter(user__in=slot.hosts).primary_first().first()
    return Assigned(serving.person.pk, serving.chosen_because) if serving else None


def _chosen(
    calendar: Calendar, slot: Slot, joinable: Mapping[int, Meeting], moving: Moving | None
) -> Assigned:
    joined = tuple(host for host in slot.hosts if host in joinable)
    if joined:
        host, _ = choose_host(calendar, Slot(slot.start, slot.end, joined), moving=moving)
        return Assigned(host, SEATS_LEFT)
    return Assigned(*choose_host(calendar, slot, moving=moving))
