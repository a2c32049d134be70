"""The job queue, worked off in the test's own process."""

from importlib import import_module
from typing import Any

from django_q.models import OrmQ


def queued() -> list[dict[str, Any]]:
    """What waits in the queue, oldest first."""
    return [row.task for row in OrmQ.objects.order_by("pk")]


def work_off() -> list[str]:
    """Do every job that waits, and those they queue; returns their names in order."""
    done = []
    while row := OrmQ.objects.order_by("pk").first():
        task = row.task
        row.delete()
        module, _, name = task["func"].rpartition(".")
        getattr(import_module(module), name)(*task["args"], **task["kwargs"])
        done.append(task["func"])
    return done
