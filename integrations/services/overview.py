"""What the pages on connections and calendars show: rows in, descriptions out, nothing written."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext

from accounts.models import SubAccount, User
from integrations.models import Connection, RemoteCalendar, RemoteEvent, SyncRun
from integrations.services.configuring import NOT_OFFERED, choice_of, why_not_linked
from integrations.services.deleting import count_of_kept
from integrations.services.departing import leaving_of
from integrations.services.status import (
    ENTERED,
    FETCHED,
    CalendarStatus,
    ConnectionStatus,
    Progress,
    Skipped,
    describe,
    describe_calendar,
)

LONGEST_RUN = timedelta(minutes=2)  # a run older than that has died without saying so
NAMED = (RemoteCalendar.Kind.SUBSCRIBED, RemoteCalendar.Kind.REMINDERS)


@dataclass(frozen=True)
class LeftOut:
    """A collection of the account that is offered nowhere, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class ConnectionOverview:
    connection: Connection
    status: ConnectionStatus
    calendars: tuple[RemoteCalendar, ...]
    left_out: tuple[LeftOut, ...]
    kept: int  # times ahead that stay blocked though their events were deleted


@dataclass(frozen=True)
class Panel:
    """Calendar Configuration. `write_problem` says why the linked calendar can't be written."""

    linked: CalendarStatus | None
    write_problem: str
    conflicts: tuple[CalendarStatus, ...]

    @property
    def is_moving(self) -> bool:
        """Whether one of its calendars is being read for the first time."""
        shown = [*self.conflicts, *([self.linked] if self.linked else [])]
        return any(status.kind == "busy" for status in shown)

    @property
    def linked_blocks(self) -> bool:
        chosen = {status.calendar for status in self.conflicts}
        return self.linked is not None and self.linked.calendar in chosen


def connections_of(user: User, sub_account: SubAccount, now: datetime) -> list[ConnectionOverview]:
    """A user's connections in a sub-account, oldest first."""
    rows = Connection.objects.of(user, sub_account).select_related("remote_account")
    mine = list(rows.annotate(kept=count_of_kept(now)).prefetch_related("calendars"))
    being_read, leaving, progress = _running(mine, now), _leaving(mine), _progress(mine)
    return [
        ConnectionOverview(
            row,
            describe(
                row,
                now,
                is_running=row.pk in being_read,
                leaving=leaving.get(row.pk, 0),
                progress=progress.get(row.pk),
            ),
            *_sorted_out(row.calendars.all()),
            kept=row.kept,
        )
        for row in mine
    ]


def status_of(connection: Connection, now: datetime) -> ConnectionStatus:
    return describe(
        connection,
        now,
        is_running=bool(_running([connection], now)),
        leaving=leaving_of(connection).count(),
        progress=_progress([connection]).get(connection.pk),
    )


def panel_of(user: User, sub_account: SubAccount, now: datetime) -> Panel:
    """A user's choice of calendars, each with how well it is read."""
    choice = choice_of(user, sub_account)
    chosen = {calendar.pk: calendar for calendar in choice.conflicts}
    if choice.linked:
        chosen[choice.linked.pk] = choice.linked
    by_calendar = {status.calendar.pk: status for status in _statuses(chosen.values(), now)}
    return Panel(
        linked=by_calendar[choice.linked.pk] if choice.linked else None,
        write_problem=why_not_linked(choice.linked) if choice.linked else "",
        conflicts=tuple(by_calendar[calendar.pk] for calendar in choice.conflicts),
    )


def _running(connections: Iterable[Connection], now: datetime) -> set[int]:
    runs = SyncRun.objects.filter(
        connection__in=list(connections),
        result=SyncRun.Result.RUNNING,
        started_at__gt=now - LONGEST_RUN,
    )
    return set(runs.values_list("connection_id", flat=True))


def _progress(connections: Iterable[Connection]) -> dict[int, Progress]:
    """How far those have come that are read for the first time; nothing of one that has not
    listed any events yet."""
    first = [row.pk for row in connections if row.synced_at is None]
    if not first:
        return {}
    unread: Counter[int] = Counter()
    for pk, left in RemoteCalendar.objects.filter(connection__in=first).values_list(
        "connection_id", "unread"
    ):
        unread[pk] += left
    stored = (
        RemoteEvent.objects.filter(remote_calendar__connection__in=first, missing_since=None)
        .order_by()
        .values_list("remote_calendar__connection_id")
        .annotate(read=Count("pk", filter=Q(is_applied=True)), known=Count("pk"))
    )
    return {pk: _how_far(read, known, unread[pk]) for pk, read, known in stored}


def _how_far(entered: int, fetched: int, left: int) -> Progress:
    if left:
        return Progress(fetched, fetched + left, gettext(FETCHED))
    return Progress(entered, fetched, gettext(ENTERED))


def _leaving(connections: Iterable[Connection]) -> dict[int, int]:
    """How many events are still to be removed over each that is being disconnected."""
    return {
        connection.pk: leaving_of(connection).count()
        for connection in connections
        if connection.state == Connection.State.LEAVING
    }


def _sorted_out(
    calendars: Iterable[RemoteCalendar],
) -> tuple[tuple[RemoteCalendar, ...], tuple[LeftOut, ...]]:
    listed = [row for row in calendars if row.missing_since is None]
    events = tuple(row for row in listed if row.kind == RemoteCalendar.Kind.EVENTS)
    left_out = tuple(
        LeftOut(str(row), gettext(NOT_OFFERED[RemoteCalendar.Kind(row.kind)]))
        for row in listed
        if row.kind in NAMED
    )
    return events, left_out


def _statuses(calendars: Collection[RemoteCalendar], now: datetime) -> list[CalendarStatus]:
    rows = (
        RemoteEvent.objects.filter(
            remote_calendar__in=[calendar.pk for calendar in calendars], missing_since=None
        )
        .order_by()
        .values_list("remote_calendar_id", "parse_state", "problem")
        .annotate(count=Count("pk"))
    )
    events: dict[int, int] = {}
    skipped: dict[int, list[Skipped]] = {}
    for pk, state, problem, count in rows:
        events[pk] = events.get(pk, 0) + count
        if problem or state != RemoteEvent.Parse.OK:
            words = problem or str(RemoteEvent.Parse(state).label)
            skipped.setdefault(pk, []).append(Skipped(count, words))
    return [
        describe_calendar(
            calendar,
            now,
            events=events.get(calendar.pk, 0),
            skipped=tuple(sorted(skipped.get(calendar.pk, []), key=lambda one: -one.count)),
        )
        for calendar in calendars
    ]
