"""A real CalDAV server in a process of its own, behind a proxy that counts requests."""

import base64
import http.client
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from xml.sax.saxutils import escape

from tests.fakes.proxy import CountingProxy, Gate

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 20
XML = {"Content-Type": "application/xml; charset=utf-8"}
CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}
NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:cs="http://calendarserver.org/ns/" xmlns:i="http://apple.com/ns/ical/"'
)


class ServedCalDAV(ABC):
    """Base of the servers. Use as a context manager, or ``start()`` and ``stop()``.

    ``url`` ends without slash; paths begin with one. The methods that change something act for
    "somebody else": they go to the server itself and are not among ``requests``.
    """

    def __init__(self, folder: Path | str | None = None, *, port: int = 0) -> None:
        self._temporary = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="caldav-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.users: dict[str, str] = {}
        self._proxy: CountingProxy | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._backend_port = 0

    # What a server fills in.

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """What starts the server on that port."""

    def authorization(self) -> dict[str, str]:
        return {}

    # Life.

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._launch()
        self._proxy = CountingProxy(self.port, self._backend_port)
        self.port = self._proxy.port

    def stop(self) -> None:
        if self._proxy:
            self._proxy.close()
        self.stop_process()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop_process(self) -> None:
        """End the server but not its address: requests then meet a closed connection."""
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def restart_process(self) -> None:
        self.stop_process()
        self._launch()
        if self._proxy:
            self._proxy.backend_port = self._backend_port

    def _launch(self) -> None:
        for _ in range(3):
            self._backend_port = free_port()
            with (self.folder / "server.log").open("ab") as output:
                self._process = subprocess.Popen(
                    self.command(self._backend_port),
                    cwd=REPOSITORY,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            if self._is_up():
                return
        log = (self.folder / "server.log").read_text(errors="replace")
        raise RuntimeError(f"The CalDAV server did not start:\n{log[-2000:]}")

    def _is_up(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while self._process and self._process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._backend_port), 0.5).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        return False

    # What was asked.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Every address the server may send its clients to."""
        return (self.url,)

    @property
    def requests(self) -> list[tuple[str, str]]:
        """(method, path) of every request through the public address, in order."""
        return self._proxy.requests if self._proxy else []

    def clear(self) -> None:
        self.requests.clear()

    def slow_down(self, path: str, seconds: float) -> None:
        """Answer for everything below this path only after so many seconds."""
        if self._proxy:
            self._proxy.delays[path] = seconds

    def refuse(self, method: str, path: str, status: int, *, containing: str = "") -> None:
        """Answer these requests with that status, until `relent`."""
        if self._proxy:
            self._proxy.refusals[method, path, containing] = status

    def stop_next(self, method: str, *, is_after: bool = False) -> Gate:
        """Hold the next request with that method where the gate says."""
        gate = Gate(method, is_after=is_after)
        if self._proxy:
            self._proxy.gate = gate
        return gate

    def lose(self, method: str, path: str, *, arrives: bool = True) -> None:
        """Break the connection of the next such request instead of answering it; ``arrives``:
        after it took effect."""
        if self._proxy:
            self._proxy.losses[method, path] = arrives

    def relent(self) -> None:
        if self._proxy:
            self._proxy.gate = None
            self._proxy.losses.clear()
            self._proxy.refusals.clear()
            self._proxy.delays.clear()

    # What somebody else does.

    def ask(
        self,
        method: str,
        path: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        ok: Sequence[int] = (200, 201, 204, 207),
    ) -> tuple[int, dict[str, str], str]:
        """Send one request to the server itself; (status, headers in lower case, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self._backend_port, timeout=30)
        try:
            sent = {**self.authorization(), **(headers or {})}
            connection.request(method, path, body.encode(), sent)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        if answer.status not in ok:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:500]}")
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def make_calendar(
        self,
        path: str,
        name: str,
        *,
        color: str = "#0E61B9FF",
        components: Sequence[str] = ("VEVENT",),
    ) -> str:
        """Make a calendar and return its path."""
        listed = "".join(f'<c:comp name="{component}"/>' for component in components)
        self.ask(
            "MKCALENDAR",
            path,
            f"<c:mkcalendar {NAMESPACES}><d:set><d:prop><d:displayname>{escape(name)}"
            f"</d:displayname><i:calendar-color>{color}</i:calendar-color>"
            f"<c:supported-calendar-component-set>{listed}</c:supported-calendar-component-set>"
            "</d:prop></d:set></c:mkcalendar>",
            XML,
        )
        return path

    def make_reminders(self, path: str, name: str = "Reminders") -> str:
        return self.make_calendar(path, name, components=("VTODO",))

    def put(self, path: str, ics: str) -> str:
        """Store an event, whatever is there; returns its ETag."""
        _, headers, _ = self.ask("PUT", path, ics, CALENDAR)
        return headers.get("etag") or self.etag(path)

    def get(self, path: str) -> str:
        """Return what is stored; AssertionError where there is nothing."""
        return self.ask("GET", path)[2]

    def etag(self, path: str) -> str:
        return self.ask("GET", path)[1]["etag"]

    def has(self, path: str) -> bool:
        return self.ask("GET", path, ok=(200, 404, 410))[0] == 200

    def delete(self, path: str) -> None:
        """Delete an event or, for a path ending in a slash, a whole calendar."""
        self.ask("DELETE", path)


def basic(name: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_module(name: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", name]
