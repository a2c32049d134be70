"""What becomes of whole calendars on iCloud: read-only, out of sight, deleted and made anew."""

from tests.fakes.icloud.state import Account, Calendar
from tests.machine import edits
from tests.machine.others import lose_event
from tests.machine.own_events import excuse, lose_own
from tests.machine.stage import Stage


def set_read_only(stage: Stage, host: int, folder: int, *, read_only: bool) -> None:
    """Its owner takes the right to write, or gives it back."""
    path = _path(stage, host, folder)
    if path not in stage.theirs.lost:
        stage.icloud.set_read_only(path, read_only=read_only)
        edits.doubt_all(stage, [host])


def lose(stage: Stage, host: int, folder: int) -> None:
    """It is no longer shared with its host: all that is in it is out of their sight."""
    path = _path(stage, host, folder)
    if path in stage.theirs.lost:
        return
    for event in stage.theirs.within((path,)):
        lose_event(stage, event)
    for own in stage.own(stage.hosts[host]):
        if own.path.startswith(path):
            stage.theirs.ever_gone.add(own.uid)
            excuse(stage, own, "deleted")
    stage.theirs.lost[path] = _take_out(stage, path)


def delete(stage: Stage, host: int, folder: int) -> None:
    """It is deleted, with all that is in it. A new one may come to stand there."""
    path = _path(stage, host, folder)
    if path in stage.theirs.lost:
        return
    events = stage.theirs.within((path,))
    own = [each for each in stage.own(stage.hosts[host]) if each.path.startswith(path)]
    if not stage.theirs.may_lose(host, len(events) + len(own)):
        return
    stage.theirs.gone[host] += len(events) + len(own)
    for event in events:
        lose_event(stage, event)
        stage.theirs.graves[event.uid] = stage.theirs.events.pop(event.uid)
        stage.theirs.hidden.discard(event.path)
    for each in own:
        lose_own(stage, each)
        stage.theirs.hidden.discard(each.path)
    gone = _take_out(stage, path)
    anew = Calendar(path, gone.title, stage.icloud.service.world.new_collection())
    stage.theirs.lost[path] = anew


def bring_back(stage: Stage) -> None:
    """All calendars are there again, as they are by now."""
    for path, calendar in stage.theirs.lost.items():
        _account(stage, path).calendars[path] = calendar
    stage.theirs.lost.clear()


def make_writable(stage: Stage) -> None:
    for host in stage.hosts:
        for path in host.folders:
            stage.icloud.set_read_only(path, read_only=False)


def _path(stage: Stage, host: int, folder: int) -> str:
    folders = stage.hosts[host].folders
    return folders[folder % len(folders)]


def _take_out(stage: Stage, path: str) -> Calendar:
    with stage.icloud.turn:
        return _account(stage, path).calendars.pop(path)


def _account(stage: Stage, path: str) -> Account:
    account = stage.icloud.service.world.owner_of(path)
    assert account is not None
    return account
