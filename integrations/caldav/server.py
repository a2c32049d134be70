"""Whom to talk to, as whom, and how long and how much to listen."""

from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True)
class Credentials:
    """What HTTP Basic needs (RFC 7617)."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """Where to start, and where the server may send us (see ``addresses.allowed``)."""

    url: str
    allowed_hosts: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """``request_seconds`` is the whole time of one call, redirects and body included;
    ``total_seconds`` that of all calls of one client;
    ``max_bytes`` counts a body after decompression."""

    connect_seconds: float = 5
    request_seconds: float = 30
    total_seconds: float = inf
    max_bytes: int = 64 * 1024 * 1024


USUAL = Limits()
