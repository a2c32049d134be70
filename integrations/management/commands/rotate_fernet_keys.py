from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.services.rotating import rotate_secrets


class Command(BaseCommand):
    help = "Encrypt every stored password anew with the first of FERNET_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        rotated, lost = rotate_secrets()
        self.stdout.write(f"{rotated} passwords encrypted with the newest key.")
        if lost:
            raise CommandError(
                f"{lost} could not be decrypted with any key; their owners must reconnect. "
                "Keep the old keys until then."
            )
