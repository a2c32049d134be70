"""What hosts do in Daybook about their accounts: connect and leave, choose, set, release."""

from django.utils import timezone

from calendars.models import BlockedSlot
from calendars.services.releasing import release, release_all
from integrations.models import Connection, MirroredEvent
from integrations.services.configuring import (
    NotSelectable,
    choose_conflicts,
    choose_linked,
    configuration_of,
)
from integrations.services.connecting import connect
from integrations.services.deleting import change_deletion_rules
from integrations.services.disconnecting import disconnect
from integrations.services.proving import ConnectingError
from tests.icloud import remote
from tests.machine import apple, edits
from tests.machine.model import span
from tests.machine.stage import Host, Stage

STANDING = (MirroredEvent.State.INTENDED, MirroredEvent.State.WRITTEN)


def leave(stage: Stage, host: Host, *, removes_events: bool) -> None:
    """Disconnect the account."""
    if host.number in stage.model.left and not removes_events:
        stage.model.leaving.pop(host.number, None)  # once more: without waiting any longer
    goes = _standing_at_their_place(stage, host) if removes_events else set()
    disconnect(stage.connection(host), removes_events=removes_events)
    edits.forget_all(stage, host.number)
    _untouch(stage)
    for number, uid in [key for key in stage.model.known if key[0] == host.number]:
        del stage.model.known[number, uid]
    stage.model.left.add(host.number)
    stage.model.linked[host.number] = ""
    if stage.connection(host).state == Connection.State.LEAVING:
        stage.model.leaving.setdefault(host.number, goes)


def come_back(stage: Stage, host: Host, *, takes_upcoming: bool) -> None:
    """Connect the account again, and choose as before."""
    if host.number not in stage.model.left or any(map(stage.theirs.is_lost, host.folders)):
        return
    password = stage.password(host) or apple.make_password(stage, host.number)
    try:
        connect(
            user=host.user,
            sub_account=stage.tenant.sub_account,
            apple_id=host.account.apple_id,
            password=password,
        )
    except ConnectingError:
        return  # iCloud had a bad moment: they will try again
    model = stage.model
    model.left.discard(host.number)
    model.frees.discard(host.number)
    model.cancels.discard(host.number)
    model.leaving.pop(host.number, None)
    _untouch(stage)
    connection = stage.connection(host)
    link(stage, host, host.folders[0], takes_upcoming=takes_upcoming)
    configuration = configuration_of(host.user, stage.tenant.sub_account)
    choose_conflicts(configuration, [remote(connection, folder) for folder in host.folders])


def link(stage: Stage, host: Host, folder: str, *, takes_upcoming: bool) -> None:
    """Choose another linked calendar, or none, and what is upcoming to go there, or not."""
    if host.number in stage.model.left:
        return
    calendar = remote(stage.connection(host), folder) if folder else None
    configuration = configuration_of(host.user, stage.tenant.sub_account)
    try:
        choose_linked(configuration, calendar, takes_upcoming=takes_upcoming)
    except NotSelectable:
        return
    if folder == stage.model.linked[host.number] and not takes_upcoming:
        return
    stage.model.linked[host.number] = folder
    edits.doubt_all(stage, [host.number])
    _untouch(stage)
    unseen = _dragged_unseen(stage, host)
    for booked in stage.model.booked:
        if takes_upcoming and folder and booked.guest not in unseen:
            booked.elsewhere.discard(host.number)
        else:
            booked.elsewhere.add(host.number)


def _dragged_unseen(stage: Stage, host: Host) -> set[str]:
    """Whose events stand where their host dragged them and Daybook has not read them since."""
    known = set(MirroredEvent.objects.values_list("href", flat=True))
    return {own.guest for own in stage.own(host) if own.path not in known}


def set_deletions(stage: Stage, host: Host, *, frees: bool, cancels: bool) -> None:
    """Say what follows from deletions; freeing applies to what is kept so far, too."""
    if host.number in stage.model.left:
        return
    row = stage.connection(host)
    change_deletion_rules(row, frees=frees, cancels=cancels, now=timezone.now())
    for chosen, wanted in ((stage.model.frees, frees), (stage.model.cancels, cancels)):
        chosen.add(host.number) if wanted else chosen.discard(host.number)
    if cancels:
        stage.theirs.ever_cancels.add(host.number)
    if frees:
        for uid in stage.theirs.missed:
            stage.model.forget(host.number, uid)
    _untouch(stage)


def release_kept(stage: Stage, host: Host, which: int, *, everything: bool) -> None:
    """Free time that is kept of deleted events: one time, or all."""
    kept = BlockedSlot.objects.kept().filter(user=host.user).order_by("uid", "starts_at", "pk")
    slots = list(kept)
    if not slots:
        return
    if everything:
        now = timezone.now()
        released = release_all(stage.member(host), seen_at=now, now=now)
        assert released == len(slots), "C4: not all of it is free"
    else:
        slots = [slots[which % len(slots)]]
        release(slots[0])
    for slot in slots:
        time = span(slot.starts_at, slot.ends_at)
        stage.model.forget(host.number, slot.uid, spans=frozenset({time}))
        if not kept.filter(uid=slot.uid, starts_at=slot.starts_at).exists():
            stage.model.released.add((host.number, slot.uid, time))


def _standing_at_their_place(stage: Stage, host: Host) -> set[str]:
    """UIDs of Daybook's events that stand where Daybook knows them, and may be removed there."""
    known = MirroredEvent.objects.filter(
        remote_calendar__connection=host.connection, state__in=STANDING
    )
    places = {str(uid): href for uid, href in known.values_list("uid", "href")}
    return {own.uid for own in stage.own(host) if places.get(own.uid) == own.path}


def _untouch(stage: Stage) -> None:
    """Whatever was deleted before may have been looked at otherwise since."""
    for booked in stage.model.booked:
        booked.must_cancel = False
