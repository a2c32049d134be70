"""A reverse proxy that counts: what a server was really asked."""

import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "server", "date"}
MOST_REMEMBERED = 100_000
MOST_HELD = 60.0


@dataclass
class Gate:
    """Stops one request with that method before the server sees it, or before it is answered.

    ``reached`` says that it stands there; ``open`` lets it go on, or with ``drop`` closes the
    connection instead. ``passed`` says that what was to be done is done.
    """

    method: str
    is_after: bool = False
    drop: bool = False
    reached: Event = field(default_factory=Event)
    may_go_on: Event = field(default_factory=Event)
    passed: Event = field(default_factory=Event)

    def open(self, *, drop: bool = False) -> None:
        self.drop = drop
        self.may_go_on.set()

    def stop(self) -> None:
        """Wait here until it opens. Raises where it drops the connection."""
        self.reached.set()
        self.may_go_on.wait(MOST_HELD)
        if self.drop:
            raise ConnectionAbortedError


class CountingProxy(ThreadingHTTPServer):
    """Passes requests on to ``backend_port`` and keeps (method, path) of each."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, backend_port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.backend_port = backend_port
        self.requests: list[tuple[str, str]] = []
        self.delays: dict[str, float] = {}  # beginning of a path: seconds before its answer
        # method, beginning of the path, part of the body: the status answered in the server's stead
        self.refusals: dict[tuple[str, str, str], int] = {}
        self.gate: Gate | None = None  # for one request
        # method, beginning of the path: whether the next such request arrives before it is lost
        self.losses: dict[tuple[str, str], bool] = {}
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def refusal(self, method: str, path: str, body: bytes) -> int | None:
        for (refused, start, part), status in self.refusals.items():
            if method == refused and path.startswith(start) and part.encode() in body:
                return status
        return None

    def take_gate(self, method: str) -> Gate | None:
        gate = self.gate
        if gate is None or gate.method != method:
            return None
        self.gate = None
        return gate

    def loss(self, method: str, path: str) -> bool | None:
        """Whether this request is lost, once: with its effect (True), without, or not (None)."""
        for lost, start in list(self.losses):
            if method == lost and path.startswith(start):
                return self.losses.pop((lost, start))
        return None

    def delay(self, path: str) -> None:
        time.sleep(
            max((s for start, s in self.delays.items() if path.startswith(start)), default=0)
        )

    def note(self, method: str, path: str) -> None:
        if len(self.requests) < MOST_REMEMBERED:
            self.requests.append((method, path))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: CountingProxy

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.server.note(self.command, self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.delay(self.path)
        if status := self.server.refusal(self.command, self.path, body):
            self.send_response_only(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        gate = self.server.take_gate(self.command)
        arrives = self.server.loss(self.command, self.path)
        try:
            self._pass_on(body, gate, arrives=arrives)
        except (OSError, HTTPException):
            self.close_connection = True
        if gate:
            gate.passed.set()

    def _pass_on(self, body: bytes, gate: Gate | None, *, arrives: bool | None) -> None:
        if gate and not gate.is_after:
            gate.stop()
        if arrives is False:
            raise ConnectionAbortedError
        answer, content = self._ask_backend(body)
        if gate and gate.is_after:
            gate.stop()
        if arrives:
            raise ConnectionAbortedError
        self._hand_back(answer, content)

    def _ask_backend(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        backend = HTTPConnection("127.0.0.1", self.server.backend_port, timeout=60)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            backend.request(self.command, self.path, body or None, headers)
            answer = backend.getresponse()
            return answer, answer.read()
        finally:
            backend.close()

    def _hand_back(self, answer: HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""
