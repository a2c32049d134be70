import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files
