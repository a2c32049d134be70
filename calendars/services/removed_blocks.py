"""What somebody removed a moment ago, so that they can have it back: the last removal, an hour."""

from collections.abc import Sequence

from django.core.cache import cache

from accounts.models import Member
from calendars.models import BlockedSlot

AN_HOUR = 60 * 60
_FACTS = ("user_id", "starts_at", "ends_at", "title", "made_together")


def remember(rows: Sequence[BlockedSlot], *, by: Member) -> None:
    facts = [{name: getattr(row, name) for name in _FACTS} for row in rows]
    cache.set(_key(by), facts, AN_HOUR)


def remembered(by: Member) -> list[BlockedSlot]:
    """What can be had back, not saved; empty where there is nothing."""
    return [BlockedSlot(**facts) for facts in cache.get(_key(by), [])]


def forget(by: Member) -> list[BlockedSlot]:
    """What can be had back, not saved; after this it cannot be had back again."""
    rows = remembered(by)
    cache.delete(_key(by))
    return rows


def _key(by: Member) -> str:
    return f"removed-blocks:{by.pk}"
