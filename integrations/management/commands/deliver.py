from typing import Any

from django.core.management.base import BaseCommand

from calendars.models import OutboxItem
from integrations.services.delivering import deliver_due


class Command(BaseCommand):
    help = "Drain the outbox in the foreground."

    def handle(self, *args: Any, **options: Any) -> None:
        carried = deliver_due(seconds=3600)
        parked = OutboxItem.objects.exclude(parked_at=None).count()
        self.stdout.write(f"{carried} carried, {parked} parked")
