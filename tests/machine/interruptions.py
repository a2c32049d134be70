"""What comes between two statements of the database: the end of the process, or somebody else.

Only there: a transaction is carried out whole or not at all, and nobody else sees the middle.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection

BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")


class Crash(BaseException):
    """The process is no more. No `except Exception` sees it, and nothing is written after it."""


@contextmanager
def crash(before: int) -> Iterator[None]:
    """Die before that statement, counted from one; what was being written is rolled back."""
    seen, outside, is_dead = 0, len(connection.savepoint_ids), False

    def execute(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal seen, is_dead
        if sql.startswith(BRACKETS):
            return go_on(sql, *arguments)
        seen += 1
        # A block without a savepoint of its own cannot be rolled back alone: die before or after.
        if is_dead or (seen >= before and _can_be_undone(outside)):
            is_dead = True
            raise Crash
        return go_on(sql, *arguments)

    with connection.execute_wrapper(execute), suppress(Crash):
        yield
    connection.needs_rollback = False


@contextmanager
def crash_at(beginning: str) -> Iterator[None]:
    """Die before the first statement that begins like that."""
    is_dead = False

    def execute(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal is_dead
        if not sql.startswith(BRACKETS) and (is_dead or sql.startswith(beginning)):
            is_dead = True
            raise Crash
        return go_on(sql, *arguments)

    with connection.execute_wrapper(execute), suppress(Crash):
        yield
    connection.needs_rollback = False


@contextmanager
def meanwhile(before: int, act: Callable[[], object]) -> Iterator[None]:
    """Somebody else acts before that statement, counted among those outside of transactions."""
    seen, outside = 0, len(connection.savepoint_ids)

    def execute(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal seen
        if not sql.startswith(BRACKETS) and len(connection.savepoint_ids) == outside:
            seen += 1
            if seen == before:
                act()
        return go_on(sql, *arguments)

    with connection.execute_wrapper(execute):
        yield


def _can_be_undone(outside: int) -> bool:
    opened = connection.savepoint_ids[outside:]
    return not opened or opened[0] is not None
