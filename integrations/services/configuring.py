"""A user's choice of calendars in a sub-account: one to write to, any number to check.

What is read follows from it: the linked calendar and the conflict calendars. A calendar that is
newly read closes its owner's availability until it has been read once; one that is no longer
chosen leaves nothing behind.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.models import SubAccount, User
from calendars.models import BusySource
from calendars.services.horizons import expand_soon
from calendars.services.releasing import release_feeds
from integrations.models import (
    CalendarConfiguration,
    ConflictCalendar,
    Connection,
    RemoteCalendar,
)
from integrations.services.departing import calendars_needed, have_all_written
from integrations.services.feeding import start_reading, stop_reading
from integrations.services.scheduling import sync_soon

READ_ONLY = _("Read-only: appointments can't be written to it.")
NOT_SAID = _(
    "iCloud doesn't say whether it may be written to. Refresh the calendar list on Connections."
)
GONE = _("iCloud no longer lists it.")
NOT_YOURS = _("That is not one of your calendars here.")
NOT_OFFERED = {
    RemoteCalendar.Kind.SUBSCRIBED: _(
        "A subscribed calendar: iCloud shows other programs nothing that is in it."
    ),
    RemoteCalendar.Kind.REMINDERS: _("A reminders list: it holds no events."),
    RemoteCalendar.Kind.SYSTEM: _("A system collection: it is not a calendar."),
}


class NotSelectable(Exception):
    """A calendar can't be chosen for this; the text says why."""


@dataclass(frozen=True)
class Choice:
    """What a user chose: `conflicts` include the linked calendar while it is ticked."""

    linked: RemoteCalendar | None
    conflicts: tuple[RemoteCalendar, ...]


def configuration_of(user: User, sub_account: SubAccount) -> CalendarConfiguration:
    configuration, _created = CalendarConfiguration.objects.get_or_create(
        user=user, sub_account=sub_account
    )
    return configuration


def choice_of(user: User, sub_account: SubAccount) -> Choice:
    """The choice as it stands. Writes nothing."""
    calendars = calendars_of(user, sub_account)
    conflicts = calendars.filter(
        conflictcalendar__configuration__user=user,
        conflictcalendar__configuration__sub_account=sub_account,
    )
    linked = calendars.filter(linked_by__user=user, linked_by__sub_account=sub_account)
    return Choice(linked.first(), tuple(conflicts))


def calendars_of(user: User, sub_account: SubAccount) -> QuerySet[RemoteCalendar]:
    """All a user's connected accounts list in this sub-account, account by account."""
    return (
        RemoteCalendar.objects.within(sub_account)
        .filter(connection__in=Connection.objects.of(user, sub_account).staying())
        .select_related("connection__sub_account", "connection__user", "busy_source")
        .order_by("connection__created_at", "connection_id", "position", "name", "pk")
    )


def offered(user: User, sub_account: SubAccount) -> QuerySet[RemoteCalendar]:
    """The calendars a dialog lists: those that hold events, and those still chosen."""
    there = Q(kind=RemoteCalendar.Kind.EVENTS, missing_since=None)
    return calendars_of(user, sub_account).filter(there | ~Q(busy_source=None))


def why_not_conflict(calendar: RemoteCalendar) -> str:
    """Why a calendar can't be read; "" where it can. Reading it is enough, whoever owns it.

    One that is chosen can stay so whatever became of it: its time must not open unasked.
    """
    if calendar.busy_source_id is not None:
        return ""
    if calendar.kind != RemoteCalendar.Kind.EVENTS:
        return gettext(NOT_OFFERED[RemoteCalendar.Kind(calendar.kind)])
    return gettext(GONE) if calendar.missing_since else ""


def why_not_linked(calendar: RemoteCalendar) -> str:
    """Why appointments can't be written to a calendar; "" where they can."""
    if calendar.kind != RemoteCalendar.Kind.EVENTS:
        return gettext(NOT_OFFERED[RemoteCalendar.Kind(calendar.kind)])
    if calendar.missing_since:
        return gettext(GONE)
    if calendar.can_write is None:
        return gettext(NOT_SAID)
    return "" if calendar.can_write else gettext(READ_ONLY)


