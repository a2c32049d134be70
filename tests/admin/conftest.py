import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.architecture.world import SignIn, World, make_world


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World, signed_in: SignIn) -> Client:
    """The agency admin of `here`."""
    return signed_in(world.here.agency_admin)
