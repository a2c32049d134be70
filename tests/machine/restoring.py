"""A backup of Daybook's database is restored: what it forgets, and what must be found again."""

from copy import deepcopy
from datetime import datetime

from django.db import transaction

from calendars.models import Meeting, MeetingHost
from integrations.models import MirroredEvent
from integrations.services.reconciling import strays_of
from tests.machine import edits
from tests.machine.model import Booked, Own
from tests.machine.oracle import derived, is_forgotten
from tests.machine.stage import Stage

STANDING = (MirroredEvent.State.INTENDED, MirroredEvent.State.WRITTEN)


def restore_backup(stage: Stage) -> None:
    """What happened in Daybook since is forgotten; iCloud and everybody's guests are not."""
    assert stage.backup is not None
    edits.take_note(stage)
    parts, before = _parts(), stage.model
    transaction.savepoint_rollback(stage.backup.savepoint)
    stage.is_written = True
    stage.model = deepcopy(stage.backup.model)
    stage.theirs.forgotten |= parts - _parts()
    stage.theirs.was_restored = True
    edits.doubt_all(stage)
    stage.theirs.missed |= stage.theirs.ever_gone
    for host, uid in list(stage.model.known):
        if host in stage.model.frees and uid in stage.theirs.missed:
            stage.model.forget(host, uid)
    stage.model.released.clear()
    stage.model.leaving.clear()
    for booked in stage.model.booked:
        _be_lenient(stage, booked, before.named(booked.guest))


def check_strays(stage: Stage, left: list[Own]) -> None:
    """O3: what is left over is of bookings made after the backup, and is listed, and no more."""
    wrong = [own for own in left if not is_forgotten(stage, own)]
    assert wrong == [], "O3: a second event of an appointment, or one of none"
    for host in stage.hosts:
        here = {own.path for own in left if own.path.startswith(host.folders)}
        listed = {stray.href for stray in strays_of(stage.connection(host))}
        assert listed == here, "O6: what belongs to no appointment is not what is listed so"


def _be_lenient(stage: Stage, booked: Booked, later: Booked | None) -> None:
    """What happened to its event since is not known any more: either side may be right."""
    known = MirroredEvent.objects.filter(meeting_host__meeting__appointments=booked.pk)
    mine = [own for own in stage.own() if own.guest == booked.guest]
    booked.times |= {own.starts_at for own in mine if isinstance(own.starts_at, datetime)}
    booked.times.add(Meeting.objects.get(appointments=booked.pk).starts_at)
    booked.is_torn = booked.was_restored = booked.may_cancel = True
    booked.elsewhere |= {host.number for host in stage.hosts}
    booked.must_cancel = False
    booked.excuses |= later.excuses if later else set()
    standing = {own.uid for own in mine}
    uids = known.filter(state__in=STANDING).values_list("uid", flat=True)
    if not {str(uid) for uid in uids} <= standing:
        booked.excuses.add("deleted")  # by Daybook itself, which has forgotten that
    booked.added = {}
    for own in mine:
        if derived(own):
            host = stage.host_of(own.path).number
            booked.added.setdefault(host, set()).update(own.lines)


def _parts() -> set[tuple[str, int]]:
    rows = MeetingHost.objects.values_list("meeting__appointments__guest_name", "user")
    return set(rows)
