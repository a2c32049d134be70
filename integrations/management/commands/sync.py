from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.models import Connection, SyncRun
from integrations.services.pulling import pull


class Command(BaseCommand):
    help = "Read connections in the foreground: the due ones, one (--connection N), or --all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connection", type=int, metavar="N", help="only this one")
        parser.add_argument("--all", action="store_true", help="whether due or not")

    def handle(self, *args: Any, connection: int | None, all: bool, **options: Any) -> None:  # noqa: A002
        rows = Connection.objects.select_related("remote_account", "user", "sub_account")
        if connection is not None:
            rows = rows.filter(pk=connection)
            if not rows:
                raise CommandError(f"There is no connection {connection}.")
        elif all:
            rows = rows.in_service()
        else:
            rows = rows.due(timezone.now())
        failed = sum(not self._read(row) for row in rows)
        if failed:
            raise CommandError(f"{failed} of {len(rows)} connections could not be read.")

    def _read(self, connection: Connection) -> bool:
        if connection.state != Connection.State.CONNECTED:
            self.stdout.write(f"{connection}: {connection.get_state_display().lower()}, left alone")
            return True
        reading = pull(connection)
        if reading is None:
            self.stdout.write(f"{connection}: being read by somebody else, or not readable")
            return False
        run = reading.run
        self.stdout.write(
            f"{connection}: {run.requests} requests, {run.received_bytes} bytes, "
            f"{run.events_changed} changed, {run.events_gone} gone"
            + (f": {run.problem}" if run.problem else "")
        )
        return run.result == SyncRun.Result.DONE
