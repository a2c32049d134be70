"""An iCloud of the test's own, and somebody who talks to it by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fakes.icloud import ICloudServer
from tests.fakes.raw import Talk

ANA = "ana@icloud.test"
PASSWORD = "abcd-efgh-ijkl-mnop"


@dataclass(frozen=True)
class Person:
    """Ana, her home and a calendar in it."""

    home: str
    work: str
    talk: Talk  # at the address everybody begins with

    @property
    def principal(self) -> str:
        return self.home.replace("calendars", "principal")


@pytest.fixture
def icloud() -> Iterator[ICloudServer]:
    with ICloudServer() as server:
        yield server


@pytest.fixture
def ana(icloud: ICloudServer) -> Person:
    home = icloud.add_user(ANA, PASSWORD)
    work = icloud.make_calendar(f"{home}work/", "Work")
    return Person(home, work, Talk(icloud.url, ANA, PASSWORD))
