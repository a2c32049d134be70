"""What must become true outside, remembered until it is."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import SubAccount
from accounts.tenancy import TenantModel, TenantQuerySet


class OutboxQuerySet(TenantQuerySet["OutboxItem"]):
    def due(self, now: datetime) -> Self:
        """Items with a revision not carried out, due, not parked, and in no one's hands."""
        return self.filter(
            models.Q(lease_until=None) | models.Q(lease_until__lt=now),
            due_at__lte=now,
            settled_revision__lt=models.F("revision"),
            parked_at=None,
        )


class OutboxItem(TenantModel):
    """One effect on one subject: the wanted state is what the subject's rows say when it runs.

    Wanting it again raises the revision; it is settled only for the revision that was carried out.
    """

    class Effect(models.TextChoices):
        WRITE = "write", "Make a host's event match its meeting"
        MAIL = "mail", "Send an e-mail"
        EDIT = "edit", "Change an event of its owner's as they wanted"
        EXPAND = "expand", "Expand a feed of busy time as far as it is needed"

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    effect = models.CharField(max_length=8, choices=Effect)
    subject = models.PositiveBigIntegerField(help_text="Primary key of what the effect is on.")
    revision = models.PositiveIntegerField(default=1)
    settled_revision = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(default=uuid.uuid4, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="outbox_due")]
        constraints = [
            models.UniqueConstraint(fields=["effect", "subject"], name="outbox_one_row_an_effect")
        ]

    def __str__(self) -> str:
        return f"{self.effect} {self.subject} r{self.revision}"
