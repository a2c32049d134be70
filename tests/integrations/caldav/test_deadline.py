import socket
import time

from integrations.caldav.deadline import Lines


def is_cut(line: socket.socket) -> bool:
    """A line that was shut down reads as ended; one that is open would block."""
    line.settimeout(0)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False


def test_lines_are_cut_when_the_time_is_up() -> None:
    lines = Lines()
    here, there = socket.socketpair()
    with here, there:
        with lines.deadline(0.05):
            lines.watch(here)
            assert not is_cut(there)
            time.sleep(0.2)

        assert lines.is_late
        assert is_cut(here)
        assert is_cut(there)


def test_a_line_opened_too_late_is_cut_at_once() -> None:
    lines = Lines()
    here, there = socket.socketpair()
    with here, there, lines.deadline(0.01):
        time.sleep(0.1)

        lines.watch(here)

        assert is_cut(there)


def test_lines_outlive_a_deadline_that_was_kept() -> None:
    lines = Lines()
    here, there = socket.socketpair()
    with here, there:
        with lines.deadline(0.05):
            lines.watch(here)
        time.sleep(0.1)

        assert not lines.is_late
        assert not is_cut(there)
        lines.cut()
        assert is_cut(there)
