"""What an HTTP answer means: pure functions from an answer to a value or an error."""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Reason,
    Rejected,
    Throttled,
    UidConflict,
    Unauthorized,
    Unreachable,
)
from integrations.caldav.multistatus import root_of

UID_TAKEN = {"no-uid-conflict", "unique-scheduling-object-resource"}
GZIP = 16 + zlib.MAX_WBITS
LONGEST_PAUSE = 24 * 60 * 60.0  # seconds


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def gather(chunks: Iterable[bytes], *, encoding: str, at_most: int) -> bytes:
    """Join a body, decompressing as it comes; never hold more than ``at_most`` bytes of it.

    Raises Unreachable: TOO_LARGE past the limit (so a gzip bomb is dropped where it crosses it),
    NOT_CALDAV for an encoding we did not ask for or broken compression.
    """
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreachable(Reason.NOT_CALDAV)
    inflate = zlib.decompressobj(GZIP) if "gzip" in encoding else None
    body = bytearray()
    for chunk in chunks:
        room = at_most - len(body) + 1
        body += chunk[:room] if inflate is None else _inflated(inflate, chunk, room)
        if len(body) > at_most:
            raise Unreachable(Reason.TOO_LARGE)
    if inflate is not None and body and not inflate.eof:
        raise Unreachable(Reason.CONNECTION)
    return bytes(body)


def _inflated(inflate: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        return inflate.decompress(chunk, room)
    except zlib.error:
        broken = Unreachable(Reason.NOT_CALDAV)
    raise broken


def problem(answer: Answer, *, conditional: bool) -> CalDAVError:
    """Return the error an answer other than success stands for.

    ``conditional`` says whether the request carried If-Match or If-None-Match: without them a
    412 is a mere rejection (iCloud gives it to searches by UID). The precondition in the body
    is read before the status, since servers give 403, 409 or 412 to a UID in use.
    """
    named = preconditions(answer.body)
    status = answer.status
    if named & UID_TAKEN:
        return UidConflict(status=status, preconditions=named)
    if status == 401:
        return Unauthorized()
    if status == 403:
        return Forbidden(preconditions=named)
    if status in {404, 410}:
        return NotFound(status=status)
    if status == 412 and conditional:
        return PreconditionFailed(preconditions=named)
    if status in {429, 503}:
        return Throttled(status=status, retry_after=seconds(answer.headers.get("retry-after", "")))
    if 400 <= status < 500:
        return Rejected(status=status, preconditions=named)
    return Unreachable(Reason.SERVER_ERROR if status >= 500 else Reason.NOT_CALDAV, status=status)


def preconditions(body: bytes) -> frozenset[str]:
    """Return the local names inside DAV:error (RFC 4918 16); empty for any other body."""
    try:
        error = root_of(body)
    except Unreachable:
        return frozenset()
    if error.tag != "{DAV:}error":
        return frozenset()
    names = (str(child.tag).rpartition("}")[2] for child in error.iterchildren("*"))
    return frozenset(name for name in names if re.fullmatch(r"[a-z][a-z0-9-]{0,63}", name))


def seconds(retry_after: str, *, now: datetime | None = None) -> float | None:
    """Return Retry-After in seconds from ``now``: a count or an HTTP date (RFC 9110 10.2.3).

    A day at most: a longer pause is a mistake or worse, and nobody would come back after it.
    """
    if retry_after.strip().isdecimal():
        return min(float(retry_after), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - (now or datetime.now(UTC))).total_seconds()), LONGEST_PAUSE)


def strong(etag: str) -> str | None:
    """Return an ETag that may be used in If-Match; None for a weak or missing one.

    RFC 4791 5.3.4: a server that altered the event gives no strong ETag, so read it back.
    """
    etag = etag.strip()
    return etag if etag and not etag.startswith("W/") and etag.isascii() else None
