"""Forms of Django admin that hold what the pages of staff hold."""

from typing import Any

from django.utils import timezone

from accounts.admin_forms import OneTenantForm
from calendars.services.changing_kind import why_not
from calendars.services.locking import lock_calendars


class OneKindForm(OneTenantForm):
    """A calendar, which stays of a kind that can have the meetings ahead of it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk and "kind" in cleaned:
            self._refuse_another_kind(cleaned["kind"])
        return cleaned

    def _refuse_another_kind(self, kind: str) -> None:
        # Whoever books holds this lock, too. The admin checks and saves in one transaction.
        [current] = lock_calendars([self.instance.pk])
        refusal = why_not(current, before=current.kind, after=kind, now=timezone.now())
        if refusal:
            self.add_error("kind", refusal)
