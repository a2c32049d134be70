"""What somebody else does on iCloud to their own events. No request, no refusal."""

from dataclasses import replace

from tests.machine import edits
from tests.machine.model import Foreign, Shape
from tests.machine.stage import Stage

MOST_EVENTS = 5  # of each host, so that they meet and stay readable


def add(stage: Stage, host: int, folder: int, shape: Shape, slot: int) -> None:
    owner = stage.hosts[host]
    folder %= len(owner.folders)
    if stage.theirs.is_lost(owner.folders[folder]):
        return
    if len(stage.theirs.within(owner.folders)) >= MOST_EVENTS:
        return
    number = next(stage.theirs.numbers)
    uid = f"foreign-{number:03}"
    put(stage, Foreign(uid, f"{owner.folders[folder]}{uid}.ics", shape, slot, number))


def edit(stage: Stage, which: int, shape: Shape, slot: int) -> None:
    event = _one(stage, which)
    if event is not None:
        edits.doubt(stage, event.uid)
        version = next(stage.theirs.numbers)
        changed = replace(event, shape=shape, slot=slot, version=version, title="", text="")
        put(stage, changed)


def delete(stage: Stage, which: int) -> None:
    event = _one(stage, which)
    if event is None or not may_go(stage, event.path):
        return
    stage.icloud.delete(event.path)
    stage.theirs.hidden.discard(event.path)
    lose_event(stage, event)
    stage.theirs.graves[event.uid] = stage.theirs.events.pop(event.uid)


def recreate(stage: Stage, which: int, slot: int) -> None:
    """A deleted event comes back, such as from the bin, or from a device that was away."""
    graves = [event for event in stage.theirs.graves.values() if is_seen(stage, event.path)]
    if not graves:
        return
    event = graves[which % len(graves)]
    del stage.theirs.graves[event.uid]
    version = next(stage.theirs.numbers)
    put(stage, replace(event, slot=slot, version=version, title="", text=""))


def change_calendar(stage: Stage, which: int) -> None:
    """Somebody drags an event from one calendar to the other."""
    event = _one(stage, which)
    if event is not None and (path := elsewhere(stage, event.path)):
        edits.doubt(stage, event.uid)
        stage.icloud.move(event.path, path)
        stage.theirs.hidden.discard(event.path)
        appears(stage, event.uid)
        stage.theirs.events[event.uid] = replace(event, path=path)


def lose_event(stage: Stage, event: Foreign) -> None:
    """It is gone, or looks so: its time is kept, or free where its host wants that."""
    edits.doubt(stage, event.uid)
    stage.theirs.ever_gone.add(event.uid)
    stage.theirs.missed.add(event.uid)
    for host in stage.model.frees:
        stage.model.forget(host, event.uid)


def put(stage: Stage, event: Foreign) -> None:
    appears(stage, event.uid)
    store(stage, event.path, event.ics)
    stage.theirs.events[event.uid] = event


def store(stage: Stage, path: str, ics: str) -> None:
    stage.icloud.put(path, ics)
    stage.theirs.hidden.discard(path)


def appears(stage: Stage, uid: str) -> None:
    """It is there, again maybe: its time may block again."""
    released = stage.model.released
    released -= {each for each in released if each[1] == uid}


def _one(stage: Stage, which: int) -> Foreign | None:
    events = seen(stage)
    return events[which % len(events)] if events else None


def seen(stage: Stage) -> list[Foreign]:
    """Events that are not in a calendar out of sight."""
    return [event for event in stage.theirs.events.values() if is_seen(stage, event.path)]


def is_seen(stage: Stage, path: str) -> bool:
    return not stage.theirs.is_lost(path)


def may_go(stage: Stage, path: str) -> bool:
    """Counts what goes: see `Theirs.may_lose`."""
    host = stage.host_of(path).number
    if not stage.theirs.may_lose(host):
        return False
    stage.theirs.gone[host] += 1
    return True


def elsewhere(stage: Stage, path: str) -> str:
    """The same name in its owner's other calendar; "" where there is none."""
    folder, _, name = path.rpartition("/")
    folders = stage.host_of(path).folders
    others = [each for each in folders if each != f"{folder}/" and is_seen(stage, each)]
    return f"{others[0]}{name}" if others else ""
