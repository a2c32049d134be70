"""Sockets: HTTP/1.1 with kept connections, and every way an answer can fail to arrive."""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.icloud.faults import Faults, Misdeed
from tests.fakes.icloud.gate import name_in
from tests.fakes.icloud.messages import REASONS, Answer, Logged, Request
from tests.fakes.icloud.service import Service

FILLER = b"<response><href>/</href></response>" * 1000
MOST_REMEMBERED = 100_000
CHANGING = {"PUT", "DELETE", "MOVE", "MKCALENDAR", "MKCOL", "PROPPATCH"}


@dataclass
class Exchange:
    """What all addresses of the server share. Requests are carried out one after the other."""

    service: Service
    faults: Faults
    log: list[Logged]
    keep: Callable[[], None]  # called after each request that may have changed something

    def __post_init__(self) -> None:
        self.is_down = False
        self.turn = threading.RLock()
        self.closing = threading.Event()

    def note(self, request: Request) -> Logged:
        entry = Logged(
            request.method,
            request.path,
            request.host,
            request.depth,
            name_in(request),
            request.body,
        )
        with self.turn:
            if len(self.log) < MOST_REMEMBERED:
                self.log.append(entry)
        return entry


class Listener(ThreadingHTTPServer):
    """One address of the server: the first one, or a partition."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, name: str, exchange: Exchange) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.name, self.exchange = name, exchange
        self.lines: set[socket.socket] = set()
        self.redirect: Callable[[], str] | None = None
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        """Stop listening, and end the connections that are open."""
        self.shutdown()
        self.server_close()
        for line in list(self.lines):
            line.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.served = 0
        self.server.lines.add(self.connection)

    def finish(self) -> None:
        self.server.lines.discard(self.connection)
        super().finish()

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._exchange(self._request())
        except OSError:
            self.close_connection = True

    def _request(self) -> Request:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, self.path, headers, body, self.server.name)

    def _exchange(self, request: Request) -> None:
        exchange = self.server.exchange
        entry = exchange.note(request)
        with exchange.turn:
            misdeed = exchange.faults.strike(request)
        if misdeed.delay:
            exchange.closing.wait(misdeed.delay)
        if misdeed.reset == "before" or exchange.is_down:
            self._break(hard=not exchange.is_down)
            return
        answer = misdeed.answer or self._carry_out(request)
        if misdeed.reset == "after":
            self._break(hard=True)
            return
        entry.status = answer.status
        self._send(answer, misdeed)
        self.served += 1
        if misdeed.closes or self.served == exchange.service.quirks.connection_serves:
            self.close_connection = True

    def _carry_out(self, request: Request) -> Answer:
        if self.server.redirect:
            return Answer(301, b"", {"Location": f"{self.server.redirect()}{request.path}"})
        exchange = self.server.exchange
        with exchange.turn:
            answer = exchange.service.answer(request)
            if request.method in CHANGING:
                exchange.keep()
        return answer

    def _send(self, answer: Answer, misdeed: Misdeed) -> None:
        body = answer.body if misdeed.shorten is None else answer.body[: misdeed.shorten]
        length = misdeed.filler or len(body)
        head = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status not in {204, 304}:
            head.append(f"Content-Length: {length}")
        content = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body[: misdeed.cut]
        if misdeed.reset == "during":
            self._write(content[: len(content) // 2], misdeed.drip)
            self._break(hard=True)
            return
        self._write(content, misdeed.drip)
        if misdeed.filler:
            self._fill(misdeed.filler)
        if misdeed.cut is not None:
            self.close_connection = True

    def _write(self, content: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(content)
            return
        for position in range(len(content)):
            if self.server.exchange.closing.wait(pause):
                return
            self.wfile.write(content[position : position + 1])

    def _fill(self, size: int) -> None:
        for start in range(0, size, len(FILLER)):
            self.wfile.write(FILLER[: size - start])

    def _break(self, *, hard: bool) -> None:
        """End the connection; closing with linger 0 sends RST."""
        if hard:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""
