"""Open connections, and a clock that cuts them.

Timeouts of HTTP libraries are per read: a server that sends one byte a second holds them for
ever. Shutting the connection down ends any read at once, in the TLS handshake too.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from time import monotonic
from typing import Protocol, Self

BOTH_WAYS = 2  # socket.SHUT_RDWR


class Line(Protocol):
    """What we need of a connected socket."""

    def dup(self) -> Self: ...
    def shutdown(self, how: int, /) -> None: ...
    def close(self) -> None: ...


class Lines:
    """Second handles on the connections of one client: TLS takes the first one away."""

    def __init__(self) -> None:
        self.opened = 0
        self.is_late = False
        self._ends = 0.0
        self._handles: list[Line] = []

    @property
    def seconds_left(self) -> float:
        return max(0.1, self._ends - monotonic())

    def watch(self, line: Line) -> None:
        """Remember a connection just opened; one that came too late ends here."""
        self._handles.append(line.dup())
        self.opened += 1
        if self.is_late:
            self.cut()

    def cut(self) -> None:
        """End all connections."""
        handles, self._handles = self._handles, []
        for handle in handles:
            with suppress(OSError):  # the other side was faster
                handle.shutdown(BOTH_WAYS)
            handle.close()

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Cut all connections when the time is up; ``is_late`` then says why they ended."""
        self.is_late, self._ends = False, monotonic() + seconds
        timer = Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # so that a late clock cannot end the next request

    def _give_up(self) -> None:
        self.is_late = True
        self.cut()
