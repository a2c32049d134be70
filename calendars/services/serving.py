"""Who serves a calendar, and up to when their outside calendars are known."""

from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Case, Exists, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.lookups import GreaterThanOrEqual

from accounts.models import Member
from calendars.engine.slots import Kind
from calendars.models import BusySource, CalendarHost
from calendars.models.epochs import EpochSeconds
from calendars.services.combining import Combination, Offered, combination
from calendars.services.limiting import CHOOSING
from calendars.services.prepared import rows_of
from calendars.services.seats import ITSELF

TOGETHER = 2  # so many hosts at least make a collective calendar


def lets_pick_host(calendar: Offered) -> bool:
    """Whether one of several hosts serves a meeting, so that it matters who."""
    return Kind(combination(calendar).first.kind) in CHOOSING


def hosts_of(calendar: Offered) -> QuerySet[CalendarHost]:
    """The calendar's hosts who are active members of its sub-account, in host order; of several
    services those of the first who serve all of them."""
    wanted = combination(calendar)
    further = (service.pk for service in wanted.further)
    return _serving(wanted.first.pk, wanted.first.sub_account_id, *further)


def _serving(calendar: int, sub_account: int, *further: int) -> QuerySet[CalendarHost]:
    members = Member.objects.filter(sub_account=sub_account, user=OuterRef("user"))
    rows = CalendarHost.objects.filter(Exists(members), calendar=calendar, user__is_active=True)
    for service in further:
        rows = rows.filter(user__calendarhost__calendar=service)
    return rows.order_by("position", "pk")


def asked_hosts(wanted: Combination, *, now: datetime, host: int | None) -> dict[int, int | None]:
    """Those of the hosts whose answers count, as `known_until` has them; with `host`, a user's
    primary key, only that one, if it matters who serves it."""
    known = serving_hosts(wanted, now=now)
    match Kind(wanted.first.kind):
        case Kind.CLASS:
            return dict(islice(known.items(), 1))
        case Kind.COLLECTIVE:
            return known if len(known) >= TOGETHER else {}
        case Kind.SIMPLE:
            return known
    return known if host is None else {user: known[user] for user in known if user == host}


def serving_hosts(wanted: Combination, *, now: datetime) -> dict[int, int | None]:
    """As `known_until` has them, for whoever can serve it, be it the calendar itself."""
    if wanted.first.kind == Kind.SIMPLE:
        return {ITSELF: None}
    return known_until(wanted, now=now)


def known_until(calendar: Offered, *, now: datetime) -> dict[int, int | None]:
    """Up to when the outside calendars of each host are known, in epoch seconds: 0 where one of
    them is stale by now, or was never read; None where they have none. One query."""
    wanted = combination(calendar)
    here = wanted.first.sub_account
    fresh_since = int((now - here.stale_after).timestamp())
    further = (service.pk for service in wanted.further)
    return dict(rows_of(_known, fresh_since, here.pk, wanted.first.pk, *further))


def _known(
    fresh_since: int, sub_account: int, calendar: int, *further: int
) -> QuerySet[CalendarHost, Any]:
    known = Case(
        When(
            GreaterThanOrEqual(EpochSeconds("last_read_at"), fresh_since),
            expanded_until__isnull=False,
            then=EpochSeconds("expanded_until"),
        ),
        default=Value(0),
    )
    sources = BusySource.objects.filter(
        sub_account=sub_account, user=OuterRef("user"), is_blocking=True, gone_at=None
    )
    least = sources.order_by().values("user").annotate(known=Min(known)).values("known")
    rows = _serving(calendar, sub_account, *further).annotate(known_until=Subquery(least))
    return rows.values_list("user_id", "known_until")
