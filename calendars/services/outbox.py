"""Want something to become true outside. Carrying it out is not this app's business.

Call these inside the transaction that changes the subject, and `ring` at its end: then either all
of it exists or nothing.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import SubAccount
from calendars.models import OutboxItem


def want(effect: OutboxItem.Effect, subject: int, *, sub_account: SubAccount) -> None:
    """Raise the revision of (effect, subject): what was carried out before does not do any more."""
    raised = OutboxItem.objects.filter(effect=effect, subject=subject).update(
        revision=F("revision") + 1,
        due_at=timezone.now(),
        parked_at=None,
        problem="",
        attempts=0,
    )
    if not raised:
        want_new(effect, [subject], sub_account=sub_account)


def want_new(
    effect: OutboxItem.Effect, subjects: Iterable[int], *, sub_account: SubAccount
) -> None:
    """The same for subjects that have just come to exist."""
    OutboxItem.objects.bulk_create(
        OutboxItem(effect=effect, subject=subject, sub_account=sub_account) for subject in subjects
    )


def ring() -> None:
    """Wake whoever carries out the outbox; the callable's name comes from the settings."""
    import_string(settings.OUTBOX_ALARM)()
