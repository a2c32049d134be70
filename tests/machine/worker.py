"""What the worker does, and what may come between: reading an account, carrying out the outbox."""

from contextlib import AbstractContextManager, nullcontext

from django.utils import timezone

from calendars.models import HistoryEntry, MeetingHost, OutboxItem
from calendars.services.remote_changes import OVERLAPS
from integrations.models import Connection, RemoteEvent, SyncRun
from integrations.services.connecting import replace_password
from integrations.services.delivering import deliver_due
from integrations.services.proving import NotProved
from integrations.services.pulling import Pull, pull
from tests.machine import edits
from tests.machine.apple import make_password
from tests.machine.model import Known, Span
from tests.machine.oracle import Block, blocks, own_uids
from tests.machine.stage import Host, Stage

Interruption = AbstractContextManager[object]


def sync(stage: Stage, host: Host, within: Interruption | None = None) -> int:
    """Read the host's account, as a person asks for it or when it is its turn. Returns how many
    requests that took.

    Where nothing comes between and all goes well, Daybook knows all afterwards.
    """
    connection = stage.connection(host)
    if not _may_be_read(connection):
        return 0
    last = HistoryEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    reading: Pull | None = None
    with within or nullcontext():
        reading = pull(connection)
    is_whole = within is None and not stage.icloud.faults.rules
    if is_whole and reading is not None and _went_well(reading.run):
        _check_known(stage, host)
        _check_noted_together(last)
    return reading.run.requests if reading else 0


def deliver(stage: Stage, within: Interruption | None = None) -> int:
    """Carry out what is due; returns how many rows. Mails are another story."""
    OutboxItem.objects.filter(effect=OutboxItem.Effect.MAIL).delete()
    carried = list[int]()
    with within or nullcontext():
        carried.append(deliver_due(seconds=30))
    return sum(carried)


def sign_in_anew(stage: Stage, host: Host) -> None:
    """Its owner makes a new password, and enters it in Daybook."""
    password = make_password(stage, host.number)
    if host.number in stage.model.left:
        return
    try:
        replace_password(stage.connection(host), password)
    except NotProved:
        return  # iCloud had a bad moment: they will try again


def _may_be_read(connection: Connection) -> bool:
    if not Connection.objects.in_service().filter(pk=connection.pk).exists():
        return False
    is_refused = connection.problem == Connection.Problem.REFUSED
    return not is_refused or connection.next_poll_at <= timezone.now()


def _went_well(run: SyncRun) -> bool:
    return run.result == SyncRun.Result.DONE and run.problem == ""


def _check_known(stage: Stage, host: Host) -> None:
    """O5: just read, what blocks is what stands there, and what was kept of deleted events."""
    edits.take_note(stage)
    shown = [
        event
        for event in stage.theirs.within(host.folders)
        if event.path not in stage.theirs.hidden | given_up(host)
        and not stage.theirs.is_lost(event.path)
    ]
    for event in shown:
        edits.note_read(stage, host.number, event)
    found, wished = blocks()[host.user.pk], edits.waiting(stage, host)
    for event in shown:
        spans, more = _spans(found, event.uid), wished.get(event.uid, frozenset())
        assert event.busy <= spans, f"O5: {event.uid} is not blocked as it stands there"
        assert spans <= event.busy | more, f"O5: {event.uid} is not as it stands there"
        assert not _kept(found, event.uid), f"O6: {event.uid} is called deleted"
        stage.model.known[host.number, event.uid] = Known(event, event.busy)
        stage.theirs.missed.discard(event.uid)
    if any(map(stage.theirs.is_lost, host.folders)):
        return
    standing = {event.uid for event in stage.theirs.within(host.folders)}
    standing |= {own.uid for own in stage.own(host)} - own_uids()  # known before a backup only
    left = [block for block in found if block.uid not in standing and not block.is_kept]
    assert left == [], "O6: gone, and not called deleted"
    stage.theirs.gone[host.number] = 0


def given_up(host: Host) -> set[str]:
    """What iCloud lists and did not hand out when it was asked for: that is shown to staff."""
    rows = RemoteEvent.objects.filter(remote_calendar__connection=host.connection)
    return set(rows.exclude(problem="").values_list("href", flat=True))


def _spans(found: list[Block], uid: str) -> frozenset[Span]:
    return frozenset(block.span for block in found if block.uid == uid)


def _kept(found: list[Block], uid: str) -> bool:
    return any(block.is_kept for block in found if block.uid == uid)


def _check_noted_together(last: int) -> None:
    """O1: the moves of one reading are taken together: who is said to lie over another does."""
    said = HistoryEntry.objects.filter(pk__gt=last, note=OVERLAPS).values("appointment__meeting")
    parts = MeetingHost.objects.serving().filter(meeting__in=said)
    assert all(parts.values_list("is_overlapping", flat=True)), "O1: said to overlap, and does not"
