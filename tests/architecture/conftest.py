import pytest
from pytest_django.fixtures import Settings

from tests.architecture.world import World, make_world


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files


@pytest.fixture
def world(db: None) -> World:
    return make_world()
