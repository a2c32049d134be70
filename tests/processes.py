"""Daybook in processes of its own, on the database of the test: they can be killed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection

REPOSITORY = Path(__file__).resolve().parent.parent
_logs: list[Path] = []


def environment() -> Mapping[str, str]:
    """What a process needs to work on the test's database and calendar server."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "ICLOUD_CALDAV_URL": settings.ICLOUD_CALDAV_URL,
        "CALDAV_ALLOWED_HOSTS": ",".join(settings.CALDAV_ALLOWED_HOSTS),
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "DEBUG",
    }


def database_url() -> str:
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    login = f"{where['USER']}:{where['PASSWORD']}"
    return f"postgres://{login}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


def start(*command: str) -> "subprocess.Popen[bytes]":
    """`manage.py` with that command, running."""
    with tempfile.NamedTemporaryFile(
        dir=settings.DATA_DIR, prefix="process-", suffix=".log", delete=False
    ) as log:
        _logs.append(Path(log.name))
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=REPOSITORY,
            env=dict(environment()),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def run(*command: str) -> None:
    """The same, to its end."""
    process = start(*command)
    assert process.wait(60) == 0


def take_logs() -> list[Path]:
    """What processes started since the last call wrote."""
    taken = list(_logs)
    _logs.clear()
    return taken
