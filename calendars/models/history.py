"""What happened to an appointment, and who was told."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.tenancy import TenantModel
from calendars.models.meetings import Appointment


class HistoryEntry(TenantModel):
    """Something that happened to an appointment, and who did it."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        MOVED = "moved", _("Rescheduled")
        HANDED_OVER = "handed_over", _("Given to another host")
        CANCELLED = "cancelled", _("Cancelled")
        RESTORED = "restored", _("Restored")
        SHOWED = "showed", _("Showed")
        NOSHOW = "noshow", _("No-show")
        INVALID = "invalid", _("Marked as invalid")
        EDITED = "edited", _("Details changed")
        NOTED = "noted", _("Noted")

    class Source(models.TextChoices):
        GUEST = "guest", "Guest"
        STAFF = "staff", "Staff"
        ICLOUD = "icloud", "iCloud"

    tenant_path = "appointment__meeting__sub_account"

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=8, choices=Source)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    was_at = models.DateTimeField(null=True, blank=True, help_text="When it began before a move.")
    now_at = models.DateTimeField(null=True, blank=True, help_text="When it begins since then.")
    note = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "history entries"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["appointment", "at"], name="history_of_appointment")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M} UTC"


class Mail(TenantModel):
    """An e-mail about an appointment, to its guest or a host: written once, sent from the outbox.

    It says what was true when it was written, however late it is sent.
    """

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        REQUESTED = "requested", _("To be confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        MOVED = "moved", _("Rescheduled")
        CANCELLED = "cancelled", _("Cancelled")
        REMINDER = "reminder", _("Reminder")

    tenant_path = "appointment__meeting__sub_account"

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind)
    to = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="The host it is for. Empty: the guest.",
    )
    address = models.CharField(
        max_length=254, blank=True, help_text="Where it was sent, or tried to be sent, last."
    )
    # The same for every attempt: a mail that was sent twice is recognised as one. RFC 5322, 3.6.4.
    message_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    was_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    hosts = models.CharField(max_length=300, blank=True, help_text="Names of who serves it.")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            # Two, since one empty `to` differs from another for a database.
            models.UniqueConstraint(
                fields=["appointment", "starts_at"],
                condition=models.Q(kind="reminder", to=None),
                name="mail_reminds_guest_once",
            ),
            models.UniqueConstraint(
                fields=["appointment", "to", "starts_at"],
                condition=models.Q(kind="reminder"),
                name="mail_reminds_host_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: mail {self.pk} about appointment {self.appointment_id}"
