"""A database that takes nothing just now: locked, full, read-only, or not there."""

from typing import Any

from django.db import DatabaseError

# SQLite's result codes (https://sqlite.org/rescode.html): BUSY, LOCKED, READONLY, IOERR, FULL,
# CANTOPEN. The lowest byte tells the kind.
_SQLITE = frozenset({5, 6, 8, 10, 13, 14})
# PostgreSQL's SQLSTATEs, and classes of them: a lost connection, a read-only server, a deadlock,
# too few resources (a full disk), an operator, a lock not had in time.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = ("08", "25006", "40", "53", "57", "55P03")


def is_transient(error: DatabaseError) -> bool:
    """Whether the same may succeed when it is tried again, because nothing is wrong with it."""
    cause: Any = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE
    state = getattr(cause, "sqlstate", None)
    if state is None:  # it never got to a server that could say
        return type(cause).__name__ == "OperationalError"
    return str(state).startswith(_POSTGRESQL)
