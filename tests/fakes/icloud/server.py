"""The whole server: its addresses, its script of faults, and what somebody else does to it."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Literal, Self

from tests.fakes.icloud import keeping
from tests.fakes.icloud.faults import EVER, Faults, Misdeed, Rule
from tests.fakes.icloud.messages import EDGE, Logged
from tests.fakes.icloud.others import Others
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.service import Service
from tests.fakes.icloud.state import World
from tests.fakes.icloud.wire import Exchange, Listener


class ICloudServer(Others):
    """An iCloud at home. Use as a context manager, or ``start()`` and ``stop()``.

    ``url`` is where clients begin; calendars live at ``partition_url``, another host to them.
    ``origins`` are both, for whoever keeps a list of addresses that may be contacted.
    """

    def __init__(
        self,
        folder: Path | str | None = None,
        *,
        port: int = 0,
        partition_port: int = 0,
        quirks: Quirks | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.folder = Path(folder) if folder else None
        world = keeping.load(self.folder) if self.folder else World()
        self.service = Service(world, quirks or Quirks(), clock=clock)
        self.faults = Faults()
        self.log: list[Logged] = []
        self.port, self._partition_port = port, partition_port
        self._exchange = Exchange(self.service, self.faults, self.log, self.keep)
        self.turn = self._exchange.turn
        self._edge: Listener | None = None
        self._partitions: list[Listener] = []

    @property
    def quirks(self) -> Quirks:
        return self.service.quirks

    # Life.

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._edge = Listener(self.port, EDGE, self._exchange)
        self.port = int(self._edge.server_address[1])
        self._open_partition(self._partition_port)

    def stop(self) -> None:
        self._exchange.closing.set()
        for listener in [self._edge, *self._partitions]:
            if listener:
                listener.close()
        self.keep()

    def keep(self) -> None:
        """Write down what is held now, where there is a folder for it.

        This happens after every write of a client and in the end; whoever else changes something
        and means it to survive a kill says so.
        """
        if self.folder:
            with self.turn:
                keeping.save(self.service.world, self.folder)

    def stop_process(self) -> None:
        """Out of service, at the same addresses: every request meets a closed connection."""
        self._exchange.is_down = True

    def restart_process(self) -> None:
        self._exchange.is_down = False

    def change_partition(self, *, old: Literal["gone", "redirects", "serves"] = "gone") -> str:
        """Move all calendars to another host; returns its address."""
        last = self._partitions[-1]
        self.service.world.partition += 1
        self._open_partition(0)
        if old == "gone":
            self._partitions.remove(last)
            last.close()
        elif old == "redirects":
            last.redirect = lambda: self.partition_url
        return self.partition_url

    def _open_partition(self, port: int) -> None:
        name = f"p{self.service.world.partition:02}"
        self._partitions.append(Listener(port, name, self._exchange))
        self.service.partition_url = self._partitions[-1].url

    # Addresses.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def partition_url(self) -> str:
        return self.service.partition_url

    @property
    def origins(self) -> tuple[str, ...]:
        return (self.url, *(partition.url for partition in self._partitions))

    # What was asked.

    @property
    def requests(self) -> list[tuple[str, str]]:
        """(method, path) of every request, in order."""
        return [(entry.method, entry.path) for entry in self.log]

    def clear(self) -> None:
        self.log.clear()

    # What goes wrong. `faults.add` says it more exactly.

    def slow_down(self, path: str, seconds: float) -> Rule:
        """Answer for everything below this path only after so many seconds."""
        return self.faults.add(Misdeed(delay=seconds), path=path, times=EVER)

    def refuse(self, method: str, path: str, status: int, *, containing: str = "") -> Rule:
        """Answer these requests with that status, until `relent`."""
        misdeed = Misdeed(status)
        return self.faults.add(misdeed, method=method, path=path, containing=containing, times=EVER)

    def lose(self, method: str, path: str, *, arrives: bool = True) -> Rule:
        """Break the connection of the next such request instead of answering it; ``arrives``:
        after it took effect."""
        misdeed = Misdeed(reset="after" if arrives else "before")
        return self.faults.add(misdeed, method=method, path=path)

    def relent(self) -> None:
        self.faults.clear()
