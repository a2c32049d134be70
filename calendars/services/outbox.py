"""Want something to become true outside. Carrying it out is not this app's business.

Call these inside the transaction that changes the subject, and `ring` at its end: then either all
of it exists or nothing.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import SubAccount
from calendars.models import OutboxItem
from calendars.models.outbox import OutboxQuerySet

_AT_ONCE = 500


def want(effect: OutboxItem.Effect, subject: int, *, sub_account: SubAccount) -> None:
    """Raise the revision of (effect, subject): what was carried out before does not do any more."""
    if not _raise(OutboxItem.objects.filter(effect=effect, subject=subject)):
        want_new(effect, [subject], sub_account=sub_account)


def want_new(
    effect: OutboxItem.Effect, subjects: Iterable[int], *, sub_account: SubAccount
) -> None:
    """Want the effect for subjects that have just come to exist, which have no row yet."""
    OutboxItem.objects.bulk_create(
        OutboxItem(effect=effect, subject=subject, sub_account=sub_account) for subject in subjects
    )


def want_each(effect: OutboxItem.Effect, subjects: Mapping[int, int]) -> None:
    """Raise the revision for many subjects at once, each with its sub-account's primary key.

    Whoever wants the same at the same moment does not get in the way.
    """
    OutboxItem.objects.bulk_create(
        [
            OutboxItem(effect=effect, subject=subject, sub_account_id=place, revision=0)
            for subject, place in sorted(subjects.items())
        ],
        ignore_conflicts=True,
    )
    wanted = sorted(subjects)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = OutboxItem.objects.filter(effect=effect, subject__in=part)
        list(rows.select_for_update().order_by("pk").values_list("pk"))
        _raise(rows)


def ring() -> None:
    """Wake whoever carries out the outbox; the callable's name comes from the settings."""
    import_string(settings.OUTBOX_ALARM)()


def _raise(rows: OutboxQuerySet) -> int:
    return rows.update(
        revision=F("revision") + 1,
        due_at=timezone.now(),
        parked_at=None,
        problem="",
        attempts=0,
    )
