"""A sync as the worker does it, which says as JSON what it took and how many events were parsed.

Starting Python and importing are not counted.
"""

import json
import os
from importlib import import_module
from typing import Any

import django

from benchmarks.plain_report import measured


def sync() -> int:
    """Read all connections; returns how often an event was parsed to be expanded."""
    # This reads the settings, which this process has only now.
    applying: Any = import_module("integrations.services.applying")
    parsed, expand = list[int](), applying.expand

    def counted(*arguments: Any, **options: Any) -> Any:
        parsed.append(1)
        return expand(*arguments, **options)

    applying.expand = counted
    connections: Any = import_module("integrations.models").Connection.objects
    cycling: Any = import_module("integrations.services.cycling")
    cycling.read_batch(list(connections.select_related("remote_account", "user", "sub_account")))
    return len(parsed)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(measured(sync)))
