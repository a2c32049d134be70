"""Fault 1: a worker killed with SIGKILL around the PUT, in a process of its own."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests import processes
from tests.fakes.icloud import Misdeed
from tests.fakes.icloud.faults import Rule
from tests.faults.play import Play, at, start_of

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """One that drains the outbox, and never comes to an end by itself here."""
    process = processes.start("deliver")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, "It never came to that point."
        time.sleep(0.02)


def is_asked(rule: Rule) -> Callable[[], bool]:
    return lambda: rule.has_struck


def kill_at(play: Play, happened: Callable[[], bool]) -> None:
    with worker():
        wait_for(happened)


def test_fault_1_killed_before_the_write_takes_effect(play: Play) -> None:
    play.book(10)
    rule = play.icloud.faults.add(Misdeed(delay=PATIENCE, reset="before"), method="PUT")

    kill_at(play, is_asked(rule))

    assert play.ours() == {}
    finish(play)


def test_fault_1_killed_while_the_write_is_on_its_way(play: Play) -> None:
    """It takes effect after the worker is dead."""
    play.book(10)
    rule = play.icloud.faults.add(Misdeed(delay=2), method="PUT")

    kill_at(play, is_asked(rule))
    wait_for(lambda: len(play.ours()) == 1)

    finish(play)


def test_fault_1_killed_while_the_answer_comes(play: Play) -> None:
    play.book(10)
    play.icloud.faults.add(Misdeed(drip=1), method="PUT")

    kill_at(play, lambda: len(play.ours()) == 1)

    finish(play)


def finish(play: Play) -> None:
    """Leases run out, another worker comes, and there is one event."""
    play.icloud.relent()
    play.time_passes(timedelta(minutes=1))
    assert len(play.ours()) <= 1
    play.settle()

    assert [start_of(text) for text in play.ours().values()] == [at(10)]
    assert play.writes().count("PUT") <= 2
    play.check()
