from collections.abc import Iterator
from copy import deepcopy

import pytest
from pytest_django import DjangoDbBlocker

from tests.architecture.world import World, make_world
from tests.standing import standing


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with standing(django_db_blocker, make_world) as world:
        yield world


@pytest.fixture
def world(built: World, db: None) -> World:
    """As it was built, whatever the tests before did to it."""
    return deepcopy(built)
