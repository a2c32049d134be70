"""What somebody else does on iCloud: people on their devices, and Apple. No request, no refusal."""

from dataclasses import replace

from calendars.models import Meeting, MeetingHost
from tests.machine.model import Booked, Foreign, Own, Shape, at
from tests.machine.stage import Host, Stage

MOST_EVENTS = 5  # of each host, so that they meet and stay readable


def add(stage: Stage, host: int, folder: int, shape: Shape, slot: int) -> None:
    owner = stage.hosts[host]
    folder %= len(owner.folders)
    if len(stage.theirs.within(owner.folders)) >= MOST_EVENTS:
        return
    number = next(stage.theirs.numbers)
    uid = f"foreign-{number:03}"
    _put(stage, Foreign(uid, f"{owner.folders[folder]}{uid}.ics", shape, slot, number))


def edit(stage: Stage, which: int, shape: Shape, slot: int) -> None:
    event = _one(stage, which)
    if event is not None:
        _put(stage, replace(event, shape=shape, slot=slot, version=next(stage.theirs.numbers)))


def delete(stage: Stage, which: int) -> None:
    event = _one(stage, which)
    if event is None or not _may_go(stage, event.path):
        return
    stage.icloud.delete(event.path)
    stage.theirs.hidden.discard(event.path)
    stage.theirs.ever_gone.add(event.uid)
    stage.theirs.graves[event.uid] = stage.theirs.events.pop(event.uid)


def recreate(stage: Stage, which: int, slot: int) -> None:
    """A deleted event comes back, such as from the bin, or from a device that was away."""
    graves = list(stage.theirs.graves.values())
    if not graves:
        return
    event = graves[which % len(graves)]
    del stage.theirs.graves[event.uid]
    _put(stage, replace(event, slot=slot, version=next(stage.theirs.numbers)))


def change_calendar(stage: Stage, which: int) -> None:
    """Somebody drags an event from one calendar to the other."""
    event = _one(stage, which)
    if event is not None and (path := _elsewhere(stage, event.path)):
        stage.icloud.move(event.path, path)
        stage.theirs.hidden.discard(event.path)
        stage.theirs.events[event.uid] = replace(event, path=path)


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
        _store(stage, own.path, own.retitled(f"Room {next(stage.theirs.numbers)}"))


def make_own_all_day(stage: Stage, which: int) -> None:
    own = _own(stage, which)
    if own is not None:
        _store(stage, own.path, own.on_a_whole_day())
        _excuse(stage, own, "reshaped")


def delete_own(stage: Stage, which: int) -> None:
    own = _own(stage, which)
    if own is not None and _may_go(stage, own.path):
        stage.icloud.delete(own.path)
        stage.theirs.hidden.discard(own.path)
        stage.theirs.ever_gone.add(own.uid)
        _excuse(stage, own, "deleted")


def take_place_of_own(stage: Stage, which: int, slot: int) -> None:
    """Another event comes to stand at an address of Daybook's."""
    own = _own(stage, which)
    if own is not None and _may_go(stage, own.path):
        number = next(stage.theirs.numbers)
        stage.icloud.delete(own.path)
        stage.theirs.ever_gone.add(own.uid)
        _put(stage, Foreign(f"foreign-{number:03}", own.path, "busy", slot, number))
        _excuse(stage, own, "deleted")


def drag_own(stage: Stage, which: int) -> None:
    """Somebody drags an appointment's event to their other calendar."""
    own = _own(stage, which)
    if own is not None and (path := _elsewhere(stage, own.path)):
        stage.icloud.move(own.path, path)
        stage.theirs.hidden.discard(own.path)


def hide(stage: Stage, which: int, *, as_deleted: bool) -> None:
    """Listings leave out an event that is there, or call it gone."""
    paths = [event.path for event in stage.theirs.events.values()]
    paths += [own.path for own in stage.own()]
    shown = [path for path in paths if _is_shown(stage, path)]
    if not shown:
        return
    path = shown[which % len(shown)]
    if not _may_go(stage, path):
        return
    stage.icloud.hide(path, as_deleted=as_deleted)
    stage.theirs.hidden.add(path)
    for event in stage.theirs.events.values():
        if event.path == path:
            stage.theirs.ever_gone.add(event.uid)
    for own in stage.own():
        if own.path == path:
            stage.theirs.ever_gone.add(own.uid)
            _excuse(stage, own, "deleted")


