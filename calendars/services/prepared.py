"""Queries that Django builds once: to build one takes longer than to have it answered."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = int | str | date
Build = Callable[..., QuerySet[Any, Any]]


def rows_of(build: Build, *values: Value) -> Sequence[tuple[Any, ...]]:
    """The rows of the query that `build` makes of these values, as the database gives them: numbers
    and texts, which no field converts. Dates are texts on SQLite.

    `build` is called once for each number of values. It may hand them to filters only, and what it
    does must not depend on what they are.
    """
    sql, places = _prepared(build, connection.vendor, tuple(type(value) for value in values))
    given = [_adapted(value) for value in values]
    parameters = [place if number is None else given[number] for number, place in places]
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
    numbers = {_adapted(stand_in): number for number, stand_in in enumerate(stand_ins)}
    return sql, [(numbers.get(parameter), parameter) for parameter in parameters]


def _stand_in(of: type[Value], number: int) -> Value:
    """A value that no query has of itself."""
    if of is date:
        return date.min + timedelta(days=number)
    return f"stand-in {number}" if of is str else -1_000_000 - number


def _adapted(value: Value) -> Any:
    """As the database is given it."""
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
