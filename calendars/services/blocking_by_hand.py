"""Time that people block for themselves, and admins for several of them. It stays in Daybook: no
calendar outside learns of it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import Member
from calendars.models import BlockedSlot, MeetingHost
from calendars.models.blocked import BlockedSlotQuerySet
from calendars.services.repeating import shifted, wall_clock

NO_TIME = timedelta(0)


class Scope(StrEnum):
    """How much of what was made together is meant."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be blocked; in UTC. `days`: how much later it begins each time, by the wall clock
    of whose time it is."""

    starts_at: datetime
    ends_at: datetime
    title: str
    days: tuple[timedelta, ...] = (NO_TIME,)


def changeable(member: Member) -> BlockedSlotQuerySet:
    """The slots made by hand that the member may change: their own; an admin also those that were
    made for several people at once."""
    here: BlockedSlotQuerySet = BlockedSlot.objects.within(member.sub_account).filter(source=None)
    if not member.is_admin:
        return here.filter(user=member.user_id)
    people = here.exclude(made_together=None).values("made_together").order_by()
    for_several = people.annotate(people=Count("user", distinct=True)).filter(people__gt=1)
    return here.filter(
        Q(user=member.user_id) | Q(made_together__in=for_several.values("made_together"))
    )


def is_by_hand(slot: BlockedSlot) -> bool:
    """Whether its owner may change it here. What a feed has written is changed where it is from."""
    return slot.source_id is None


def has_meeting_in(*slots: BlockedSlot) -> bool:
    """Whether somebody has a meeting in their blocked time, which blocking it does not call off."""
    if not slots:
        return False
    parts = MeetingHost.objects.filter(user__in={slot.user_id for slot in slots}).holding()
    meetings = parts.filter(
        meeting__starts_at__lt=max(slot.ends_at for slot in slots),
        meeting__ends_at__gt=min(slot.starts_at for slot in slots),
    ).values_list("user_id", "meeting__starts_at", "meeting__ends_at")
    return any(
        slot.user_id == user and slot.starts_at < ends_at and slot.ends_at > starts_at
        for user, starts_at, ends_at in meetings
        for slot in slots
    )


def block(wanted: Wanted, *, members: Sequence[Member]) -> list[BlockedSlot]:
    """Block that time for each of the members, as often as it repeats."""
    together = uuid.uuid4() if len(members) * len(wanted.days) > 1 else None
    rows: list[BlockedSlot] = []
    for member in members:
        for day in wanted.days:
            starts_at, ends_at = shifted(
                wanted.starts_at, wanted.ends_at, by=day, longer=NO_TIME, zone=member.zone
            )
            rows.append(
                BlockedSlot(
                    sub_account=member.sub_account,
                    user_id=member.user_id,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    title=wanted.title,
                    made_together=together,
                )
            )
    return list(BlockedSlot.objects.bulk_create(rows))


def meant(slot: BlockedSlot, scope: Scope, *, by: Member) -> BlockedSlotQuerySet:
    """Those of the slots made together with this one that are meant, and theirs to change."""
    mine = changeable(by)
    if scope is Scope.ONE or slot.made_together is None:
        return mine.filter(pk=slot.pk)
    together = mine.filter(made_together=slot.made_together)
    return together if scope is Scope.ALL else together.filter(starts_at__gte=slot.starts_at)


@transaction.atomic
def change(
    slot: BlockedSlot, wanted: Wanted, scope: Scope, *, by: Member, keeps_title: bool = False
) -> list[BlockedSlot]:
    """Give the slot that time and title, and move what else is meant as much by the wall clock.

    Others keep a title that was not changed, so that nobody's own wording is lost.
    """
    start = wall_clock(wanted.starts_at, by.zone) - wall_clock(slot.starts_at, by.zone)
    end = wall_clock(wanted.ends_at, by.zone) - wall_clock(slot.ends_at, by.zone)
    rows = list(meant(slot, scope, by=by).select_for_update())
    zones = _zones(rows, by)
    for row in rows:
        if row.pk == slot.pk:
            row.starts_at, row.ends_at = wanted.starts_at, wanted.ends_at
        else:
            row.starts_at, row.ends_at = shifted(
                row.starts_at,
                row.ends_at,
                by=start,
                longer=end - start,
                zone=zones.get(row.user_id, by.sub_account.zone),
            )
        if not keeps_title:
            row.title = wanted.title
    BlockedSlot.objects.bulk_update(rows, ["starts_at", "ends_at", "title"])
    return rows


@transaction.atomic
def remove(slot: BlockedSlot, scope: Scope, *, by: Member) -> list[BlockedSlot]:
    """Open what is meant again; returns what there was, in order."""
    rows = list(meant(slot, scope, by=by).select_for_update())
    BlockedSlot.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def put_back(rows: Iterable[BlockedSlot], *, by: Member) -> list[BlockedSlot]:
    """Block again what was removed, for whom this member may and who still are members."""
    here = Member.objects.within(by.sub_account)
    members = here if by.is_admin else here.filter(pk=by.pk)
    users = set(members.values_list("user", flat=True))
    again = [
        BlockedSlot(
            sub_account=by.sub_account,
            user_id=row.user_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            title=row.title,
            made_together=row.made_together,
        )
        for row in rows
        if row.user_id in users
    ]
    return list(BlockedSlot.objects.bulk_create(again))


def _zones(rows: Iterable[BlockedSlot], by: Member) -> Mapping[int, ZoneInfo]:
    here = Member.objects.within(by.sub_account).select_related("sub_account")
    members = here.filter(user__in={row.user_id for row in rows})
    return {member.user_id: member.zone for member in members}
