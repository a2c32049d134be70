"""Busy time as the engine wants it: spans of epoch seconds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from accounts.models import SubAccount
from calendars.engine.spans import Span
from calendars.models import BlockedSlot, Meeting, Taken, resource_of


def blocked_time(
    users: Iterable[int], sub_account: SubAccount, *, within: Span
) -> tuple[Mapping[int, list[Span]], Mapping[int, list[Span]]]:
    """Time blocked by hand, and external events, per user; in this sub-account."""
    by_hand: defaultdict[int, list[Span]] = defaultdict(list)
    external: defaultdict[int, list[Span]] = defaultdict(list)
    start, end = _instants(within)
    rows = (
        BlockedSlot.objects.within(sub_account)
        .blocking()
        .filter(user__in=users, starts_at__lt=end, ends_at__gt=start)
        .order_by()
        .values_list("user_id", "source_id", "starts_at", "ends_at")
    )
    for user, source, starts_at, ends_at in rows:
        found = external if source else by_hand
        found[user].append((int(starts_at.timestamp()), int(ends_at.timestamp())))
    return by_hand, external


def taken_time(
    users: Iterable[int], *, within: Span, but: Meeting | None = None
) -> Mapping[int, list[Span]]:
    """Taken time per user, buffers included; in every sub-account. One meeting may be left out."""
    by_resource = {resource_of(user): user for user in users}
    found: defaultdict[int, list[Span]] = defaultdict(list)
    start, end = _instants(within)
    rows = Taken.objects.filter(resource__in=by_resource, starts_at__lt=end, ends_at__gt=start)
    if but is not None:
        rows = rows.exclude(meeting_host__meeting=but)
    for resource, starts_at, ends_at in rows.values_list("resource", "starts_at", "ends_at"):
        found[by_resource[resource]].append((int(starts_at.timestamp()), int(ends_at.timestamp())))
    return found


def _instants(span: Span) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(span[0], UTC), datetime.fromtimestamp(span[1], UTC)
