"""A small HTTP server over a real socket that answers by script, and badly where told to."""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.fakes.listening import Listening


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def is_signed(self) -> bool:
        return "authorization" in self.headers


@dataclass(frozen=True)
class Reply:
    """What to answer.

    ``delay`` comes before the first byte; ``drip`` is a pause before each single byte of head
    and body; ``drip_body`` the same for the body only. ``cut`` sends that many bytes of the
    body and closes; ``reset`` breaks the connection: "before" reading, or "after" the request
    was read. ``close`` ends the connection silently after a complete answer, as an idle
    keep-alive does.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    drip: float = 0
    drip_body: float = 0
    cut: int | None = None
    reset: str = ""
    close: bool = False
    chunks: Callable[[], Iterable[bytes]] | None = None
    length: int | None = None


class ScriptedServer(Listening):
    """Gives the replies in turn, the last one for ever; ``asked`` lists what came."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.replies = list(replies)
        self.asked: list[Asked] = []
        self._tls = tls

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, line: socket.socket, number: int) -> None:
        try:
            if self._tls:
                line = self._tls.wrap_socket(line, server_side=True)
            with line, line.makefile("rb") as stream:
                while self._answer_one(line, stream, number):
                    pass
        except (OSError, ssl.SSLError):
            line.close()  # the client went away: that is what it was here to find out

    def _answer_one(self, line: socket.socket, stream: Iterable[bytes], number: int) -> bool:
        lines = iter(stream)
        first = next(lines, b"").decode("latin-1").split()
        if len(first) < 2:
            return False
        headers = {}
        for raw in lines:
            name, _, value = raw.decode("latin-1").partition(":")
            if not value:
                break
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]
        self.asked.append(Asked(first[0], first[1], headers, body, number))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return send(line, reply)


def send(line: socket.socket, reply: Reply) -> bool:
    """Send one reply; False where the connection ends with it."""
    time.sleep(reply.delay)
    if reply.reset:
        # Closing with linger 0 sends RST.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    _slowly(line, _head(reply), reply.drip)
    if reply.chunks:
        for chunk in reply.chunks():
            line.sendall(chunk)
        return False
    _slowly(line, reply.body[: reply.cut], reply.drip or reply.drip_body)
    return reply.cut is None and not reply.close


def _head(reply: Reply) -> bytes:
    length = len(reply.body) if reply.length is None else reply.length
    headers = {"Content-Type": "application/xml; charset=utf-8", **reply.headers}
    if not reply.chunks or reply.length is not None:
        headers.setdefault("Content-Length", str(length))
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _slowly(line: socket.socket, content: bytes, pause: float) -> None:
    if not pause:
        line.sendall(content)
        return
    for position in range(len(content)):
        time.sleep(pause)
        line.sendall(content[position : position + 1])
