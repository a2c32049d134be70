"""What must hold after every step, whatever has just gone wrong.

The letters are those of docs/faults.md. What is compared with is the server itself and the model.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from uuid import uuid5

from django.db.models import F

from calendars.models import (
    Appointment,
    BlockedSlot,
    HistoryEntry,
    MeetingHost,
    OutboxItem,
    Taken,
)
from integrations.models import Connection, MirroredEvent, RemoteEvent
from integrations.services.disconnecting import LEFT_BEHIND
from tests.machine import edits
from tests.machine.model import Booked, Own, Span, halves, span
from tests.machine.stage import Host, Stage

Copy = MeetingHost.Copy


@dataclass(frozen=True)
class Block:
    """A blocked span of an event; `is_kept`: labelled as deleted in iCloud."""

    uid: str
    span: Span
    is_kept: bool


def check(stage: Stage) -> None:
    edits.take_note(stage)
    check_others(stage)
    if not stage.is_written:
        return  # rows that nobody wrote stand as they stood
    check_bookings(stage)
    check_taken()
    check_accounts(stage)
    mirrored = own_uids()
    for own in stage.own():
        is_known = own.uid in mirrored or derived(own) or is_forgotten(stage, own)
        assert is_known, "O4: written and not remembered"
    check_blocks(stage, mirrored)
    check_waiting()
    stage.is_written = False


def check_bookings(stage: Stage) -> None:
    """O2: what was acknowledged stands as it was left, and nothing else does."""
    rows = Appointment.objects.values_list("pk", "status")
    found = {pk: status not in Appointment.ENDED for pk, status in rows}
    for booked in stage.model.booked:
        if booked.is_live and found.get(booked.pk) is False:
            _cancelled_by_its_host(stage, booked)
    assert found == {booked.pk: booked.is_live for booked in stage.model.booked}, "O2"


def _cancelled_by_its_host(stage: Stage, booked: Booked) -> None:
    """A deletion in iCloud cancels, where its host has it so; and nothing else does unasked."""
    assert booked.may_cancel, "O2: cancelled, and its event was not deleted"
    part = (
        MeetingHost.objects.serving().select_related("meeting").get(meeting__appointments=booked.pk)
    )
    host = next(host for host in stage.hosts if host.user.pk == part.user_id)
    assert host.number in stage.theirs.ever_cancels, "O2: its host did not want it cancelled"
    last = HistoryEntry.objects.filter(appointment=booked.pk).order_by("-pk")
    entry = last.filter(kind=HistoryEntry.Kind.CANCELLED).first()
    assert entry is not None, "O6: cancelled, and the history does not say so"
    assert entry.source == HistoryEntry.Source.ICLOUD, "O6: cancelled by nobody"
    booked.is_live = booked.may_cancel = booked.must_cancel = False
    booked.times.add(part.meeting.starts_at)


def check_accounts(stage: Stage) -> None:
    """O6: an account is connected as its owner left it. O7: one that is not keeps no secret, and
    nothing that was read."""
    gone = {Connection.State.DISCONNECTED, Connection.State.LEAVING}
    for host in stage.hosts:
        row = stage.connection(host)
        assert (row.state in gone) is (host.number in stage.model.left), "O6: connected, or not"
        settings = host.number in stage.model.frees, host.number in stage.model.cancels
        assert (row.frees_deleted, row.cancels_deleted) == settings, "O6: another setting"
        if row.state == Connection.State.DISCONNECTED:
            assert str(row.secret) == "", "O7: disconnected, and the secret is kept"
            assert not RemoteEvent.objects.filter(remote_calendar__connection=row).exists(), "O7"
            _check_removed(stage, host)


def _check_removed(stage: Stage, host: Host) -> None:
    """O3: the events that were to be removed first are, or it is said that they stand there."""
    leaving = stage.model.leaving.pop(host.number, set())
    for own in stage.own(host):
        booked = stage.model.named(own.guest)
        if own.uid in leaving and booked is not None and booked.is_live:
            said = HistoryEntry.objects.filter(note=LEFT_BEHIND, appointment__guest_name=own.guest)
            assert said.exists(), "O6: left behind, and nobody is told"


def check_taken() -> None:
    """O1: no time is taken twice, all that is needed is taken by somebody, and whoever lies over
    another is flagged."""
    parts = MeetingHost.objects.holding().values_list(
        "pk", "user", "is_overlapping", "meeting__starts_at", "meeting__ends_at"
    )
    needed: defaultdict[int, dict[int, set[int]]] = defaultdict(dict)
    flagged = set()
    for pk, user, is_overlapping, starts_at, ends_at in parts:
        needed[user][pk] = halves(span(starts_at, ends_at))
        flagged |= {pk} if is_overlapping else set()
    rows = Taken.objects.values_list("meeting_host", "resource", "starts_at", "ends_at")
    held = [
        (part, int(resource.partition(":")[2]), halves(span(starts_at, ends_at)))
        for part, resource, starts_at, ends_at in rows
    ]
    for part, user, taken in held:
        assert taken <= needed[user].get(part, set()), "O1: taken, and not needed"
    every = [(user, half) for _, user, taken in held for half in taken]
    assert len(every) == len(set(every)), "O1: taken twice"
    wanted = {(user, half) for user in needed for one in needed[user].values() for half in one}
    assert wanted == set(every), "O1: not taken"
    pairs = (pair for one in needed.values() for pair in combinations(one.items(), 2))
    over = {pk for (one, its), (other, others) in pairs if its & others for pk in (one, other)}
    assert flagged == over, "O1: overlapping and not flagged, or the other way round"


def check_others(stage: Stage) -> None:
    """O4: what others put there is there as they left it, and nobody is invited."""
    for event in stage.theirs.events.values():
        standing = stage.file(event.path)
        assert standing is not None, f"O4: {event.uid} is gone"
        assert standing == event.ics, f"O4: {event.uid} was changed"
    own = stage.own()
    assert not any("ATTENDEE" in each.ics for each in own), "O4: a guest is an attendee"
    assert stage.icloud.invited == [], "O4"


def check_blocks(stage: Stage, mirrored: set[str]) -> None:
    """O5: what was read as busy blocks, until it is changed and read again; own events block
    nobody. O6: deleted is called what was deleted."""
    found = blocks()
    for host in stage.hosts:
        here = found[host.user.pk]
        assert not {block.uid for block in here} & mirrored, "O5: an own event blocks its host"
        called_gone = {block.uid for block in here if block.is_kept}
        assert called_gone <= stage.theirs.ever_gone, "O6: called deleted, and never was"
        assert not (called_gone and host.number in stage.model.frees), "O5: kept, and is to be free"
        assert not (here and host.number in stage.model.left), "O5: disconnected, and blocks"
        kept = {(host.number, block.uid, block.span) for block in here if block.is_kept}
        assert not kept & stage.model.released, "O5: released, and blocks again"
        blocked = {(block.uid, block.span) for block in here}
        for uid, spans in certain(stage, host).items():
            assert {(uid, each) for each in spans} <= blocked, f"O5: {uid} is busy, and is free"


def check_waiting() -> None:
    """O6: what is not carried out is not called written. What is to leave stands there so long."""
    leaving = MirroredEvent.objects.filter(is_leaving=True).values("meeting_host")
    unsettled = OutboxItem.objects.filter(
        effect=OutboxItem.Effect.WRITE, settled_revision__lt=F("revision")
    ).exclude(subject__in=leaving)
    too_soon = MeetingHost.objects.filter(pk__in=unsettled.values("subject"), copy=Copy.WRITTEN)
    assert not too_soon.exists(), "O6: called written too soon"


def certain(stage: Stage, host: Host) -> dict[str, frozenset[Span]]:
    """By UID: the time that must be blocked, as it was read and has not been changed since. An
    event deleted since keeps its time, and one that is being changed has both times blocked."""
    found = {
        uid: known.spans
        for (number, uid), known in stage.model.known.items()
        if number == host.number
        and stage.theirs.events.get(uid, known.event).version == known.event.version
    }
    for uid, spans in edits.waiting(stage, host).items():
        found[uid] = found.get(uid, frozenset()) | spans
    return found


def derived(own: Own) -> bool:
    """Whether its UID follows from what was stored with a booking, whatever was recorded since."""
    keys = MeetingHost.objects.filter(meeting__appointments__guest_name=own.guest)
    names = {
        str(uuid5(key, str(number)))
        for key in keys.values_list("copy_key", flat=True)
        for number in range(1, 12)
    }
    return own.uid in names


def is_forgotten(stage: Stage, own: Own) -> bool:
    """Whether it is of a booking, or a host's part in one, made after the restored backup."""
    user = stage.host_of(own.path).user.pk
    return (own.guest, user) in stage.theirs.forgotten and not derived(own)


def blocks() -> defaultdict[int, list[Block]]:
    """What blocks whom, by user: all that was read from calendars."""
    rows = BlockedSlot.objects.blocking().order_by("pk")
    found: defaultdict[int, list[Block]] = defaultdict(list)
    for user, uid, starts_at, ends_at, deleted_at in rows.values_list(
        "user", "uid", "starts_at", "ends_at", "deleted_remotely_at"
    ):
        found[user].append(Block(uid, span(starts_at, ends_at), deleted_at is not None))
    return found


def own_uids() -> set[str]:
    return {str(uid) for uid in MirroredEvent.objects.values_list("uid", flat=True)}
