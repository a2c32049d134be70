"""From facts to consequences: blocked slots follow from the events stored. Can be run again."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from calendars.models import BlockedSlot, BusySource
from calendars.services.blocking import release_reappeared, replace_many
from integrations.caldav.ics import is_written_by
from integrations.models import RemoteCalendar, RemoteEvent
from integrations.services.composing import site
from integrations.services.deleting import draw_deletion
from integrations.services.interpreting import Reading, Window, read, spans_of, window_of
from integrations.services.pending_edits import block_again, lose_edits
from integrations.services.recognising import own_copies, own_uids, written_by_us
from integrations.services.recovering import recover
from integrations.services.vanishing import sweep_own

CHUNK = 500
STRAY = "Daybook wrote this event, and knows of no appointment that it belongs to."
NOTE_READ = (
    "UPDATE integrations_remoteevent"
    " SET uid = %s, problem = %s, parse_state = %s, mirrors_id = %s, is_applied = %s WHERE id = %s"
)
AT_ONCE = 200  # events expanded, then written in one short transaction


def apply(calendar: RemoteCalendar, *, now: datetime, guard: Callable[[], None]) -> None:
    """Derive the blocked slots of every event whose facts changed, or that is to be read otherwise
    than it was.

    Part by part, each in a short transaction: whatever stops this, the parts done stay done.
    Expanding is outside of them; it takes long and writes nothing. `guard` is called in each
    transaction and raises where the work must stop.
    """
    source = calendar.busy_source
    if source is None or source.gone_at is not None:
        return  # what a calendar left behind that is gone is frozen
    window = window_of(calendar, source, now)
    _stretch(calendar, source, window, guard)
    changed = calendar.events.unapplied().filter(missing_since=None).order_by("pk")
    last = 0
    while events := list(changed.filter(pk__gt=last)[:AT_ONCE]):
        last = events[-1].pk
        readings = [read(event, window) for event in events]
        with transaction.atomic():
            guard()
            if not _is_read(calendar, source):
                return
            current = _still_true(readings)
            recover(calendar, source, [reading.event for reading in current])
            write(source, current)
            block_again(source, [reading.event for reading in current], window)
    BusySource.objects.filter(pk=source.pk).update(expanded_until=window.until)


def mark_read(calendar: RemoteCalendar, *, now: datetime) -> None:
    """Its last read is now, when everything that was read has had its consequences."""
    if not calendar.events.unapplied().filter(missing_since=None).exists():
        BusySource.objects.filter(remote_calendar=calendar).update(last_read_at=now)


@transaction.atomic
def sweep(calendar: RemoteCalendar, *, now: datetime, guard: Callable[[], None]) -> None:
    """Draw the consequences of deleted resources; what is doubted waits for a second look. Run it
    when every calendar of the account has been applied: one that moved to another of them was not
    deleted."""
    guard()
    source = calendar.busy_source
    if source is None or not _is_read(calendar, source):
        return
    missing = calendar.events.exclude(missing_since=None).exclude(is_doubted=True)
    gone = list(missing.only("pk", "uid", "href", "mirrors", "withheld", "missing_since"))
    waiting = sweep_own(calendar, gone, now=now)
    gone = [event for event in gone if event.pk not in waiting]
    draw_deletion(calendar, gone, now=now)
    lose_edits(source, gone)
    for start in range(0, len(gone), CHUNK):
        RemoteEvent.objects.filter(pk__in=[e.pk for e in gone[start : start + CHUNK]]).delete()


def _stretch(
    calendar: RemoteCalendar, source: BusySource, window: Window, guard: Callable[[], None]
) -> None:
    """Have expanded anew what the window reads otherwise than before: recurring events when it
    reaches further, all when the owner's zone or addresses or the reading rules changed.

    What the applied events follow is noted before they do: those that are not applied yet are the
    memory of what is left. Their old slots stay until they are replaced.
    """
    reads_otherwise = (source.expanded_in, calendar.expanded_by) != (
        window.zone.key,
        window.reading,
    )
    if not reads_otherwise and calendar.expands_to == window.until:
        return
    with transaction.atomic():
        guard()
        if not _is_read(calendar, source):
            return
        RemoteCalendar.objects.filter(pk=calendar.pk).update(
            expanded_by=window.reading, expands_to=window.until
        )
        feed = BusySource.objects.filter(pk=source.pk)
        feed.update(expanded_in=window.zone.key)
        feed.filter(expanded_until__gt=window.until).update(expanded_until=window.until)
        anew = calendar.events.filter(missing_since=None).exclude(raw="")
        if not reads_otherwise:
            anew = anew.filter(Q(raw__contains="RRULE") | Q(raw__contains="RDATE"))
        if reads_otherwise or calendar.expands_to is None or calendar.expands_to < window.until:
            anew.update(is_applied=False)
        BlockedSlot.objects.filter(source=source, ends_at__lt=window.start).delete()


def _still_true(readings: Sequence[Reading]) -> list[Reading]:
    """Those whose event is stored as it was read: a newer body waits for its own turn."""
    etags = dict(
        RemoteEvent.objects.select_for_update()
        .filter(pk__in=[reading.event.pk for reading in readings], missing_since=None)
        .values_list("pk", "etag")
    )
    return [one for one in readings if etags.get(one.event.pk) == one.event.etag]


def write(source: BusySource, readings: Sequence[Reading]) -> None:
    """Have the feed say what these readings do, in the caller's transaction."""
    own = own_uids(source, (reading.event.uid for reading in readings))
    _note_strays([reading.event for reading in readings])
    mirrored = own_copies(source, own)
    spans = {
        str(reading.event.pk): [] if reading.event.uid in own else spans_of(reading.expansion)
        for reading in readings
        if reading.expansion is not None
    }
    replace_many(source, spans)
    uids = [reading.event.uid for reading in readings if reading.event.uid]
    release_reappeared(source, uids)
    for reading in readings:
        reading.event.is_applied = True
        reading.event.mirrors_id = mirrored.get(reading.event.uid)
    _note_read([reading.event for reading in readings])


def _note_read(events: Sequence[RemoteEvent]) -> None:
    """One statement, run for each: composing the ORM's own for rows that all differ took a sixth of
    a first sync."""
    values = [
        (event.uid, event.problem, event.parse_state, event.mirrors_id, event.is_applied, event.pk)
        for event in events
    ]
    with connection.cursor() as cursor:
        cursor.executemany(NOTE_READ, values)


def _note_strays(events: Sequence[RemoteEvent]) -> None:
    """Say it of events that this Daybook wrote and knows nothing of, such as after a database from
    yesterday was restored. They block like anybody else's."""
    marked = {event.uid: event for event in events if is_written_by(event.raw, site())}
    for uid in marked.keys() - written_by_us(marked):
        marked[uid].problem = f"{marked[uid].problem} {STRAY}".strip()[:300]


def _is_read(calendar: RemoteCalendar, source: BusySource) -> bool:
    """Whether it is still read into that feed; locks it so that this stays so. It may have been
    unticked, or its account disconnected, while the server was speaking."""
    rows = RemoteCalendar.objects.select_for_update().filter(pk=calendar.pk, busy_source=source)
    return rows.exists()
