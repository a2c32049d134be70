from typing import Any

from django.core.management.base import BaseCommand

from integrations.services.jobs import JOBS, schedule_jobs


class Command(BaseCommand):
    help = "Put the periodic jobs in place. Idempotent; `work` does it at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        schedule_jobs()
        self.stdout.write(f"Scheduled: {', '.join(JOBS)}")
