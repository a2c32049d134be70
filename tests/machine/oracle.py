"""What must hold after every step, whatever has just gone wrong.

The letters are those of docs/faults.md. What is compared with is the server itself and the model.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from django.db.models import F

from calendars.models import Appointment, BlockedSlot, MeetingHost, OutboxItem, Taken
from integrations.models import MirroredEvent
from tests.machine.model import Span, halves, span
from tests.machine.stage import Host, Stage

Copy = MeetingHost.Copy


@dataclass(frozen=True)
class Block:
    """A blocked span of an event; `is_kept`: labelled as deleted in iCloud."""

    uid: str
    span: Span
    is_kept: bool


def check(stage: Stage) -> None:
    check_others(stage)
    if not stage.is_written:
        return  # rows that nobody wrote stand as they stood
    check_bookings(stage)
    check_taken()
    mirrored = own_uids()
    if not stage.theirs.was_restored:
        assert {each.uid for each in stage.own()} <= mirrored, "O4: written and not remembered"
    check_blocks(stage, mirrored)
    check_waiting()
    stage.is_written = False


def check_bookings(stage: Stage) -> None:
    """O2: what was acknowledged stands as it was left, and nothing else does."""
    rows = Appointment.objects.values_list("pk", "status")
    found = {pk: status not in Appointment.ENDED for pk, status in rows}
    assert found == {booked.pk: booked.is_live for booked in stage.model.booked}, "O2"


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
        assert stage.icloud.has(event.path), f"O4: {event.uid} is gone"
        assert stage.icloud.get(event.path) == event.ics, f"O4: {event.uid} was changed"
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
        blocked = {(block.uid, block.span) for block in here}
        for uid, spans in certain(stage, host).items():
            assert {(uid, each) for each in spans} <= blocked, f"O5: {uid} is busy, and is free"


def check_waiting() -> None:
    """O6: what is not carried out is not called written."""
    unsettled = OutboxItem.objects.filter(
        effect=OutboxItem.Effect.WRITE, settled_revision__lt=F("revision")
    )
    too_soon = MeetingHost.objects.filter(pk__in=unsettled.values("subject"), copy=Copy.WRITTEN)
    assert not too_soon.exists(), "O6: called written too soon"


def certain(stage: Stage, host: Host) -> dict[str, frozenset[Span]]:
    """By UID: the time that must be blocked, as it was read and has not been changed since. An
    event deleted since keeps its time."""
    return {
        uid: event.busy
        for (number, uid), event in stage.model.known.items()
        if number == host.number and stage.theirs.events.get(uid, event).version == event.version
    }


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
