"""Want something to become true outside. Carrying it out is not this app's business."""

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import SubAccount
from calendars.models import OutboxItem


def want(effect: OutboxItem.Effect, subject: int, *, sub_account: SubAccount) -> None:
    """Raise the revision of (effect, subject) and ring for it. Call inside the transaction that
    changes the subject: either both exist or neither."""
    item, created = OutboxItem.objects.get_or_create(
        effect=effect, subject=subject, defaults={"sub_account": sub_account}
    )
    if not created:
        OutboxItem.objects.filter(pk=item.pk).update(
            revision=F("revision") + 1,
            due_at=timezone.now(),
            parked_at=None,
            problem="",
            attempts=0,
        )
    ring()


def ring() -> None:
    """Wake whoever carries out the outbox; the callable's name comes from the settings."""
    import_string(settings.OUTBOX_ALARM)()
