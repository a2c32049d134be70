"""What hosts do on their devices to the events of their appointments."""

from calendars.models import Meeting, MeetingHost
from integrations.models import MirroredEvent
from tests.machine.model import Booked, Foreign, Own, at
from tests.machine.others import elsewhere, may_go, put, store
from tests.machine.stage import Host, Stage


def move_own(stage: Stage, which: int, slot: int) -> None:
    own = _own(stage, which)
    if own is not None:
        _drag(stage, own, slot)


def swap_own(stage: Stage, which: int) -> None:
    """Somebody has two appointments change places."""
    host = stage.hosts[which % len(stage.hosts)]
    pair = [own for own in stage.own(host) if own.slot is not None][-2:]
    if len(pair) == 2:
        first, second = (own.slot for own in pair)
        assert first is not None
        assert second is not None
        _drag(stage, pair[0], second)
        _drag(stage, pair[1], first)


def retitle_own(stage: Stage, which: int) -> None:
    own = _own(stage, which)
    if own is not None:
        store(stage, own.path, own.retitled(f"Room {next(stage.theirs.numbers)}"))


def write_into_own(stage: Stage, which: int) -> None:
    """Its host notes something in its text: that is to stay there."""
    own = _own(stage, which)
    booked = _booked(stage, own) if own is not None else None
    if own is None or booked is None:
        return
    line = f"Slides-{next(stage.theirs.numbers)}"
    store(stage, own.path, own.with_line(line))
    if own.uid in _current_uids(stage, booked):
        booked.added.setdefault(stage.host_of(own.path).number, set()).add(line)


def make_own_all_day(stage: Stage, which: int) -> None:
    own = _own(stage, which)
    if own is not None:
        store(stage, own.path, own.on_a_whole_day())
        excuse(stage, own, "reshaped")


def delete_own(stage: Stage, which: int) -> None:
    own = _own(stage, which)
    if own is not None and may_go(stage, own.path):
        must_cancel = _must_cancel(stage, own)
        stage.icloud.delete(own.path)
        stage.theirs.hidden.discard(own.path)
        lose_own(stage, own)
        booked = _booked(stage, own)
        if booked is not None:
            booked.must_cancel = must_cancel


def take_place_of_own(stage: Stage, which: int, slot: int) -> None:
    """Another event comes to stand at an address of Daybook's."""
    own = _own(stage, which)
    if own is not None and may_go(stage, own.path):
        number = next(stage.theirs.numbers)
        stage.icloud.delete(own.path)
        lose_own(stage, own)
        put(stage, Foreign(f"foreign-{number:03}", own.path, "busy", slot, number))


def drag_own(stage: Stage, which: int) -> None:
    """Somebody drags an appointment's event to their other calendar."""
    own = _own(stage, which)
    if own is not None and (path := elsewhere(stage, own.path)):
        stage.icloud.move(own.path, path)
        stage.theirs.hidden.discard(own.path)
        for leaving in stage.model.leaving.values():
            leaving.discard(own.uid)
        if (booked := _booked(stage, own)) is not None:
            booked.elsewhere.add(stage.host_of(path).number)
            booked.must_cancel = False


def lose_own(stage: Stage, own: Own) -> None:
    """The same of one of Daybook's, which may cancel its appointment."""
    stage.theirs.ever_gone.add(own.uid)
    excuse(stage, own, "deleted")
    if (booked := _booked(stage, own)) is not None:
        booked.may_cancel = True


def excuse(stage: Stage, own: Own, why: str) -> None:
    """Its event may be missing, or reshaped: where it was dragged before may never be read, nor
    what was written into it."""
    booked = _booked(stage, own)
    if booked is not None:
        booked.excuses.add(why)
        booked.must_cancel = False
        booked.times.add(Meeting.objects.get(appointments=booked.pk).starts_at)
        if why == "deleted":
            booked.added.pop(stage.host_of(own.path).number, None)


def _drag(stage: Stage, own: Own, slot: int) -> None:
    store(stage, own.path, own.moved(slot))
    booked = _booked(stage, own)
    if booked is None:
        return
    booked.must_cancel = False
    # Where nothing else was on its way, its host's word alone counts; else either side's may.
    alone = booked.is_live and not booked.is_torn and not booked.was_restored
    counts = alone and _serves(stage, booked, stage.host_of(own.path))
    booked.times = {at(slot), *(booked.times - ({own.starts_at} if counts else set()))}
    booked.put_at = at(slot)


def _serves(stage: Stage, booked: Booked, host: Host) -> bool:
    parts = MeetingHost.objects.serving().filter(meeting__appointments=booked.pk)
    return parts.filter(user=host.user).exists()


def _must_cancel(stage: Stage, own: Own) -> bool:
    """Whether its deletion has to cancel: its host wants that, and nothing is on its way."""
    booked, host = _booked(stage, own), stage.host_of(own.path)
    if booked is None or own.starts_at is None or booked.was_restored:
        return False
    if host.number not in stage.model.cancels:
        return False
    part = MeetingHost.objects.serving().filter(meeting__appointments=booked.pk, user=host.user)
    is_written = part.filter(copy=MeetingHost.Copy.WRITTEN, meeting__starts_at=own.starts_at)
    is_known = own.uid in _current_uids(stage, booked)
    is_still = not booked.is_torn and booked.times == {own.starts_at}
    return booked.is_live and is_written.exists() and is_known and is_still


def _current_uids(stage: Stage, booked: Booked) -> set[str]:
    """The UID of its hosts' events that count, by Daybook's records."""
    found = {}
    rows = MirroredEvent.objects.filter(meeting_host__meeting__appointments=booked.pk)
    for row in rows.filter(state__in=("intended", "written")).order_by("generation"):
        if not row.is_leaving:
            found[row.meeting_host_id] = str(row.uid)
    return set(found.values())


def _booked(stage: Stage, own: Own) -> Booked | None:
    return stage.model.named(own.guest)


def _own(stage: Stage, which: int) -> Own | None:
    own = stage.own()
    return own[which % len(own)] if own else None
