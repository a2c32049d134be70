"""The wall against double booking: a constraint that the database itself holds."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.ddl_references import Columns, Statement, Table

_EXCLUDE = (
    "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s EXCLUDE USING gist "
    "(%(key)s WITH =, tstzrange(%(start)s, %(end)s, '[)') WITH &&)"
)
_TRIGGER = (
    "CREATE TRIGGER %(name)s BEFORE %(event)s ON %(table)s FOR EACH ROW WHEN EXISTS ("
    "SELECT 1 FROM %(table)s AS held WHERE held.%(key)s = NEW.%(key)s "
    "AND held.%(start)s < NEW.%(end)s AND NEW.%(start)s < held.%(end)s%(others)s) "
    "BEGIN SELECT RAISE(ABORT, '%(constraint)s'); END"
)


class NoOverlap(models.BaseConstraint):
    """No two rows with the same `key` have overlapping half-open spans `[start, end)`.

    PostgreSQL holds it as an exclusion constraint (needs btree_gist), SQLite as two triggers on the
    table itself. The triggers travel as deferred statements of the schema editor, so that Django
    writes them again whenever it rebuilds the table. Violations are `IntegrityError`s whose message
    holds the constraint's name.
    """

    def __init__(self, *, key: str, start: str, end: str, name: str) -> None:
        super().__init__(name=name, violation_error_message="This time is taken.")
        self.key, self.start, self.end = key, start, end

    # Django accepts None ("nothing to say here"), which its type stubs do not know.
    def constraint_sql(self, model: Any, schema_editor: Any) -> str | None:  # type: ignore[override]
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        else:
            schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None  # nothing inside CREATE TABLE

    def create_sql(self, model: Any, schema_editor: Any) -> Statement | None:  # type: ignore[override]
        if schema_editor.connection.vendor == "postgresql":
            return self._statement(_EXCLUDE, model, schema_editor, name=self.name)
        return None  # SQLite rebuilds the table, and comes through constraint_sql

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement | None:  # type: ignore[override]
        if schema_editor.connection.vendor == "postgresql":
            template = "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"
            return self._statement(template, model, schema_editor, name=self.name)
        return None

    def validate(
        self,
        model: Any,
        instance: Any,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        span = (getattr(instance, self.start), getattr(instance, self.end))
        overlapping = model._default_manager.using(using).filter(
            **{
                self.key: getattr(instance, self.key),
                f"{self.start}__lt": span[1],
                f"{self.end}__gt": span[0],
            }
        )
        if overlapping.exclude(pk=instance.pk).exists():
            raise ValidationError(self.get_violation_error_message(), code="overlap")

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        arguments = {"key": self.key, "start": self.start, "end": self.end, "name": self.name}
        return "calendars.models.wall.NoOverlap", (), arguments

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoOverlap) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.key, self.start, self.end, self.name))

    def _triggers(self, model: Any, schema_editor: Any) -> list[Statement]:
        return [
            self._statement(
                _TRIGGER,
                model,
                schema_editor,
                name=f"{self.name}_{event.lower()}",
                event=event,
                others=others,
                constraint=self.name,
            )
            for event, others in (("INSERT", ""), ("UPDATE", " AND held.rowid <> OLD.rowid"))
        ]

    def _statement(self, template: str, model: Any, schema_editor: Any, **parts: str) -> Statement:
        table, quote = model._meta.db_table, schema_editor.quote_name

        def column(field: str) -> Columns:
            return Columns(table, [model._meta.get_field(field).column], quote)

        return Statement(
            template,
            table=Table(table, quote),
            key=column(self.key),
            start=column(self.start),
            end=column(self.end),
            **{**parts, "name": quote(parts["name"])},
        )
