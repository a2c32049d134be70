"""The worker under a watchdog.

A queue process can look healthy and do nothing, when a child was killed at a bad moment. So a small
job is queued again and again; when none has run for longer than any job may take, the whole group
is killed and started anew.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from integrations.models import Heartbeat
from integrations.services.jobs import schedule_jobs

BEAT_EVERY = 10.0
DEAD_AFTER = timedelta(seconds=settings.Q_CLUSTER["timeout"] + 30)
STOP_SECONDS = 30.0


class Command(BaseCommand):
    help = "Run the job queue until stopped, and restart it if it stops working."

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        self.stopping = False
        kill_leftover()
        schedule_jobs()
        while not self.stopping:
            self._run_cluster()

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _run_cluster(self) -> None:
        """One life of the cluster: until asked to stop, until it ends, or until it is dead."""
        cluster = subprocess.Popen(  # noqa: S603 -- our own manage.py
            [sys.executable, sys.argv[0], "qcluster"], start_new_session=True
        )
        pid_file().write_text(str(cluster.pid))
        try:
            self._watch(cluster)
        finally:
            stop(cluster, politely=self.stopping)
            pid_file().unlink(missing_ok=True)
        if not self.stopping:
            free_jobs()
            time.sleep(1)

    def _watch(self, cluster: "subprocess.Popen[bytes]") -> None:
        pulse = Pulse()
        while not self.stopping and cluster.poll() is None:
            if not pulse.goes_on():
                self.stderr.write("The job queue stopped working; starting it anew.")
                return
            time.sleep(0.2)


def pid_file() -> Path:
    folder: Path = settings.DATA_DIR
    return folder / "worker.pid"


class Pulse:
    """Queues a beat every so often, one at a time, and looks whether beats are being done.

    One at a time: a busy worker must not come back to a heap of them.
    """

    def __init__(self) -> None:
        self.queued_at = self.done_at = timezone.now()
        self.looked = float("-inf")

    def goes_on(self) -> bool:
        if time.monotonic() - self.looked < BEAT_EVERY:
            return True
        self.looked = time.monotonic()
        close_old_connections()
        beat = Heartbeat.objects.filter(name=Heartbeat.WORKER).first()
        self.done_at = max(self.done_at, beat.seen_at) if beat else self.done_at
        if self.done_at >= self.queued_at:
            self.queued_at = timezone.now()
            async_task("integrations.tasks.beat")
        return timezone.now() - self.done_at < DEAD_AFTER


def stop(cluster: "subprocess.Popen[bytes]", *, politely: bool) -> None:
    """End the whole group; politely lets jobs in hand finish first."""
    if politely and cluster.poll() is None:
        cluster.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            cluster.wait(STOP_SECONDS)
    kill_group(cluster.pid)
    cluster.wait()


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def kill_leftover() -> None:
    """Children of a watchdog that was itself killed go on working: end them first."""
    try:
        group = int(pid_file().read_text())
        command = Path(f"/proc/{group}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if b"qcluster" in command:
        kill_group(group)


def free_jobs() -> None:
    """Give back the jobs that the dead cluster had in hand."""
    now = timezone.now()
    OrmQ.objects.filter(lock__gt=now).update(lock=now - timedelta(seconds=1))
