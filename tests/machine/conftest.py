"""An iCloud and a clock for all runs of the machine."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.machine.model import NOW
from tests.machine.stage import Stage


@pytest.fixture
def stage(tenant: Tenant, settings: Settings) -> Iterator[Stage]:
    with (
        time_machine.travel(NOW, tick=False) as clock,
        ICloudServer(clock=lambda: timezone.now().timestamp()) as icloud,
    ):
        settings.ICLOUD_CALDAV_URL = f"{icloud.url}/"
        settings.CALDAV_ALLOWED_HOSTS = list(icloud.origins)
        yield Stage(tenant, icloud, clock)


@pytest.fixture
def scene(stage: Stage) -> Iterator[Stage]:
    """One run, for a plain test."""
    stage.begin()
    yield stage
    stage.end()
