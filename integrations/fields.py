"""The encrypted field, guarded against the ways in which plain text could get past it."""

from collections.abc import Iterator
from typing import Any

import fernet_fields
from cryptography.fernet import InvalidToken
from django.core.exceptions import FieldError
from django.db.models import Case, Value, When
from django.db.models.functions import Cast


class Lost:
    """Stands for a value that none of the configured keys decrypts. It is never written back."""

    def __bool__(self) -> bool:
        return False


LOST = Lost()


class EncryptedTextField(fernet_fields.EncryptedTextField):  # type: ignore[misc]
    """Text encrypted with the first of `FERNET_KEYS`; any of them decrypts.

    The library encrypts the text of an *expression* handed to `update()` or made by
    `bulk_update()`, which destroys the value. Expressions pass here only when every value in them
    is encrypted by this kind of field itself.

    A lost key makes the value `LOST`: it breaks what needs that one value, never a list of rows
    that happens to load it.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Any:
        try:
            return super().from_db_value(value, expression, connection, *args)
        except InvalidToken:
            return LOST

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is LOST:
            raise FieldError(f"{self.name}: what can't be decrypted can't be saved either.")
        if not hasattr(value, "as_sql"):
            return super().get_db_prep_save(value, connection)
        if not all(_is_safe(part) for part in _parts(value)):
            raise FieldError(f"{self.name}: an expression would be stored unencrypted.")
        return value


def _parts(expression: Any) -> Iterator[Any]:
    yield expression
    if isinstance(expression, When):
        yield from _parts(expression.result)  # its condition decides, and is not stored
    elif hasattr(expression, "get_source_expressions"):
        for part in expression.get_source_expressions():
            if part is not None:
                yield from _parts(part)


def _is_safe(part: Any) -> bool:
    """What `bulk_update()` makes, and nothing else: a choice among encrypted values by key."""
    if isinstance(part, Value):
        field = getattr(part, "_output_field_or_none", None)
        is_encrypted = isinstance(field, fernet_fields.EncryptedField)
        return part.value is None or is_encrypted
    return isinstance(part, Case | When | Cast)