@transaction.atomic
def choose_linked(
    configuration: CalendarConfiguration,
    calendar: RemoteCalendar | None,
    *,
    takes_upcoming: bool = False,
) -> int:
    """Write appointments to `calendar` from now on, or nowhere. Raises NotSelectable.

    With `takes_upcoming` the events of upcoming appointments are written to it as well, or move
    there from where they stand; returns how many. Until that is done, the calendar they leave is
    read, though it may be chosen no more.

    A newly linked calendar becomes a conflict calendar; it can be unticked later. The one before
    stays a conflict calendar if it was one: whether somebody meant that or it came with linking is
    not known, and time that was blocked must not open unasked.
    """
    mine = _locked(configuration)
    if calendar is not None:
        _check(mine.get(calendar.pk), why_not_linked)
    before = configuration.linked_calendar_id
    wanted = calendar.pk if calendar else None
    if wanted != before:
        configuration.linked_calendar_id = wanted
        configuration.save(update_fields=["linked_calendar"])
        if wanted is not None:
            ConflictCalendar.objects.get_or_create(
                configuration=configuration, remote_calendar_id=wanted
            )
    taken = 0
    if calendar is not None and takes_upcoming:
        taken = have_all_written(
            configuration.user,
            configuration.sub_account,
            calendar,
            was_linked=wanted == before,
        )
    _reconcile(configuration, mine)
    return taken


@transaction.atomic
def stop_reading_what_was_left(connection: Connection) -> None:
    """Stop reading calendars of it that are not chosen any more, once no event is to leave them."""
    left = connection.calendars.exclude(busy_source=None).filter(
        conflictcalendar=None, linked_by=None
    )
    if not left.exists():
        return
    configuration = configuration_of(connection.user, connection.sub_account)
    _reconcile(configuration, _locked(configuration))


@transaction.atomic
def choose_conflicts(
    configuration: CalendarConfiguration, calendars: Collection[RemoteCalendar]
) -> None:
    """Check exactly these calendars for conflicts. Raises NotSelectable."""
    mine = _locked(configuration)
    for calendar in calendars:
        _check(mine.get(calendar.pk), why_not_conflict)
    wanted = {calendar.pk for calendar in calendars}
    rows = ConflictCalendar.objects.filter(configuration=configuration)
    rows.exclude(remote_calendar__in=wanted).delete()
    held = set(rows.values_list("remote_calendar_id", flat=True))
    ConflictCalendar.objects.bulk_create(
        ConflictCalendar(configuration=configuration, remote_calendar_id=pk)
        for pk in sorted(wanted - held)
    )
    _reconcile(configuration, mine)


def _locked(configuration: CalendarConfiguration) -> dict[int, RemoteCalendar]:
    """The user's own calendars, while neither the choice nor a connection can change."""
    current = CalendarConfiguration.objects.select_for_update().get(pk=configuration.pk)
    configuration.linked_calendar_id = current.linked_calendar_id
    user, sub_account = current.user, current.sub_account
    list(Connection.objects.of(user, sub_account).select_for_update().order_by("pk"))
    return {calendar.pk: calendar for calendar in calendars_of(user, sub_account)}


def _check(calendar: RemoteCalendar | None, why_not: Callable[[RemoteCalendar], str]) -> None:
    if calendar is None:
        raise NotSelectable(NOT_YOURS)
    reason = why_not(calendar)
    if reason:
        raise NotSelectable(f"{calendar}: {reason}")


def _reconcile(configuration: CalendarConfiguration, mine: Mapping[int, RemoteCalendar]) -> None:
    """Read what is chosen, and where events of upcoming appointments stand: their owner may move
    them there, or they are still to leave. Nothing else."""
    conflicts = set(
        ConflictCalendar.objects.filter(configuration=configuration).values_list(
            "remote_calendar_id", flat=True
        )
    )
    chosen = conflicts | {configuration.linked_calendar_id}
    read = {pk: row for pk, row in mine.items() if row.busy_source_id}
    chosen |= calendars_needed(read.keys() - chosen)
    stop_reading(row for pk, row in read.items() if pk not in chosen)
    affected = {}
    for pk in mine.keys() & chosen:
        if _follow(mine[pk], is_blocking=pk in conflicts):
            affected[mine[pk].connection_id] = mine[pk].connection
    for connection in affected.values():
        if connection.state == Connection.State.CONNECTED:
            sync_soon(connection)


def _follow(calendar: RemoteCalendar, *, is_blocking: bool) -> bool:
    """Have a chosen calendar read, blocking or only shown; whether that changed anything."""
    source = calendar.busy_source
    if source is None:
        start_reading(calendar, is_blocking=is_blocking)
        return True
    changed = BusySource.objects.filter(pk=source.pk, is_blocking=not is_blocking)
    if not changed.update(is_blocking=is_blocking):
        return False
    if not is_blocking:
        release_feeds([source], now=timezone.now())
    expand_soon([source])  # its reading rules came or went with the tick
    return True
