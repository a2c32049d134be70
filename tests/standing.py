"""Rows that stand for a whole module: made once, and as they were for each of its tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from pytest_django import DjangoDbBlocker

Made = TypeVar("Made")


@contextmanager
def standing(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """Make them in a transaction around those of the tests, and take them back in the end.

    Not for modules with tests that commit: the transaction is open until the module is through.
    What is returned is shared. A test changes a copy.
    """
    with blocker.unblock():
        around = transaction.atomic()
        # As Django marks its own, so that code which must not be in a transaction finds none.
        around._from_testcase = True  # type: ignore[attr-defined]
        around.__enter__()
        made = make()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
