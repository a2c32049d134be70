import pytest
from django.test import Client

from tests.architecture.conftest import built, world
from tests.architecture.world import SignIn, World

__all__ = ["built", "world"]


@pytest.fixture
def admin(world: World, signed_in: SignIn) -> Client:
    """The agency admin of `here`."""
    return signed_in(world.here.agency_admin)
