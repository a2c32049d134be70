"""Any order of what people, iCloud and Daybook do, the oracle after each step."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.machine import apple, oracle, others, own_events, people, settling, worker
from tests.machine.interruptions import crash
from tests.machine.model import SHAPES
from tests.machine.owners_steps import ANY_HOST, HOST, OwnersSteps
from tests.machine.restoring import restore_backup
from tests.machine.stage import Stage
from tests.machine.troubles import (
    BETWEEN_LIST_AND_BODIES,
    CHANGES,
    LOST_ANSWER,
    QUIRKS,
    SLOT,
    TROUBLE,
    WHICH,
    Trouble,
)

SHAPE = st.sampled_from(SHAPES)


@dataclass
class Tally:
    """How many runs and steps there were; `first_red` is the run that failed first."""

    runs: int = 0
    steps: int = 0
    first_red: int = 0
    steps_of_last: int = 0

    def __str__(self) -> str:
        red = f", first red at {self.first_red}" if self.first_red else ""
        return f"{self.runs} examples, {self.steps} steps{red}, last {self.steps_of_last} steps"


class Machine(OwnersSteps):
    """Two hosts, their calendars, guests and staff, and an iCloud with its bad days."""

    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.tally.runs += 1
        if self.tally.runs % 100 == 0:  # a long run says how far it is
            print(f"machine: {self.tally}", file=sys.__stderr__, flush=True)
        self.tally.steps_of_last = 0
        self.stage.begin()
        self.watching = self.stage.watching()
        self.watching.__enter__()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                settling.settle(self.stage)
                settling.check_settled(self.stage)
        finally:
            if isinstance(sys.exc_info()[1], Exception) and not self.tally.first_red:
                self.tally.first_red = self.tally.runs
                print(f"machine: red: {sys.exc_info()[1]}", file=sys.__stderr__)
            self.watching.__exit__(None, None, None)
            self.stage.end()

    @invariant()
    def oracle_holds(self) -> None:
        self.tally.steps += 1
        self.tally.steps_of_last += 1
        oracle.check(self.stage)
        self.stage.passes()

    # Guests and staff.

    @rule(slot=SLOT, host=ANY_HOST)
    def book(self, slot: int, host: int | None) -> None:
        people.book_publicly(self.stage, slot, host)

    @rule(slot=SLOT, before=st.integers(1, 60))
    def book_in_a_crash(self, slot: int, before: int) -> None:
        people.book_publicly(self.stage, slot, None, crash(before))

    @rule(slot=SLOT, host=HOST)
    def book_anyway(self, slot: int, host: int) -> None:
        people.book_anyway(self.stage, slot, host)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT, host=ANY_HOST, anyway=st.booleans())
    def move(self, which: int, slot: int, host: int | None, anyway: bool) -> None:  # noqa: FBT001
        people.move_one(self.stage, which, slot, host=host, anyway=anyway)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT)
    def reschedule(self, which: int, slot: int) -> None:
        people.move_one(self.stage, which, slot, by_guest=True)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT, before=st.integers(1, 60))
    def move_in_a_crash(self, which: int, slot: int, before: int) -> None:
        people.move_one(self.stage, which, slot, within=crash(before))

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        people.cancel_one(self.stage, which)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, before=st.integers(1, 40))
    def cancel_in_a_crash(self, which: int, before: int) -> None:
        people.cancel_one(self.stage, which, crash(before))

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH)
    def put_right(self, which: int) -> None:
        people.put_right(self.stage, which)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, before=st.integers(1, 30))
    def put_right_in_a_crash(self, which: int, before: int) -> None:
        people.put_right(self.stage, which, crash(before))

    @precondition(lambda self: any(not one.is_live for one in self.stage.model.booked))
    @rule(which=WHICH, anyway=st.booleans())
    def restore(self, which: int, anyway: bool) -> None:  # noqa: FBT001
        people.restore_one(self.stage, which, anyway=anyway)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH)
    def have_written_again(self, which: int) -> None:
        people.have_written_again(self.stage, which)

    # Somebody else, on iCloud.

    @rule(host=HOST, folder=HOST, shape=SHAPE, slot=SLOT)
    def add_event(self, host: int, folder: int, shape: Any, slot: int) -> None:
        others.add(self.stage, host, folder, shape, slot)

    @precondition(lambda self: self.stage.theirs.events)
    @rule(which=WHICH, shape=SHAPE, slot=SLOT)
    def edit_event(self, which: int, shape: Any, slot: int) -> None:
        others.edit(self.stage, which, shape, slot)

    @precondition(lambda self: self.stage.theirs.events)
    @rule(which=WHICH)
    def delete_event(self, which: int) -> None:
        others.delete(self.stage, which)

    @precondition(lambda self: self.stage.theirs.graves)
    @rule(which=WHICH, slot=SLOT)
    def recreate_event(self, which: int, slot: int) -> None:
        others.recreate(self.stage, which, slot)

    @precondition(lambda self: self.stage.theirs.events)
    @rule(which=WHICH)
    def move_event_to_the_other_calendar(self, which: int) -> None:
        others.change_calendar(self.stage, which)

    @precondition(lambda self: self.stage.model.booked)
    @rule(
        act=st.sampled_from(
            [
                own_events.retitle_own,
                own_events.write_into_own,
                own_events.make_own_all_day,
                own_events.delete_own,
                own_events.drag_own,
                own_events.swap_own,
            ]
        ),
        which=WHICH,
    )
    def change_own(self, act: Callable[[Stage, int], None], which: int) -> None:
        act(self.stage, which)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT)
    def move_own(self, which: int, slot: int) -> None:
        own_events.move_own(self.stage, which, slot)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT, to=SLOT)
    def change_on_both_sides(self, which: int, slot: int, to: int) -> None:
        """Its host edits or drags an event, and staff move the appointment before that is read."""
        own_events.retitle_own(self.stage, which)
        if slot != to:
            own_events.move_own(self.stage, which, slot)
        people.move_one(self.stage, which, to, anyway=True)

    @precondition(lambda self: self.stage.model.booked)
    @rule(which=WHICH, slot=SLOT)
    def take_place_of_own(self, which: int, slot: int) -> None:
        own_events.take_place_of_own(self.stage, which, slot)

    # Apple.

    @rule(which=WHICH, as_deleted=st.booleans())
    def hide(self, which: int, as_deleted: bool) -> None:  # noqa: FBT001
        apple.hide(self.stage, which, as_deleted=as_deleted)

    @precondition(lambda self: self.stage.theirs.hidden)
    @rule()
    def show_all(self) -> None:
        apple.show_all(self.stage)

    @rule(which=WHICH)
    def drift(self, which: int) -> None:
        apple.drift(self.stage, which)

    @rule(host=HOST)
    def move_markers(self, host: int) -> None:
        """Markers move for nothing, right between two readings."""
        worker.sync(self.stage, self.stage.hosts[host])
        apple.move_markers(self.stage)
        worker.sync(self.stage, self.stage.hosts[host])

    @rule()
    def expire_tokens(self) -> None:
        self.stage.icloud.expire_tokens()

    @rule(quirk=st.sampled_from(sorted(QUIRKS)), which=WHICH)
    def behave_otherwise(self, quirk: str, which: int) -> None:
        values = QUIRKS[quirk]
        setattr(self.stage.icloud.quirks, quirk, values[which % len(values)])

    @precondition(lambda self: all(self.stage.password(host) for host in self.stage.hosts))
    @rule(host=HOST)
    def revoke(self, host: int) -> None:
        apple.revoke(self.stage, host)

    @precondition(lambda self: not all(self.stage.password(host) for host in self.stage.hosts))
    @rule()
    def sign_in_anew(self) -> None:
        for host in self.stage.hosts:
            if not self.stage.password(host):
                worker.sign_in_anew(self.stage, host)

    # Daybook, and time.

    @rule()
    def turn(self) -> None:
        """Everything once, as the worker does in a good minute."""
        worker.deliver(self.stage)
        for host in self.stage.hosts:
            worker.sync(self.stage, host)

    @rule(host=HOST)
    def sync(self, host: int) -> None:
        worker.sync(self.stage, self.stage.hosts[host])

    @rule()
    def deliver(self) -> None:
        worker.deliver(self.stage)

    @rule(host=HOST, trouble=TROUBLE)
    def sync_in_trouble(self, host: int, trouble: Trouble) -> None:
        worker.sync(self.stage, self.stage.hosts[host], trouble.on(self.stage))

    @rule(trouble=TROUBLE)
    def deliver_in_trouble(self, trouble: Trouble) -> None:
        worker.deliver(self.stage, trouble.on(self.stage))

    @rule(host=HOST, folder=HOST, slot=SLOT, trouble=TROUBLE | BETWEEN_LIST_AND_BODIES)
    def sync_news_in_trouble(self, host: int, folder: int, slot: int, trouble: Trouble) -> None:
        """There is something to read, and something comes between."""
        others.add(self.stage, host, folder, "busy", slot)
        worker.sync(self.stage, self.stage.hosts[host], trouble.on(self.stage))

    @rule(slot=SLOT, trouble=TROUBLE)
    def deliver_news_in_trouble(self, slot: int, trouble: Trouble) -> None:
        """There is something to write, and something comes between."""
        people.book_publicly(self.stage, slot, None)
        worker.deliver(self.stage, trouble.on(self.stage))

    @rule(slot=SLOT)
    def lose_the_answer(self, slot: int) -> None:
        """An event arrives, its answer does not, and it is time for the next attempt."""
        people.book_publicly(self.stage, slot, None)
        worker.deliver(self.stage, LOST_ANSWER.on(self.stage))
        self.stage.passes(settling.ROUND)
        worker.deliver(self.stage)

    @rule(slot=SLOT, what=st.sampled_from(CHANGES), to=SLOT, before=st.integers(1, 20))
    def change_while_it_is_written(self, slot: int, what: str, to: int, before: int) -> None:
        """Somebody changes an appointment just as its event goes out."""
        people.book_publicly(self.stage, slot, None)
        newest = sum(booked.is_live for booked in self.stage.model.booked) - 1
        trouble = Trouble("meanwhile", before, what, max(newest, 0), to)
        worker.deliver(self.stage, trouble.on(self.stage))

    @rule(minutes=st.sampled_from([5, 15, 75]))
    def time_passes(self, minutes: int) -> None:
        self.stage.passes(timedelta(minutes=minutes))

    @rule()
    def back_up(self) -> None:
        self.stage.back_up()

    @precondition(lambda self: self.stage.backup is not None)
    @rule()
    def restore_backup(self) -> None:
        restore_backup(self.stage)
