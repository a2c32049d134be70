"""An agency whose owner has a calendar on the imitation of iCloud, connected and read."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.faults.play import Play


@pytest.fixture
def icloud(settings: Settings) -> Iterator[ICloudServer]:
    """A server of the test's own, as the one Daybook takes for iCloud."""
    with ICloudServer(clock=lambda: timezone.now().timestamp()) as server:
        settings.ICLOUD_CALDAV_URL = f"{server.url}/"
        settings.CALDAV_ALLOWED_HOSTS = list(server.origins)
        yield server


@pytest.fixture
def play(tenant: Tenant, icloud: ICloudServer, caplog: pytest.LogCaptureFixture) -> Iterator[Play]:
    """The owner's account: calendars Work, linked and checked, and Home, checked."""
    caplog.set_level("DEBUG")
    with Play.of(tenant, icloud) as scene:
        yield scene
    scene.check_logs(caplog.text)
