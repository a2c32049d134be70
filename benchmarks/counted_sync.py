"""`manage.py sync --all`, which says as JSON what it took and how many events were parsed for it.

Starting Python and importing are not counted.
"""

import json
import os
import sys
from importlib import import_module
from typing import Any

import django
from django.core.management import call_command

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
    call_command("sync", "--all", stdout=sys.stderr)
    return len(parsed)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(measured(sync)))
