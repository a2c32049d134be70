"""A database that takes nothing: real errors of the real one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection

BRIEF = 100  # milliseconds that a lock is waited for here
REFUSING_MAILS = """
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON calendars_mail EXECUTE FUNCTION no_room()
"""


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def between(before: str, after: str) -> Iterator[None]:
    run(before)
    try:
        yield
    finally:
        run(after)


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


@contextmanager
def locked() -> Iterator[None]:
    """Another process writes for longer than anybody waits."""
    begin = "BEGIN IMMEDIATE" if _is_sqlite() else "BEGIN"
    lock = "SELECT 1" if _is_sqlite() else "LOCK TABLE calendars_calendar IN EXCLUSIVE MODE"
    wait, usual = (
        (f"PRAGMA busy_timeout = {BRIEF}", "PRAGMA busy_timeout = 20000")
        if _is_sqlite()
        else (f"SET lock_timeout = {BRIEF}", "SET lock_timeout = '20s'")
    )
    other = connection.copy()
    try:
        with between(wait, usual), other.cursor() as cursor:
            cursor.execute(begin)
            cursor.execute(lock)
            yield
    finally:
        other.close()


def full() -> AbstractContextManager[None]:
    """There is no room for another page. PostgreSQL's disk is full as far as mails go."""
    if _is_sqlite():
        run("VACUUM")
        return between("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823")
    return between(REFUSING_MAILS, "DROP FUNCTION no_room CASCADE")


def read_only() -> AbstractContextManager[None]:
    if _is_sqlite():
        return between("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
    name = "default_transaction_read_only"
    return between(f"SET {name} = on", f"SET {name} = off")


TROUBLES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "locked": locked,
    "full": full,
    "read only": read_only,
}
