"""What can go wrong on the other side, as one small hierarchy.

Every text is ours and fit for a log: no credentials, no bodies, no words of the server.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a server could not be used."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    SERVER_ERROR = "server_error"
    NOT_CALDAV = "not_caldav"
    TOO_LARGE = "too_large"


class CalDAVError(Exception):
    """Anything a calendar server can do to us. ``status`` is its HTTP status, if it gave one."""

    words = "The calendar server gave an answer that cannot be used."

    def __init__(self, words: str = "", *, status: int | None = None) -> None:
        super().__init__(words or self.words)
        self.status = status


class Unauthorized(CalDAVError):
    """401: user name or password refused. Never try the same secret again (RFC 9110 15.5.2)."""

    words = "The calendar server refused the user name or password."

    def __init__(self, words: str = "", *, status: int | None = 401) -> None:
        super().__init__(words, status=status)


class RefusedByServer(CalDAVError):
    """One request was refused; ``preconditions`` are names from its DAV:error (RFC 4918 16)."""

    def __init__(
        self,
        words: str = "",
        *,
        status: int | None = None,
        preconditions: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(words, status=status)
        self.preconditions = preconditions


class Forbidden(RefusedByServer):
    """403: no privilege, a wrong path, or (in a tokened sync) an expired token."""

    words = "The calendar server forbids this."

    def __init__(
        self,
        words: str = "",
        *,
        status: int | None = 403,
        preconditions: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(words, status=status, preconditions=preconditions)


class Rejected(RefusedByServer):
    """Another 4xx on one request; other requests may well succeed."""

    words = "The calendar server rejected this request."


class UidConflict(RefusedByServer):
    """The UID lives in another resource (RFC 4791 5.3.2.1, RFC 6638 3.2.4.1), any status."""

    words = "An event with this UID exists elsewhere on the calendar server."


class PreconditionFailed(RefusedByServer):
    """412 on a conditional write: the resource is not what we thought (RFC 9110 15.5.13)."""

    words = "The event was changed on the calendar server in the meantime."

    def __init__(
        self,
        words: str = "",
        *,
        status: int | None = 412,
        preconditions: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(words, status=status, preconditions=preconditions)


class NotFound(CalDAVError):
    """404 or 410: no such resource (any more)."""

    words = "The calendar server does not have this resource."

    def __init__(self, words: str = "", *, status: int | None = 404) -> None:
        super().__init__(words, status=status)


class TokenRejected(CalDAVError):
    """The sync token is no longer good: read the whole list and compare (RFC 6578 3.2)."""

    words = "The calendar server no longer accepts the sync token."


class Throttled(CalDAVError):
    """429 or 503. ``retry_after`` is in seconds from now, None where the server named none."""

    words = "The calendar server asks for a pause."

    def __init__(
        self, words: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(words, status=status)
        self.retry_after = retry_after


class RefusedAddress(CalDAVError):
    """The server named a host, scheme, port or path we do not go to. Nothing was sent there."""

    words = "The calendar server pointed to an address that is not allowed."


REASONS = {
    Reason.TIMEOUT: "The calendar server did not answer in time.",
    Reason.CONNECTION: "The connection to the calendar server failed.",
    Reason.TLS: "The calendar server could not prove who it is (TLS).",
    Reason.SERVER_ERROR: "The calendar server reported an error of its own.",
    Reason.NOT_CALDAV: "The answer is not that of a calendar server.",
    Reason.TOO_LARGE: "The answer of the calendar server is too large.",
}


class Unreachable(CalDAVError):
    """No usable answer. For a write this means *unknown*: read back before deciding."""

    def __init__(
        self, reason: Reason | str = Reason.CONNECTION, *, status: int | None = None
    ) -> None:
        super().__init__(str(reason), status=status)
        self.reason = Reason(reason)

    def __str__(self) -> str:
        return REASONS[self.reason]
