"""Spares every test what a server pays once in its life, or pays on purpose; loaded with every run.

Nothing a test looks at changes: passwords are still hashed by Argon2, static files still served.
"""

import gc
from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.backends.postgresql.operations import DatabaseOperations


class QuickArgon2(Argon2PasswordHasher):
    """With the least work Argon2 can do, where production wants the most a sign-in can bear."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


def emptied(self: DatabaseOperations, style: Any, tables: Sequence[str], **how: bool) -> list[str]:
    """Statements that empty the tables after a test that commits: TRUNCATE makes new files for each
    table and index, of which a test has filled a few. Foreign keys are looked at when all are done.
    """
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    DatabaseOperations.sql_flush = emptied  # type: ignore[assignment]
    hasher = f"{QuickArgon2.__module__}.{QuickArgon2.__qualname__}"
    settings.PASSWORD_HASHERS = [hasher, *settings.PASSWORD_HASHERS[1:]]
    settings.WHITENOISE_AUTOREFRESH = True  # or each client lists all static files beforehand


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """All modules are there and stay: looking for garbage among them finds none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
