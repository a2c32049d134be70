"""What is blocked by hand, as its pages list and count it: what was made together is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _

from accounts.models import Member
from calendars.models import BlockedSlot
from calendars.services.blocking_by_hand import Scope, changeable, meant
from calendars.services.discretion import BUSY, sees_details


@dataclass(frozen=True, slots=True)
class Blocked:
    """Slots made together: `times` for each, from `first` to `last`. `people` are named where it
    is not the reader's time alone."""

    first: BlockedSlot
    last: BlockedSlot
    times: int
    title: str
    people: tuple[str, ...]


def blocked_ahead(reader: Member, *, now: datetime) -> list[Blocked]:
    """What the reader may change of it and is not over, the soonest first. One query."""
    slots = changeable(reader).filter(ends_at__gt=now).select_related("user")
    rows = sorted(slots, key=lambda slot: (str(slot.made_together or slot.pk), slot.starts_at))
    groups = groupby(rows, key=lambda slot: str(slot.made_together or slot.pk))
    found = [_blocked(list(together), reader) for _key, together in groups]
    return sorted(found, key=lambda one: (one.first.starts_at, one.first.pk))


def counts(slot: BlockedSlot, *, by: Member) -> dict[Scope, tuple[int, int]]:
    """How many slots, and of how many people, each scope means; only scopes that differ."""
    one, following, everything = (_count(slot, scope, by) for scope in Scope)
    found = {Scope.ONE: one}
    if following not in (one, everything):
        found[Scope.FOLLOWING] = following
    if everything != one:
        found[Scope.ALL] = everything
    return found


def _count(slot: BlockedSlot, scope: Scope, by: Member) -> tuple[int, int]:
    users = list(meant(slot, scope, by=by).values_list("user", flat=True))
    return len(users), len(set(users))


def _blocked(together: Sequence[BlockedSlot], reader: Member) -> Blocked:
    own = [slot for slot in together if slot.user_id == reader.user_id]
    first = (own or together)[0]
    people = dict.fromkeys(str(slot.user) for slot in together)
    return Blocked(
        first=first,
        last=together[-1],
        times=sum(slot.user_id == first.user_id for slot in together),
        title=(first.title if sees_details(reader, of=first.user_id) else "") or _(BUSY),
        people=() if len(own) == len(together) else tuple(people),
    )
