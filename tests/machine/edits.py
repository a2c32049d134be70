"""Owners change title and time of their own events in Daybook; what may come of that, and what not.

Until iCloud has it both times block. What somebody changes in iCloud meanwhile counts there.
"""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from calendars.models import BlockedSlot
from integrations.caldav.editing import NotEditable, Said
from integrations.models import OwnerEdit
from integrations.services.editing import (
    ChangedMeanwhile,
    Editing,
    editing_of,
    take_back,
    want_edit,
)
from tests.machine.model import SLOTS, Foreign, Known, Says, Shape, Span, Wish, at, span
from tests.machine.stage import Host, Stage

Interruption = AbstractContextManager[object]
What = Literal["title", "time", "both"]
WHATS: tuple[What, ...] = ("title", "time", "both")
SINGLE: frozenset[Shape] = frozenset({"busy", "long", "free"})


def want(
    stage: Stage, which: int, slot: int, what: What, within: Interruption | None = None
) -> None:
    """An owner has an event of theirs say something else."""
    found = _editable(stage, which)
    if found is None:
        return
    event, editing, is_busy = found
    assert editing.event is not None
    assert editing.stands is not None
    assert editing.shown is not None
    wanted = _wanted(stage, editing.shown, slot, what)
    host = stage.host_of(event.path)
    try:
        with within or nullcontext():
            want_edit(editing.event, wanted, owner=stage.member(host), version=editing.version)
    except (NotEditable, ChangedMeanwhile):
        return
    if _row(host, event.uid) is None:  # the process died before, or it says so already
        stage.model.wishes.pop((host.number, event.uid), None)
        return
    stands = _says(editing.stands)
    is_sure = stands == event.says and event.path not in stage.theirs.hidden
    is_sure &= _can_be_written(stage, event.path)
    before = Wish(set(), [], is_busy, is_sure)
    wish = stage.model.wishes.setdefault((host.number, event.uid), before)
    wish.olds.add(stands)
    wish.wants.append(_says(wanted))
    wish.is_sure &= is_sure


def _can_be_written(stage: Stage, path: str) -> bool:
    """Whether its calendar is there and can be written, which Daybook may not know yet."""
    folder = path.rpartition("/")[0] + "/"
    calendar = stage.icloud.service.world.calendar_at(folder)
    return calendar is not None and calendar.can_write


def take_one_back(stage: Stage, which: int) -> None:
    """An owner leaves an event as it was after all."""
    wished = list(stage.model.wishes)
    if not wished:
        return
    number, uid = wished[which % len(wished)]
    row = _row(stage.hosts[number], uid)
    if row is None:
        return
    take_back(row.remote_event, owner=stage.member(stage.hosts[number]))
    left = _row(stage.hosts[number], uid)
    if left is None:
        del stage.model.wishes[number, uid]
    else:
        stage.model.wishes[number, uid].wants.append(_says(left.wanted))


def take_note(stage: Stage) -> None:
    """What owners wanted is on iCloud, where it is; nothing else of their events is changed, and
    no wish gets lost."""
    for (number, uid), wish in list(stage.model.wishes.items()):
        event = stage.theirs.events.get(uid)
        if event is not None:
            _adopt(stage, number, event, wish)
        if _row(stage.hosts[number], uid) is None:
            is_done = event is not None and stage.theirs.events[uid].says == wish.wants[-1]
            assert is_done or not wish.is_sure, f"O2: what was wanted of {uid} is lost"
            del stage.model.wishes[number, uid]


def check_settled(stage: Stage) -> None:
    """O2, O6: in the end a wish is fulfilled, or given up for a reason that is shown."""
    for (number, uid), wish in stage.model.wishes.items():
        row = _row(stage.hosts[number], uid)
        assert row is not None
        assert row.state == OwnerEdit.State.GIVEN_UP, "O6: still being saved"
        assert row.problem, "O6: given up without a reason"
        assert not wish.is_sure, f"O2: what was wanted of {uid} was given up: {row.problem}"


def waiting(stage: Stage, host: Host) -> dict[str, frozenset[Span]]:
    """By UID: the busy time that events are to have, while that waits for iCloud; and the time that
    was sent before and may have arrived, until the worker has looked."""
    found = {}
    for (number, uid), wish in stage.model.wishes.items():
        if number == host.number and wish.is_busy:
            row = _row(host, uid)
            if row is not None and row.is_waiting:
                said_so = filter(None, (row.wanted, row.sent))
                found[uid] = frozenset(span(*each.span) for each in said_so)
    return found


def note_read(stage: Stage, number: int, event: Foreign) -> None:
    """That host's event was read: what is wanted of it is busy if and only if that is."""
    if wish := stage.model.wishes.get((number, event.uid)):
        wish.is_busy = event.shape != "free"


