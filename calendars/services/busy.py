"""Busy time as the engine wants it: spans of epoch seconds.

The database puts each user's starts into one text, and each user's ends: a text of thousands of
numbers is read several times as fast as thousands of rows, and the engine asks for no more.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Aggregate, F, Q, QuerySet, TextField, Value

from accounts.models import SubAccount
from calendars.engine.spans import Span, Spans
from calendars.models import BlockedSlot, BusySource, Meeting, Taken, resource_of
from calendars.services.prepared import rows_of


class _Numbers(Aggregate):
    """A column's numbers as a JSON array, in any order."""

    function = "json_group_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # An array's text is made in less time than what json_agg makes, and differs in its braces.
        sql, parameters = self.as_sql(compiler, connection, function="array_agg", **extra)
        return f"translate(({sql})::text, '{{}}', '[]')", parameters


def blocked_time(
    users: Iterable[int], sub_account: SubAccount, *, within: Span
) -> tuple[Mapping[int, Spans], Mapping[int, Spans]]:
    """Time blocked by hand, and external events, of each user who has any; in this sub-account.

    One query.
    """
    asked = tuple(users)
    rows = rows_of(_blocked, sub_account.pk, *within, *asked) if asked else ()
    return (
        {user: _spans(*texts) for user, is_by_hand, *texts in rows if is_by_hand},
        {user: _spans(*texts) for user, is_by_hand, *texts in rows if not is_by_hand},
    )


def _blocked(sub_account: int, start: int, end: int, *users: int) -> QuerySet[Any, Any]:
    here = SubAccount(pk=sub_account)
    # Not joined: the feeds are few, and the slots are then found by the index alone.
    blocking = BusySource.objects.within(here).filter(is_blocking=True).values("pk")
    slots = BlockedSlot.objects.within(here).filter(
        _lasting(start, end), user__in=users, is_busy=True
    )
    # Two halves, each with an index: to sort every row into one of two lists takes twice as long.
    by_hand = _by_user(slots.filter(source__isnull=True), is_by_hand=True)
    outside = _by_user(slots.filter(source__isnull=False, source__in=blocking), is_by_hand=False)
    return by_hand.union(outside, all=True)


def _by_user(slots: QuerySet[BlockedSlot], *, is_by_hand: bool) -> QuerySet[Any, Any]:
    whose = slots.values("user_id", is_by_hand=Value(is_by_hand))
    return whose.annotate(**_edges()).order_by()


def taken_time(
    users: Iterable[int], *, within: Span, but: Meeting | None = None
) -> Mapping[int, Spans]:
    """Taken time, buffers included, of each user who has any; in every sub-account. One meeting
    may be left out.

    One query.
    """
    by_resource = {resource_of(user): user for user in users}
    if not by_resource:
        return {}
    if but is None:
        rows = rows_of(_taken, *within, *by_resource)
    else:
        rows = rows_of(_taken_but, but.pk, *within, *by_resource)
    return {by_resource[resource]: _spans(*texts) for resource, *texts in rows}


def _taken(start: int, end: int, *resources: str) -> QuerySet[Any, Any]:
    spans = Taken.objects.filter(_lasting(start, end), resource__in=resources)
    return spans.values("resource").annotate(**_edges()).order_by()


def _taken_but(meeting: int, *asked: Any) -> QuerySet[Any, Any]:
    return _taken(*asked).exclude(meeting_host__meeting=meeting)


def _lasting(start: int, end: int) -> Q:
    """Rows that share a second with the span. A row can be shorter than a second."""
    shared = Q(ends_epoch__gt=start, starts_epoch__lt=end)
    return shared & Q(starts_epoch__lt=F("ends_epoch"))


def _edges() -> dict[str, _Numbers]:
    return {"starts": _Numbers("starts_epoch"), "ends": _Numbers("ends_epoch")}


def _spans(starts: str, ends: str) -> Spans:
    return Spans(json.loads(starts), json.loads(ends))
