"""Time a user is not available, by hand or from a feed. What fills a feed is not known here."""

from typing import Self

from django.db import models

from accounts.models import SubAccount, User
from accounts.tenancy import TenantModel, TenantQuerySet
from calendars.models.epochs import epoch_of


class BusySource(TenantModel):
    """A feed of somebody's busy time."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=300)
    is_blocking = models.BooleanField(
        default=True, help_text="Off: its events are shown and leave availability open."
    )
    last_read_at = models.DateTimeField(null=True, blank=True)
    expanded_until = models.DateTimeField(null=True, blank=True)
    expanded_in = models.CharField("expanded in time zone", max_length=64, blank=True)
    gone_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Its calendar is gone: what is known goes on blocking, and it is not stale.",
    )

    class Meta:
        indexes = [models.Index(fields=["sub_account", "user"], name="busy_source_of_user")]

    def __str__(self) -> str:
        return self.name


class BlockedSlotQuerySet(TenantQuerySet["BlockedSlot"]):
    def kept(self) -> Self:
        """Slots whose event was deleted remotely."""
        return self.filter(deleted_remotely_at__isnull=False)

    def blocking(self) -> Self:
        """Slots that close availability."""
        return self.filter(models.Q(source=None) | models.Q(source__is_blocking=True), is_busy=True)


class BlockedSlot(TenantModel):
    """A span in which a user is busy (or only shown as free), in one sub-account."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    source = models.ForeignKey(
        BusySource,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text="Empty: made by hand.",
    )
    key = models.CharField(max_length=300, blank=True, help_text="The feed's own name for it.")
    uid = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_epoch = epoch_of("starts_at")
    ends_epoch = epoch_of("ends_at")
    all_day = models.BooleanField(default=False)
    is_busy = models.BooleanField(default=True)
    title = models.CharField(max_length=500, blank=True)
    deleted_remotely_at = models.DateTimeField(
        null=True, blank=True, help_text="Its event is gone since: the time is kept."
    )
    may_have_moved = models.BooleanField(
        default=False, help_text="Not every calendar it could have gone to was read."
    )
    made_together = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="The same for slots made by hand at once: of several users, or repeated.",
    )
    note = models.CharField(
        max_length=100, blank=True, help_text="What its owner is to know of it, never what it says."
    )

    objects = BlockedSlotQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["user", "sub_account", "ends_at"], name="blocked_slot_lookup"),
            # All that the slot engine reads of a slot: PostgreSQL reads it in the index alone.
            models.Index(
                fields=["user", "sub_account", "ends_epoch", "starts_epoch", "source"],
                condition=models.Q(is_busy=True, source__isnull=False),
                name="blocked_slot_outside",
            ),
            models.Index(
                fields=["user", "sub_account", "ends_epoch", "starts_epoch"],
                condition=models.Q(is_busy=True, source__isnull=True),
                name="blocked_slot_by_hand",
            ),
            models.Index(fields=["source", "key"], name="blocked_slot_of_feed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")),
                name="blocked_slot_takes_time",
            )
        ]

    def __str__(self) -> str:
        # Never the title: this text reaches logs and admin pages.
        return f"{self.starts_at:%Y-%m-%d %H:%M}–{self.ends_at:%H:%M} UTC"
