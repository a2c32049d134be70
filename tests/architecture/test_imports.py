"""Every import contract holds, and each one notices when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "accounts", "calendars", "integrations")
BROKEN = [
    ("config, then integrations", "accounts/models.py", "import calendars.models"),
    ("config, then integrations", "calendars/services/booking.py", "import integrations.models"),
    ("Inside integrations", "integrations/services/pulling.py", "import integrations.views"),
    ("Inside calendars", "calendars/models/offers.py", "import calendars.services.booking"),
    ("The slot engine is plain Python", "calendars/engine/slots.py", "import django.db"),
    ("The CalDAV package knows no models", "integrations/caldav/plan.py", "import django.utils"),
    ("Only the CalDAV client", "integrations/services/pulling.py", "import niquests"),
    ("Only the CalDAV client", "integrations/caldav/discovery.py", "import caldav"),
    ("Only the CalDAV client", "calendars/services/booking.py", "import http.client"),
]


def lint(folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, " ".join(done.stdout.split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, tmp_path / package)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_hold(copy: Path) -> None:
    code, said = lint(copy)

    assert (code, "0 broken" in said) == (0, True), said


@pytest.mark.parametrize(("contract", "file", "line"), BROKEN)
def test_a_forbidden_import_is_noticed(copy: Path, contract: str, file: str, line: str) -> None:
    path = copy / file
    path.write_text(path.read_text() + f"\n{line}  # a violation\n")

    code, said = lint(copy)

    assert code != 0
    broken = [part for part in said.split("Broken contracts")[1].split("----") if contract in part]
    assert broken, said
