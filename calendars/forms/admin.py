"""Forms of Django admin that hold what the pages of staff hold."""

from typing import Any

from django.forms.models import BaseInlineFormSet
from django.utils import timezone

from accounts.admin_forms import OneTenantForm
from calendars.models import Calendar, CalendarHost
from calendars.models.offers import ONE_PRIMARY
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


class ListedHostForm(OneTenantForm):
    """A host in the list on their calendar's page: whom it names, it names for good."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "user" in self.fields:
            self.fields["user"].disabled = True


class HostFormSet(BaseInlineFormSet[CalendarHost, Calendar, Any]):
    """The hosts of a calendar, of whom one at most is primary once all of them are saved."""

    def clean(self) -> None:
        super().clean()
        for form in self._primary()[1:]:
            form.add_error("is_primary", ONE_PRIMARY)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        if any("is_primary" in form.changed_data for form in self._primary()):
            # First nobody: the database takes one at a time.
            CalendarHost.objects.filter(calendar=self.instance).update(is_primary=False)
        return super().save(commit)

    def _primary(self) -> list[Any]:
        """Those of its rows that are marked and stay."""
        return [
            form
            for form in self.forms
            if form.cleaned_data.get("is_primary") and not form.cleaned_data.get("DELETE")
        ]
