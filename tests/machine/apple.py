"""Apple's bad days, and its passwords."""

from tests.machine.others import appears, is_seen, lose_event, may_go, seen
from tests.machine.own_events import lose_own
from tests.machine.stage import Stage


def hide(stage: Stage, which: int, *, as_deleted: bool) -> None:
    """Listings leave out an event that is there, or call it gone."""
    paths = [event.path for event in seen(stage)]
    paths += [own.path for own in stage.own()]
    shown = [path for path in paths if _is_shown(stage, path)]
    if not shown:
        return
    path = shown[which % len(shown)]
    if not may_go(stage, path):
        return
    stage.icloud.hide(path, as_deleted=as_deleted)
    stage.theirs.hidden.add(path)
    for event in seen(stage):
        if event.path == path:
            lose_event(stage, event)
    for own in stage.own():
        if own.path == path:
            lose_own(stage, own)


def show_all(stage: Stage) -> None:
    """Listings say again what is there."""
    for path in sorted(stage.theirs.hidden):
        if is_seen(stage, path):
            stage.icloud.show(path)
            stage.theirs.hidden.discard(path)
    for event in seen(stage):
        appears(stage, event.uid)


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
            if is_seen(stage, folder):
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


def _is_shown(stage: Stage, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name in stage.icloud.calendar(f"{folder}/").collection.shown
