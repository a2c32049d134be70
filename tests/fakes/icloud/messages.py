"""Requests and answers as values: what the wire hands in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.icloud.markup import DAV, Markup, document, element

REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    207: "Multi-Status",
    301: "Moved Permanently",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}
EDGE = "caldav"


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case.

    ``host`` is ``caldav`` for the first address and ``p01`` and so on for a partition.
    ``is_trusted``: it comes from the test itself, which needs no password and meets no quirks.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = EDGE
    is_trusted: bool = False

    @property
    def depth(self) -> str:
        return self.headers.get("depth", "")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Logged:
    """What was asked, by whom, and how it went; ``status`` 0: no answer was sent."""

    method: str
    path: str
    host: str
    depth: str
    user: str
    body: bytes
    status: int = 0


class Refusal(Exception):
    """Ends the work on a request with this answer."""

    def __init__(self, status: int, precondition: str = "", **headers: str) -> None:
        super().__init__(status, precondition)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if not precondition:
            self.answer = Answer(status, b"", sent)
            return
        error = element(f"{DAV}error", element(precondition))
        self.answer = xml(status, error, **sent)


def xml(status: int, inside: Markup, **headers: str) -> Answer:
    sent = {"Content-Type": 'text/xml; charset="utf-8"', **headers}
    return Answer(status, document(inside), sent)
