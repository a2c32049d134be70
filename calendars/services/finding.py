"""Find who serves a wanted time: asked of the engine on current rows, inside the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.utils import translation

from accounts.models import User
from calendars.engine.slots import Reason, Slot, Verdict
from calendars.models import Meeting
from calendars.services.assigning import Assigned, assign, key_of
from calendars.services.availability import NotBookable, load, obstacles
from calendars.services.combining import Combination, Offered, wanted_for
from calendars.services.reasons import all_in_words
from calendars.services.refusals import NotFree, NotOffered, SlotTaken
from calendars.services.seats import Moving, meetings_at
from calendars.services.serving import hosts_of, lets_pick_host

# Of a time with one of these reasons somebody may have seen it free a moment ago.
_TAKEN = frozenset(
    {
        *(Reason.BLOCKED, Reason.CONFLICT, Reason.BOOKED, Reason.BUFFER),
        *(Reason.DAYLIMIT, Reason.ROUNDROBIN),
        *(Reason.SLOTMAX, Reason.NOSEATS),
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A time, and who serves it, the primary host first; `joins` is the meeting in which a seat is
    left. `is_anyway`: staff booked it though it is not offered; `note` says so for the history."""

    slot: Slot
    hosts: tuple[Assigned, ...]
    joins: Meeting | None = None
    is_anyway: bool = False
    note: str = ""

    @property
    def users(self) -> list[int]:
        """Who serves it, by primary key."""
        return [host.user for host in self.hosts if host.user is not None]

    def picked(self, calendar: Offered, because: str) -> "Found":
        """What was found, noted as picked: by whoever could say who is to serve it."""
        if not lets_pick_host(calendar):
            return self
        return replace(self, hosts=tuple(replace(host, because=because) for host in self.hosts))


def find_slot(
    calendar: Offered,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
) -> Found:
    """The offered slot at exactly that time. With `host` only that host is asked, where one of
    several serves it.

    What is `moving` keeps its host where they are free. Raises `SlotTaken` where the time is
    offered otherwise, else `NotOffered`.
    """
    try:
        return find_slot_for_staff(calendar, starts_at, now=now, host=host, moving=moving)
    except NotFree as refused:
        taken = not _TAKEN.isdisjoint(refused.verdict.refused.values())
        raise (SlotTaken if taken else NotOffered) from refused


def find_slot_for_staff(
    calendar: Offered,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
) -> Found:
    """Who serves that time, as staff are told: raises `NotFree` with what each host says."""
    start, wanted = int(starts_at.timestamp()), wanted_for(calendar, moving)
    offer = load(wanted, asked=(start, start + 1), now=now, host=host, moving=moving)
    slots = offer.slots()
    if not wanted.is_active or not slots:
        raise NotFree(offer.verdict(start))
    return _found(wanted, slots[0], moving)


def find_anyway(
    calendar: Offered,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
) -> Found:
    """That time, whatever stands in the way: what does is noted. Where it is offered, nothing is.

    Of a meeting that is full already it is one more seat. Raises `NotBookable` for a calendar
    without the hosts it needs, or where `host` does not serve it.
    """
    wanted = wanted_for(calendar, moving)
    try:
        return find_slot_for_staff(wanted, starts_at, now=now, host=host, moving=moving)
    except NotFree as refused:
        verdict = refused.verdict
    able = _able(wanted, verdict, host=host, moving=moving)
    if not able:
        raise NotBookable
    found = _found(wanted, Slot(verdict.start, verdict.end, able), moving)
    against = objections(wanted, verdict, now=now, moving=moving)
    said = {key_of(each): against[key_of(each)] for each in found.hosts if key_of(each) in against}
    return replace(found, is_anyway=True, note=_note(said))


def objections(
    calendar: Offered, verdict: Verdict, *, now: datetime, moving: Moving | None = None
) -> dict[int, list[Reason]]:
    """Everything against that time, per host: the engine's first reason, and what lies there.

    A time that is too soon or out of hours may be another appointment's, too.
    """
    hosts, wanted = verdict.refused, wanted_for(calendar, moving)
    there = obstacles(
        wanted, verdict.start, wanted.rules, users=hosts, now=now, moving=moving
    ).refused
    return {
        host: list(dict.fromkeys([reason, *([there[host]] if host in there else [])]))
        for host, reason in hosts.items()
    }


def _found(wanted: Combination, slot: Slot, moving: Moving | None) -> Found:
    joinable: Mapping[int, Meeting] = {}
    if not (wanted.further or (moving and moving.is_whole)):
        leaving = moving.meeting if moving else None
        joinable = meetings_at(wanted.first, (slot.start, slot.end), slot.hosts, but=leaving)
    hosts = assign(wanted.first, slot, moving=moving, joinable=joinable)
    return Found(slot, hosts, joins=joinable.get(key_of(hosts[0])))


def _able(
    calendar: Combination, verdict: Verdict, *, host: int | None, moving: Moving | None
) -> tuple[int, ...]:
    """Who can be made to serve it: all, or of several rather those who are free."""
    asked = (*verdict.free, *verdict.refused)
    if not lets_pick_host(calendar):
        return asked
    able = [host] if host is not None else _serving(moving, calendar)
    free = tuple(user for user in able if user in verdict.free)
    return free or tuple(user for user in able if user in verdict.refused)


def _serving(moving: Moving | None, calendar: Combination) -> list[int]:
    """Who may serve it: whoever does already where it is moved, else every host."""
    hosts = list(hosts_of(calendar).values_list("user_id", flat=True))
    if moving is None:
        return hosts
    now = set(moving.meeting.hosts.serving().values_list("user_id", flat=True))
    return [user for user in hosts if user in now] or hosts


def _note(against: Mapping[int, Sequence[Reason]]) -> str:
    """For the history, which is in English whoever books."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"Booked anyway: {_in_words(against)}"


def _in_words(against: Mapping[int, Sequence[Reason]]) -> str:
    if not against:
        return "the calendar is not active."
    if len(against) == 1:
        return all_in_words(next(iter(against.values())))
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=against)}
    return " ".join(f"{names[host]}: {all_in_words(why)}" for host, why in against.items())
