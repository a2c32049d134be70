"""Busy time as the engine wants it: spans of epoch seconds.

The database puts each user's starts into one text, and each user's ends: a text of thousands of
numbers is read several times as fast as thousands of rows, and the engine asks for no more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Aggregate, F, Q, QuerySet, TextField

from accounts.models import SubAccount
from calendars.engine.spans import Span, Spans
from calendars.models import BlockedSlot, BusySource, Meeting, Taken, resource_of


class _Numbers(Aggregate):
    """A column's numbers as a JSON array, in any order; NULL or an empty one without rows."""

    function = "json_group_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        sql, parameters = self.as_sql(compiler, connection, function="json_agg", **extra)
        return f"({sql})::text", parameters


def blocked_time(
    users: Iterable[int], sub_account: SubAccount, *, within: Span
) -> tuple[Mapping[int, Spans], Mapping[int, Spans]]:
    """Time blocked by hand, and external events, of each user who has any; in this sub-account.

    One query.
    """
    # Not joined: the feeds are few, and the slots are then read from the index alone.
    blocking = BusySource.objects.within(sub_account).filter(is_blocking=True)
    found = (
        BlockedSlot.objects.within(sub_account)
        .filter(
            Q(source=None) | Q(source__in=blocking.values("pk")),
            _lasting(within),
            user__in=users,
            is_busy=True,
        )
        .values("user_id")
        .annotate(**_edges("own", Q(source=None)), **_edges("outside", ~Q(source=None)))
        .order_by()
    )
    rows = _rows(found)
    return (
        {user: _spans(*texts) for user, *texts, _, _ in rows},
        {user: _spans(*texts) for user, _, _, *texts in rows},
    )


def taken_time(
    users: Iterable[int], *, within: Span, but: Meeting | None = None
) -> Mapping[int, Spans]:
    """Taken time, buffers included, of each user who has any; in every sub-account. One meeting
    may be left out.

    One query.
    """
    by_resource = {resource_of(user): user for user in users}
    rows = Taken.objects.filter(_lasting(within), resource__in=by_resource)
    if but is not None:
        rows = rows.exclude(meeting_host__meeting=but)
    found = rows.values("resource").annotate(**_edges("taken")).order_by()
    return {by_resource[resource]: _spans(*texts) for resource, *texts in _rows(found)}


def _lasting(within: Span) -> Q:
    """Rows that share a second with the span. A row can be shorter than a second."""
    shared = Q(ends_epoch__gt=within[0], starts_epoch__lt=within[1])
    return shared & Q(starts_epoch__lt=F("ends_epoch"))


def _edges(name: str, of: Q | None = None) -> dict[str, _Numbers]:
    """The starts and the ends."""
    return {
        f"{name}_starts": _Numbers("starts_epoch", filter=of),
        f"{name}_ends": _Numbers("ends_epoch", filter=of),
    }


def _spans(starts: str | None, ends: str | None) -> Spans:
    return Spans(json.loads(starts or "[]"), json.loads(ends or "[]"))


def _rows(found: QuerySet[Any, Any]) -> Sequence[tuple[Any, ...]]:
    """The rows as the database gives them: numbers and texts."""
    try:
        query, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return rows
