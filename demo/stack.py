"""Start every part of Daybook on this machine, and stop them all again."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

from demo.icloud import ANA, BEN, BERLIN, furnish
from tests.fakes.icloud import ICloudServer

REPOSITORY = Path(__file__).resolve().parent.parent
UP_WITHIN = 60.0
STOP_WITHIN = 35.0


class Stack:
    """Web server, worker and an imitation of iCloud, all below one folder.

    Ports that are not named, or in use, are replaced by free ones.
    """

    def __init__(
        self,
        folder: Path,
        *,
        web_port: int = 0,
        icloud_ports: tuple[int, int] = (0, 0),
        sync_interval: int = 30,
        log_level: str = "INFO",
    ) -> None:
        self.folder = folder
        self.icloud_folder = folder / "icloud"
        self.mail_folder = folder / "mail"
        self.web_port = web_port
        port, partition_port = (port if port and is_free(port) else 0 for port in icloud_ports)
        self.icloud = ICloudServer(self.icloud_folder, port=port, partition_port=partition_port)
        self.sync_interval = sync_interval
        self.log_level = log_level
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self._closing = ExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def database(self) -> Path | None:
        """The SQLite file; None where DEMO_DATABASE_URL names another database."""
        return None if os.environ.get("DEMO_DATABASE_URL") else self.folder / "demo.sqlite3"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def check(self) -> None:
        """Raise when a part has ended by itself."""
        for name, part in self.parts.items():
            if part.poll() is not None:
                raise RuntimeError(f"{name} ended with {part.returncode}; see {self.folder}")

    def _start(self) -> None:
        self._closing.enter_context(self.icloud)
        furnish(self.icloud, self.icloud_folder, datetime.now(BERLIN).date())
        if not (self.web_port and is_free(self.web_port)):
            self.web_port = free_port()  # found last, so that nothing above takes it
        environment = self._environment()
        seed = ["seed_demo", "--connect", ANA.apple_id]
        for command in (["migrate", "-v0"], ["createcachetable"], seed):
            manage(*command, environment=environment)
        bind = f"127.0.0.1:{self.web_port}"
        web = ["-m", "gunicorn", "config.wsgi", "-b", bind, "-k", "gthread", "-w", "2"]
        self._run("web", [*web, "--threads", "4", "--no-control-socket"], environment)
        self._run("worker", ["manage.py", "work"], environment)
        self._wait_for("/healthz")
        self._wait_for("/readyz")

    def _environment(self) -> Mapping[str, str]:
        keys = self.folder / "keys"
        if not keys.exists():
            keys.write_text(f"{secrets.token_urlsafe(50)} {secrets.token_urlsafe(32)}")
            keys.chmod(0o600)
        secret_key, fernet_key = keys.read_text().split()
        own = {
            "SECRET_KEY": secret_key,
            "FERNET_KEYS": fernet_key,
            "DEBUG": "off",
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DATA_DIR": str(self.folder),
            "ICLOUD_CALDAV_URL": f"{self.icloud.url}/",
            "CALDAV_ALLOWED_HOSTS": ",".join(self.icloud.origins),
            "SYNC_INTERVAL": str(self.sync_interval),
            "DEMO_APPLE_ID": BEN.apple_id,
            "DEMO_APP_PASSWORD": ANA.app_password,
            "EMAIL_URL": f"filemail:///{self.mail_folder}",
            "LOG_LEVEL": self.log_level,
        }
        database = os.environ.get("DEMO_DATABASE_URL") or f"sqlite:///{self.database}"
        return {**os.environ, **own, "DATABASE_URL": database}

    def _run(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        log = self._closing.enter_context((self.folder / f"{name}.log").open("ab"))
        part = subprocess.Popen(
            [sys.executable, *command],
            cwd=REPOSITORY,
            env=dict(environment),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.parts[name] = part
        self._closing.callback(stop, part)

    def _wait_for(self, path: str) -> None:
        until = time.monotonic() + UP_WITHIN
        while time.monotonic() < until:
            self.check()
            try:
                with urllib.request.urlopen(self.url + path, timeout=5):  # noqa: S310
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        raise RuntimeError(f"{path} did not answer within {UP_WITHIN:.0f} s; see {self.folder}")


def manage(*arguments: str, environment: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=REPOSITORY, env=dict(environment), check=True
    )


def stop(part: "subprocess.Popen[bytes]") -> None:
    """Ask first; after that end it and all it started."""
    if part.poll() is None:
        part.send_signal(signal.SIGTERM)
        try:
            part.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
