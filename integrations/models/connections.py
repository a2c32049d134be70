"""Accounts elsewhere, and who connected them where."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import Member, SubAccount, User
from accounts.tenancy import TenantModel, TenantQuerySet
from integrations.fields import EncryptedTextField


class RemoteAccount(TenantModel):
    """An account at a provider, whoever connected it, however often.

    Its lease makes every connection to it take turns: one request at a time per Apple account.
    """

    tenant_path = "connections__sub_account"

    class Provider(models.TextChoices):
        ICLOUD = "icloud", "iCloud"

    provider = models.CharField(max_length=10, choices=Provider, default=Provider.ICLOUD)
    principal_path = models.CharField(max_length=500)
    addresses = models.JSONField(default=list, help_text="The account's own addresses.")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(default=uuid.uuid4, editable=False)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not to be asked before.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "principal_path"], name="remote_account_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} account {self.pk}"


def an_interval_ahead() -> datetime:
    """When a connection is read if nothing asks for it sooner."""
    interval: timedelta = settings.SYNC_INTERVAL
    return timezone.now() + interval


class ConnectionQuerySet(TenantQuerySet["Connection"]):
    def of(self, user: User, sub_account: SubAccount) -> Self:
        """A user's own connections in a sub-account, disconnected ones left out."""
        return self.within(sub_account).filter(user=user).live()

    def live(self) -> Self:
        return self.exclude(state=Connection.State.DISCONNECTED)

    def staying(self) -> Self:
        """Without those that are disconnected, or being so."""
        return self.live().exclude(state=Connection.State.LEAVING)

    def in_service(self) -> Self:
        """Connected, and its user is active and still a member: what jobs may work for."""
        members = Member.objects.filter(
            user=models.OuterRef("user"), sub_account=models.OuterRef("sub_account")
        )
        return self.filter(
            models.Exists(members), state=Connection.State.CONNECTED, user__is_active=True
        )

    def due(self, now: datetime) -> Self:
        """In service, and to be read by `now`; accounts told to wait are left out."""
        return self.in_service().filter(
            models.Q(remote_account__retry_at=None) | models.Q(remote_account__retry_at__lte=now),
            next_poll_at__lte=now,
        )


class ConnectionManager(models.Manager.from_queryset(ConnectionQuerySet)):  # type: ignore[misc]
    """Leaves the secret in the database until it is asked for."""

    def get_queryset(self) -> ConnectionQuerySet:
        rows: ConnectionQuerySet = super().get_queryset()
        return rows.defer("secret")


class Connection(TenantModel):
    """A user's account at a provider, in one sub-account."""

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        NEEDS_RECONNECT = "needs_reconnect", "Needs reconnecting"
        PAUSED = "paused", "Paused"
        LEAVING = "leaving", "Being disconnected"
        DISCONNECTED = "disconnected", "Disconnected"

    class Problem(models.TextChoices):
        NONE = "", "None"
        REFUSED = "refused", _("Apple refused the Apple ID or the app-specific password")
        UNREACHABLE = "unreachable", _("iCloud could not be reached")
        BUSY = "busy", _("iCloud asked to wait")
        LOST = "lost", _("iCloud no longer shows this account's calendars")
        KEY_LOST = "key_lost", _("The stored password can no longer be decrypted")
        INTERNAL = "internal", _("Something went wrong in Daybook")

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    remote_account = models.ForeignKey(
        RemoteAccount, on_delete=models.PROTECT, related_name="connections"
    )
    account_name = models.CharField("Apple ID", max_length=254)
    secret: Any = EncryptedTextField(blank=True, default="")
    home_path = models.CharField(max_length=500)
    state = models.CharField(max_length=16, choices=State, default=State.CONNECTED)
    problem = models.CharField(max_length=12, choices=Problem, default=Problem.NONE, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_poll_at = models.DateTimeField(default=an_interval_ahead)
    synced_at = models.DateTimeField(
        null=True, blank=True, help_text="Last read without a problem."
    )
    leaving_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    frees_deleted = models.BooleanField(
        "deleted events free their time",
        default=False,
        help_text="Off: it stays blocked, labelled, until it is released.",
    )
    cancels_deleted = models.BooleanField(
        "deleted events cancel their appointments",
        default=False,
        help_text="Off: the appointments stay, labelled.",
    )
    signed_in_at = models.DateTimeField(default=timezone.now, help_text="With this password.")

    objects = ConnectionManager()  # type: ignore[misc]

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state", "next_poll_at"], name="connection_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "sub_account", "remote_account"],
                condition=~models.Q(state="disconnected"),
                name="connection_once",
                violation_error_message="This iCloud account is connected here already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_name} of {self.user}"
