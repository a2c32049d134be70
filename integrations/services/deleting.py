"""What follows where somebody deletes an event in iCloud, as its connection is set."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from calendars.models import BlockedSlot, BusySource
from calendars.services.blocking import forget, keep_deleted
from calendars.services.releasing import release_feeds
from integrations.models import Connection, RemoteCalendar, RemoteEvent
from integrations.services.pending_edits import lose_edits
from integrations.services.recognising import own_uids, removed_by_us, uids_read


def draw_deletion(calendar: RemoteCalendar, gone: Sequence[RemoteEvent], *, now: datetime) -> None:
    """Keep the busy time to come of these events, whose resources are gone, or free it.

    An event that stands in another calendar read for the same user was moved, Daybook's own never
    blocked its host, and what Daybook took away blocks nobody: of those nothing is kept. Call it
    with the calendar's row locked: then the setting that is read here counts.
    """
    source = calendar.busy_source
    if source is None or not gone:
        return
    uids = [event.uid for event in gone if event.uid]
    explained = own_uids(source, uids) | removed_by_us(uids) | uids_read(source, uids)
    frees = _frees(calendar, source)
    freed = {str(event.pk) for event in gone if frees or event.uid in explained}
    forget(source, freed)
    kept = [str(event.pk) for event in gone if str(event.pk) not in freed]
    keep_deleted(source, kept, now=now, may_have_moved=_may_move_unseen(source))


@transaction.atomic
def sweep_gone_calendars(
    connection: Connection, *, now: datetime, guard: Callable[[], None] = lambda: None
) -> None:
    """Treat what calendars block that are gone from the account as if it had been deleted there.

    From then on it is frozen like that. A calendar that comes back is expanded anew.
    """
    guard()
    unlabelled = BlockedSlot.objects.filter(
        source=OuterRef("busy_source"), deleted_remotely_at=None
    )
    gone = connection.calendars.filter(Exists(unlabelled), busy_source__gone_at__isnull=False)
    rows = gone.select_related("busy_source").select_for_update(of=("self",)).order_by("pk")
    for calendar in rows:
        events = list(calendar.events.only("pk", "uid"))
        draw_deletion(calendar, events, now=now)
        lose_edits(calendar.busy_source, events)


@transaction.atomic
def change_deletion_rules(
    connection: Connection, *, frees: bool, cancels: bool, now: datetime
) -> int:
    """Say what follows from deletions from now on; how many times ahead are free by that.

    To free them applies to what is kept so far as well. To cancel does not.
    """
    current = Connection.objects.live().select_for_update().filter(pk=connection.pk).first()
    if current is None:
        return 0  # disconnected meanwhile
    # A sync that draws consequences holds the calendar: it is done, or will read what is set now.
    list(current.calendars.select_for_update().order_by("pk"))
    sweep_gone_calendars(current, now=now)
    current.frees_deleted, current.cancels_deleted = frees, cancels
    current.save(update_fields=["frees_deleted", "cancels_deleted"])
    feeds = BusySource.objects.filter(remote_calendar__connection=current)
    return release_feeds(feeds, now=now) if frees else 0


def count_of_kept(now: datetime) -> Count:
    """To annotate connections with: how many times ahead stay blocked by events deleted there."""
    slots = "calendars__busy_source__blockedslot"
    ahead = Q(**{f"{slots}__deleted_remotely_at__isnull": False, f"{slots}__ends_at__gt": now})
    return Count(slots, filter=ahead)


def _frees(calendar: RemoteCalendar, source: BusySource) -> bool:
    """Whether nothing is kept: its owner wants it so, or its calendar blocks nothing anyway."""
    wanted = Connection.objects.filter(pk=calendar.connection_id, frees_deleted=True)
    blocks = BusySource.objects.filter(pk=source.pk, is_blocking=True)
    return wanted.exists() or not blocks.exists()


def _may_move_unseen(source: BusySource) -> bool:
    """Whether any calendar that the feed's user has here is not read: what was moved there looks
    deleted."""
    listed = RemoteCalendar.objects.filter(
        connection__in=Connection.objects.live().filter(
            user=source.user_id, sub_account=source.sub_account_id
        ),
        kind=RemoteCalendar.Kind.EVENTS,
        missing_since=None,
    )
    resting = ~Q(
        connection__state=Connection.State.CONNECTED, connection__problem=Connection.Problem.NONE
    )
    return listed.filter(Q(busy_source=None) | resting).exists()
