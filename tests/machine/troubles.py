"""What may come between while the worker works, and how else iCloud may behave: strategies."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.faults.kinds import KINDS
from tests.machine import edits, others, own_events, owners, people
from tests.machine.interruptions import crash, meanwhile
from tests.machine.model import SLOTS
from tests.machine.stage import Stage

SLOT = st.integers(0, SLOTS // 2)
WHICH = st.integers(0, 5)
QUIRKS: dict[str, list[Any]] = {
    "put_etag": ["strong", "weak", "none"],
    "listing_lag": [0, 1, 2],
    "body_lag": [0, 1],
    "etag_drifts": [False, True],
    "device_wins": [True, False],
    "expired_token": ["403", "403-named", "412", "410", "507", "full"],
    "uid_conflict": ["no-uid-conflict", "bare"],
}
# What others can do between two statements of the worker's: by name, with a number and a slot.
MEANWHILE: dict[str, Callable[[Stage, int, int], None]] = {
    "cancel": lambda stage, which, _: people.cancel_one(stage, which),
    "move": people.move_one,
    "move over": lambda stage, which, slot: people.move_one(stage, which, slot, anyway=True),
    "book": lambda stage, _, slot: people.book_publicly(stage, slot, None),
    "move own": own_events.move_own,
    "write into own": lambda stage, which, _: own_events.write_into_own(stage, which),
    "delete own": lambda stage, which, _: own_events.delete_own(stage, which),
    "add": lambda stage, which, slot: others.add(stage, which % 2, which % 2, "busy", slot),
    "edit": lambda stage, which, slot: others.edit(stage, which, "busy", slot),
    "link": lambda stage, which, slot: _link(stage, which % 2, slot % 2),
    "change calendar": lambda stage, which, _: others.change_calendar(stage, which),
}


def _link(stage: Stage, host: int, folder: int) -> None:
    folders = stage.hosts[host].folders
    owners.link(stage, stage.hosts[host], folders[folder % len(folders)], takes_upcoming=True)


CHANGES = ("cancel", "move", "move over", "move own", "delete own")


@dataclass(frozen=True)
class Trouble:
    """What comes between: a misdeed at the nth request (of a method), the end of the process, or
    somebody."""

    kind: str
    at: int
    what: str = ""
    which: int = 0
    slot: int = 0

    def on(self, stage: Stage) -> AbstractContextManager[object]:
        if self.kind == "crash":
            return crash(self.at)
        if self.kind == "meanwhile":
            act = MEANWHILE[self.what]
            return meanwhile(self.at, lambda: act(stage, self.which, self.slot))
        return _misdeed(stage, self)


@contextmanager
def _misdeed(stage: Stage, trouble: Trouble) -> Iterator[None]:
    if trouble.kind not in PASSING:
        edits.doubt_all(stage)
    stage.icloud.faults.add(KINDS[trouble.kind], method=trouble.what, nth=trouble.at)
    try:
        yield
    finally:
        stage.icloud.relent()


# What says nothing about an event: whatever is to be written waits for a better hour.
PASSING = frozenset({"401", "429", "503", "reset before", "reset during", "reset after"})
FAULTS = [kind for kind in KINDS if kind not in {"huge", "redirect elsewhere"}]
TROUBLE = (
    st.builds(Trouble, st.sampled_from(FAULTS), st.integers(1, 6))
    | st.builds(
        Trouble,
        st.sampled_from(FAULTS),
        st.integers(1, 3),
        st.sampled_from(["REPORT", "PUT", "GET", "DELETE"]),
    )
    | st.builds(Trouble, st.just("crash"), st.integers(1, 50))
    | st.builds(
        Trouble,
        st.just("meanwhile"),
        st.integers(1, 25),
        st.sampled_from(sorted(MEANWHILE)),
        WHICH,
        SLOT,
    )
)
# Events are listed and not yet read, and the whole account gives no answer: nothing goes on. One
# branch each, so that it is met as often as all of the above.
BETWEEN_LIST_AND_BODIES = st.one_of(
    *(st.just(Trouble(kind, 2, "REPORT")) for kind in ("401", "429", "503", "reset during"))
)
LOST_ANSWER = Trouble("reset after", 1, "PUT")
