"""Steps of hosts in Daybook: their accounts and events, and what becomes of their calendars."""

from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.machine import edits, folders, owners, worker
from tests.machine.edits import WHATS, What
from tests.machine.stage import Stage
from tests.machine.troubles import LOST_ANSWER, SLOT, TROUBLE, WHICH, Trouble

HOST = st.integers(0, 1)
ANY_HOST = st.none() | HOST
WHAT = st.sampled_from(WHATS)
A_WHILE = timedelta(minutes=15)  # what was missing that long is gone


class OwnersSteps(RuleBasedStateMachine):
    """A part of `Machine`."""

    stage: ClassVar[Stage]

    # Accounts.

    @rule(host=HOST, removes_events=st.booleans())
    def disconnect(self, host: int, removes_events: bool) -> None:  # noqa: FBT001
        owners.leave(self.stage, self.stage.hosts[host], removes_events=removes_events)

    @precondition(lambda self: self.stage.model.left)
    @rule(host=HOST, takes=st.booleans())
    def connect_again(self, host: int, takes: bool) -> None:  # noqa: FBT001
        owners.come_back(self.stage, self.stage.hosts[host], takes_upcoming=takes)

    @rule(host=HOST, frees=st.booleans(), cancels=st.booleans())
    def set_deletions(self, host: int, frees: bool, cancels: bool) -> None:  # noqa: FBT001
        owner = self.stage.hosts[host]
        owners.set_deletions(self.stage, owner, frees=frees, cancels=cancels)

    @rule(host=HOST, which=WHICH, everything=st.booleans())
    def release(self, host: int, which: int, everything: bool) -> None:  # noqa: FBT001
        owner = self.stage.hosts[host]
        owners.release_kept(self.stage, owner, which, everything=everything)

    @rule(folder=st.none() | HOST, takes=st.booleans())
    def link(self, folder: int | None, takes: bool) -> None:  # noqa: FBT001
        """The first host, who has two calendars, links the other one, or none."""
        host = self.stage.hosts[0]
        path = "" if folder is None else host.folders[folder]
        owners.link(self.stage, host, path, takes_upcoming=takes)

    # Their own events.

    @precondition(lambda self: self.stage.theirs.events)
    @rule(which=WHICH, slot=SLOT, what=WHAT)
    def want_edit(self, which: int, slot: int, what: What) -> None:
        edits.want(self.stage, which, slot, what)

    @precondition(lambda self: self.stage.theirs.events)
    @rule(which=WHICH, slot=SLOT, what=WHAT, trouble=TROUBLE | st.just(LOST_ANSWER))
    def want_edit_in_trouble(self, which: int, slot: int, what: What, trouble: Trouble) -> None:
        """An owner's edit goes out, and something comes between."""
        edits.want(self.stage, which, slot, what)
        worker.deliver(self.stage, trouble.on(self.stage))

    @precondition(lambda self: self.stage.model.wishes)
    @rule(which=WHICH)
    def take_edit_back(self, which: int) -> None:
        edits.take_one_back(self.stage, which)

    # Whole calendars.

    @rule(host=HOST, folder=HOST, read_only=st.booleans())
    def change_right_to_write(self, host: int, folder: int, read_only: bool) -> None:  # noqa: FBT001
        folders.set_read_only(self.stage, host, folder, read_only=read_only)

    @rule(host=HOST, folder=HOST, is_deleted=st.booleans(), for_good=st.booleans())
    def lose_calendar(self, host: int, folder: int, is_deleted: bool, for_good: bool) -> None:  # noqa: FBT001
        """It is not shared any more, or deleted; that is noticed at the second look."""
        (folders.delete if is_deleted else folders.lose)(self.stage, host, folder)
        if for_good:
            for _ in range(2):
                worker.sync(self.stage, self.stage.hosts[host])
                self.stage.passes(A_WHILE)

    @precondition(lambda self: self.stage.theirs.lost)
    @rule()
    def bring_calendars_back(self) -> None:
        folders.bring_back(self.stage)
