"""Key rotation without downtime: any configured key reads, the first one writes."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection, transaction

from integrations.models import Connection

BATCH = 200


def rotate_secrets() -> tuple[int, int]:
    """Encrypt every stored secret with the newest key; returns (rotated, lost).

    Works on the stored bytes, row by row: no plain text is held longer than one token, and a
    secret replaced meanwhile is left as it is.
    """
    rotated = lost = last = 0
    while rows := _stored(after=last):
        last = rows[-1][0]
        for pk, token in rows:
            try:
                _replace(pk, token)
                rotated += 1
            except InvalidToken:
                lost += 1
    return rotated, lost


def _stored(*, after: int) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, secret FROM {_table()} WHERE id > %s ORDER BY id LIMIT {BATCH}",  # noqa: S608
            [after],
        )
        return [(pk, bytes(token)) for pk, token in cursor.fetchall()]


def _replace(pk: int, token: bytes) -> None:
    field: Any = Connection._meta.get_field("secret")
    binary = connection.Database.Binary  # type: ignore[attr-defined]
    newer = binary(field.fernet.rotate(token) if len(field.keys) > 1 else _again(field, token))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table()} SET secret = %s WHERE id = %s AND secret = %s",  # noqa: S608
            [newer, pk, binary(token)],
        )


def _again(field: Any, token: bytes) -> bytes:
    """With one key there is nothing to rotate to; encrypting anew proves that it still reads."""
    encrypted: bytes = field.fernet.encrypt(field.fernet.decrypt(token))
    return encrypted


def _table() -> str:
    return connection.ops.quote_name(Connection._meta.db_table)
