"""Find who serves a wanted time: asked of the engine on current rows, inside the transaction."""

from dataclasses import dataclass
from datetime import datetime

from calendars.engine.slots import Reason, Slot, Verdict
from calendars.models import Calendar, Meeting
from calendars.services.availability import (
    NotBookable,
    hosts_of,
    load,
    obstacles,
    rules_of,
)
from calendars.services.choosing import choose_host
from calendars.services.reasons import all_in_words
from calendars.services.refusals import NotFree, NotOffered, SlotTaken

# Of a time with one of these reasons somebody may have seen it free a moment ago.
_TAKEN = frozenset(
    {
        *(Reason.BLOCKED, Reason.CONFLICT, Reason.BOOKED, Reason.BUFFER),
        *(Reason.DAYLIMIT, Reason.ROUNDROBIN),
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A time, who serves it and why, in words. `is_anyway`: staff booked it though it is not
    offered; `note` says so for the history."""

    slot: Slot
    host: int
    because: str
    is_anyway: bool = False
    note: str = ""


def find_slot(
    calendar: Calendar,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
) -> Found:
    """The offered slot at exactly that time. With `host` only that host is asked.

    With `moving`, that meeting does not stand in its own way, and it keeps its host where they are
    free. Raises `SlotTaken` where the time is offered otherwise, else `NotOffered`.
    """
    try:
        return find_slot_for_staff(calendar, starts_at, now=now, host=host, moving=moving)
    except NotFree as refused:
        taken = not _TAKEN.isdisjoint(refused.verdict.refused.values())
        raise (SlotTaken if taken else NotOffered) from refused


def find_slot_for_staff(
    calendar: Calendar,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
) -> Found:
    """The same, raising `NotFree` with what each host says."""
    start = int(starts_at.timestamp())
    offer = load(calendar, asked=(start, start + 1), now=now, host=host, moving=moving)
    slots = offer.slots()
    if not calendar.is_active or not slots:
        raise NotFree(offer.verdict(start))
    return _found(calendar, slots[0], moving)


def find_anyway(
    calendar: Calendar,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
) -> Found:
    """That time, whatever stands in the way: what does is noted. Where it is offered, nothing is.

    Raises `NotBookable` for a calendar without hosts, or where `host` does not serve it.
    """
    try:
        return find_slot_for_staff(calendar, starts_at, now=now, host=host, moving=moving)
    except NotFree as refused:
        verdict = refused.verdict
    able = [host] if host is not None else _serving(moving, calendar)
    free = [user for user in able if user in verdict.free]
    able = free or [user for user in able if user in verdict.refused]
    if not able:
        raise NotBookable
    slot = Slot(verdict.start, verdict.end, tuple(able))
    chosen, because = _keep(moving, slot) or choose_host(calendar, slot, moving=moving)
    against = objections(calendar, verdict, now=now, moving=moving).get(chosen)
    words = all_in_words(against) if against else "the calendar is not active."
    return Found(slot, chosen, because, is_anyway=True, note=f"Booked anyway: {words}")


def objections(
    calendar: Calendar, verdict: Verdict, *, now: datetime, moving: Meeting | None = None
) -> dict[int, list[Reason]]:
    """Everything against that time, per host: the engine's first reason, and what lies there.

    A time that is too soon or out of hours may be another appointment's, too.
    """
    hosts = verdict.refused
    there = obstacles(
        calendar, verdict.start, rules_of(calendar), users=hosts, now=now, but=moving
    ).refused
    return {
        host: list(dict.fromkeys([reason, *([there[host]] if host in there else [])]))
        for host, reason in hosts.items()
    }


def _found(calendar: Calendar, slot: Slot, moving: Meeting | None) -> Found:
    chosen, because = _keep(moving, slot) or choose_host(calendar, slot, moving=moving)
    return Found(slot, chosen, because)


def _keep(moving: Meeting | None, slot: Slot) -> tuple[int, str] | None:
    """The host whom a rescheduled meeting has already, if they can serve the slot."""
    if moving is None:
        return None
    serving = moving.hosts.serving().filter(user__in=slot.hosts).primary_first().first()
    return (serving.person.pk, serving.chosen_because) if serving else None


def _serving(moving: Meeting | None, calendar: Calendar) -> list[int]:
    """Who may serve it: whoever does already where it is moved, else every host."""
    hosts = list(hosts_of(calendar).values_list("user_id", flat=True))
    if moving is None:
        return hosts
    now = set(moving.hosts.serving().values_list("user_id", flat=True))
    return [user for user in hosts if user in now] or hosts
