from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.models import Connection
from integrations.services.reconciling import Differences, reconcile


class Command(BaseCommand):
    help = (
        "Compare connections with iCloud as a whole, such as after a backup was restored, and "
        "list what differs. Deletes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connection", type=int, metavar="N", help="only this one")

    def handle(self, *args: Any, connection: int | None, **options: Any) -> None:
        rows = Connection.objects.select_related("remote_account", "user", "sub_account")
        rows = rows.in_service().order_by("pk")
        if connection is not None:
            rows = rows.filter(pk=connection)
            if not rows:
                raise CommandError(f"There is no connection {connection} that can be read.")
        unread = [row for row in rows if not self._tell(row, reconcile(row))]
        if unread:
            raise CommandError(f"{len(unread)} of {len(rows)} connections could not be read.")

    def _tell(self, connection: Connection, found: Differences | None) -> bool:
        if found is None or found.problem:
            reason = found.problem if found else "being read by somebody else, or not readable"
            self.stdout.write(f"{connection}: {reason}")
            return False
        self.stdout.write(f"{connection}: {found.changed} changed, {found.gone} gone")
        for stray in found.strays:
            when = f"{stray.starts_at:%Y-%m-%d %H:%M} UTC" if stray.starts_at else "no time"
            self.stdout.write(f"  of no appointment known here: {when}, {stray.href}")
        for href in found.deleted:
            self.stdout.write(f"  an appointment's event is not there: {href}")
        return True
