"""Busy time as the engine wants it: spans of epoch seconds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import SubAccount
from calendars.engine.spans import Span
from calendars.models import BlockedSlot, BusySource, Meeting, Taken, resource_of


def blocked_time(
    users: Iterable[int], sub_account: SubAccount, *, within: Span
) -> tuple[Mapping[int, list[Span]], Mapping[int, list[Span]]]:
    """Time blocked by hand, and external events, per user; in this sub-account. One query."""
    by_hand: defaultdict[int, list[Span]] = defaultdict(list)
    external: defaultdict[int, list[Span]] = defaultdict(list)
    # Not joined: the feeds are few, and the slots are then read from the index alone.
    blocking = BusySource.objects.within(sub_account).filter(is_blocking=True)
    rows = (
        BlockedSlot.objects.within(sub_account)
        .filter(Q(source=None) | Q(source__in=blocking.values("pk")), user__in=users, is_busy=True)
        .filter(ends_epoch__gt=within[0], starts_epoch__lt=within[1])
        .order_by()
        .values_list("user_id", "source_id", "starts_epoch", "ends_epoch")
    )
    for user, source, start, end in _rows(rows):
        (external if source else by_hand)[user].append((start, end))
    return by_hand, external


def taken_time(
    users: Iterable[int], *, within: Span, but: Meeting | None = None
) -> Mapping[int, list[Span]]:
    """Taken time per user, buffers included; in every sub-account. One meeting may be left out.

    One query.
    """
    by_resource = {resource_of(user): user for user in users}
    found: defaultdict[int, list[Span]] = defaultdict(list)
    rows = Taken.objects.filter(
        resource__in=by_resource, ends_epoch__gt=within[0], starts_epoch__lt=within[1]
    )
    if but is not None:
        rows = rows.exclude(meeting_host__meeting=but)
    spans = rows.order_by().values_list("resource", "starts_epoch", "ends_epoch")
    for resource, start, end in _rows(spans):
        found[by_resource[resource]].append((start, end))
    return found


def _rows(found: QuerySet[Any, Any]) -> Sequence[tuple[Any, ...]]:
    """The rows as the database gives them: numbers and texts. A query set hands thousands of rows
    on a hundred at a time, which costs more than reading them."""
    try:
        query, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return rows