def show_all(stage: Stage) -> None:
    """Listings say again what is there."""
    for path in sorted(stage.theirs.hidden):
        stage.icloud.show(path)
    stage.theirs.hidden.clear()


def drift(stage: Stage, which: int) -> None:
    """Housekeeping: a new ETag for what did not change."""
    paths = [path for host in stage.hosts for path, _ in stage.standing(host)]
    shown = [path for path in paths if path not in stage.theirs.hidden]
    if shown:
        stage.icloud.drift(shown[which % len(shown)])


def move_markers(stage: Stage) -> None:
    """Housekeeping: calendars say that they changed, and nothing in them did."""
    for host in stage.hosts:
        for folder in host.folders:
            stage.icloud.calendar(folder).collection.revision += 1


def revoke(stage: Stage, host: int) -> None:
    stage.icloud.revoke(stage.hosts[host].account.apple_id)
    stage.theirs.passwords[host].append("")


def make_password(stage: Stage, host: int) -> str:
    """Its owner makes a new one, which alone is good from now on."""
    number = next(stage.theirs.numbers)
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    password = f"mach-{letters}-ines-pass"
    stage.icloud.add_user(stage.hosts[host].account.apple_id, password)
    stage.theirs.passwords[host].append(password)
    return password


def _put(stage: Stage, event: Foreign) -> None:
    _store(stage, event.path, event.ics)
    stage.theirs.events[event.uid] = event


def _store(stage: Stage, path: str, ics: str) -> None:
    stage.icloud.put(path, ics)
    stage.theirs.hidden.discard(path)


def _drag(stage: Stage, own: Own, slot: int) -> None:
    _store(stage, own.path, own.moved(slot))
    booked = _booked(stage, own)
    if booked is None or booked.times is None:
        return
    # Where nothing else was on its way, its host's word alone counts; else either side's may.
    alone = booked.is_live and not booked.is_torn
    counts = alone and _serves(stage, booked, stage.host_of(own.path))
    booked.times = {at(slot), *(booked.times - ({own.starts_at} if counts else set()))}
    booked.put_at = at(slot)


def _serves(stage: Stage, booked: Booked, host: Host) -> bool:
    parts = MeetingHost.objects.serving().filter(meeting__appointments=booked.pk)
    return parts.filter(user=host.user).exists()


def _excuse(stage: Stage, own: Own, why: str) -> None:
    """Its event may be missing, or reshaped: where it was dragged before may never be read."""
    booked = _booked(stage, own)
    if booked is not None:
        booked.excuses.add(why)
        if booked.times is not None:
            booked.times.add(Meeting.objects.get(appointments=booked.pk).starts_at)


def _booked(stage: Stage, own: Own) -> Booked | None:
    return stage.model.named(own.guest)


def _one(stage: Stage, which: int) -> Foreign | None:
    events = list(stage.theirs.events.values())
    return events[which % len(events)] if events else None


def _own(stage: Stage, which: int) -> Own | None:
    own = stage.own()
    return own[which % len(own)] if own else None


def _may_go(stage: Stage, path: str) -> bool:
    """Counts what goes: see `Theirs.may_lose_another`."""
    host = stage.host_of(path).number
    if not stage.theirs.may_lose_another(host):
        return False
    stage.theirs.gone[host] += 1
    return True


def _is_shown(stage: Stage, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name in stage.icloud.calendar(f"{folder}/").collection.shown


def _elsewhere(stage: Stage, path: str) -> str:
    """The same name in its owner's other calendar; "" where there is none."""
    folder, _, name = path.rpartition("/")
    others = [each for each in stage.host_of(path).folders if each != f"{folder}/"]
    return f"{others[0]}{name}" if others else ""
