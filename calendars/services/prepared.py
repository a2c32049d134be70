"""Queries that Django builds once: to build one takes longer than to have it answered."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = int | str
Build = Callable[..., QuerySet[Any, Any]]


def rows_of(build: Build, *values: Value) -> Sequence[tuple[Any, ...]]:
    """The rows of the query that `build` makes of these values, as the database gives them: numbers
    and texts, which no field converts.

    `build` is called once for each number of values. It may hand them to filters only, and what it
    does must not depend on what they are.
    """
    sql, places = _prepared(build, connection.vendor, tuple(type(value) for value in values))
    parameters = [place if number is None else values[number] for number, place in places]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return rows


@lru_cache(maxsize=256)
def _prepared(
    build: Build, _vendor: str, types: tuple[type[Value], ...]
) -> tuple[str, list[tuple[int | None, Any]]]:
    """The SQL, and for each of its parameters which of the values it is, or what it always is."""
    stand_ins = [_stand_in(one, number) for number, one in enumerate(types)]
    sql, parameters = build(*stand_ins).query.sql_with_params()
    numbers = {stand_in: number for number, stand_in in enumerate(stand_ins)}
    return sql, [(numbers.get(parameter), parameter) for parameter in parameters]


def _stand_in(of: type[Value], number: int) -> Value:
    """A value that no query has of itself."""
    return f"stand-in {number}" if of is str else -1_000_000 - number