def doubt(stage: Stage, uid: str) -> None:
    """Something happens to that event that its owner's wish may be given up for."""
    for (_, wished), wish in stage.model.wishes.items():
        if wished == uid:
            wish.is_sure = False


def doubt_all(stage: Stage, hosts: Iterable[int] = (0, 1)) -> None:
    for (number, _), wish in stage.model.wishes.items():
        if number in hosts:
            wish.is_sure = False


def forget_all(stage: Stage, host: int) -> None:
    """What was read of that host's is erased, and with it what they wanted, as they were told."""
    doubt_all(stage, [host])
    take_note(stage)
    for key in [key for key in stage.model.wishes if key[0] == host]:
        del stage.model.wishes[key]


def _adopt(stage: Stage, number: int, event: Foreign, wish: Wish) -> None:
    text = stage.file(event.path)
    if text is None or text == event.ics:
        return
    says = _read(text)
    titles, spans = _allowed(event, wish)
    assert says[0] in titles, f"O4: the title of {event.uid} was changed"
    assert says[1] in spans, f"O4: the time of {event.uid} was changed"
    assert _rest(text) == _rest(event.ics), f"O4: {event.uid} was changed"
    slot = next(slot for slot in range(SLOTS) if span(at(slot), at(slot))[0] == says[1][0])
    version = next(stage.theirs.numbers)
    adopted = replace(event, slot=slot, title=says[0], text=text, version=version)
    stage.theirs.events[event.uid] = adopted
    known = stage.model.known.get((number, event.uid))
    if known is not None and known.event.version == event.version:
        del stage.model.known[number, event.uid]
        row = _row(stage.hosts[number], event.uid)
        is_heard = row is None or not row.is_waiting  # else both times block, until it is gone
        if wish.is_sure and is_heard:
            stage.model.known[number, event.uid] = Known(adopted, adopted.busy)


def _allowed(event: Foreign, wish: Wish) -> tuple[set[str], set[Span]]:
    """What its title and its time may be: as they stand, or as wanted where they are as their
    owner, or Daybook for them, left them."""
    ours = wish.olds | set(wish.wants)
    title, time = event.says
    titles = {title} | ({one[0] for one in wish.wants} if title in {o[0] for o in ours} else set())
    spans = {time} | ({one[1] for one in wish.wants} if time in {o[1] for o in ours} else set())
    return titles, spans


def _editable(stage: Stage, which: int) -> tuple[Foreign, Editing, bool] | None:
    """One of the owners' events, as it stands for its owner, and whether they see it as busy."""
    linked = tuple(folder for folder in stage.model.linked.values() if folder)
    events = [event for event in stage.theirs.within(linked) if event.shape in SINGLE]
    if not events or not linked:
        return None
    event = events[which % len(events)]
    host = stage.host_of(event.path)
    slots = BlockedSlot.objects.filter(user=host.user, uid=event.uid, deleted_remotely_at=None)
    slot = slots.select_related("source").order_by("key", "starts_at").first()
    if slot is None:
        return None
    editing = editing_of(slot, stage.member(host))
    is_open = editing.event is not None and editing.stands is not None and not editing.reason
    return (event, editing, slot.is_busy) if is_open else None


def _wanted(stage: Stage, shown: Said, slot: int, what: What) -> Said:
    title, starts_at, length = shown.title, shown.starts_at, shown.ends_at - shown.starts_at
    if what != "time":
        title = f"Wish {next(stage.theirs.numbers)}"
    if what != "title":
        starts_at = at(slot)
    return Said(title, starts_at, starts_at + length)


def _row(host: Host, uid: str) -> OwnerEdit | None:
    rows = OwnerEdit.objects.filter(
        remote_event__uid=uid, remote_event__remote_calendar__connection=host.connection
    )
    found: OwnerEdit | None = rows.select_related("remote_event__remote_calendar").first()
    return found


def _says(said: Said) -> Says:
    return said.title, span(*said.span)


def _read(ics: str) -> Says:
    title = re.search(r"^SUMMARY:(.*?)\r$", ics, re.MULTILINE)
    assert title
    return title[1], span(_instant(ics, "DTSTART"), _instant(ics, "DTEND"))


def _instant(ics: str, name: str) -> datetime:
    found = re.search(rf"^{name}:(\d{{8}}T\d{{6}})Z\r$", ics, re.MULTILINE)
    assert found
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _rest(ics: str) -> set[str]:
    """Its own lines that no edit touches; iCloud orders them, and renews those of the file."""
    changes = ("DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED")
    inside = ics[ics.index("BEGIN:VEVENT") : ics.index("END:VEVENT")]
    return {line for line in inside.split("\r\n") if line and not line.startswith(changes)}
