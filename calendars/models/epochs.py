"""Instants as whole seconds since 1970, kept beside them by the database itself."""

from typing import Any

from django.db import models

_POSTGRESQL = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s AT TIME ZONE 'UTC'))::bigint"


class EpochSeconds(models.Func):
    """The instant of a column in epoch seconds. Immutable, as generated columns have to be."""

    template = "unixepoch(%(expressions)s)"
    arity = 1
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=_POSTGRESQL)


def epoch_of(column: str) -> models.GeneratedField:
    """A column that holds that one's instant in epoch seconds: thousands of spans are read as
    integers several times as fast as datetimes, and straight from an index."""
    return models.GeneratedField(
        expression=EpochSeconds(column), output_field=models.BigIntegerField(), db_persist=True
    )
