"""What was read: the calendars of a connection, and their resources."""

from typing import Self

from django.db import models

from accounts.tenancy import TenantModel, TenantQuerySet
from calendars.models import BusySource
from integrations.models.connections import Connection


class RemoteCalendar(TenantModel):
    """One calendar of a connection. Its path is its identity: hosts and names change."""

    class Kind(models.TextChoices):
        EVENTS = "events", "Calendar"
        REMINDERS = "reminders", "Reminders list"
        SUBSCRIBED = "subscribed", "Subscribed calendar"
        SYSTEM = "system", "System collection"

    tenant_path = "connection__sub_account"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="calendars")
    path = models.CharField(max_length=500)
    name = models.CharField(max_length=300, blank=True)
    color = models.CharField(max_length=7, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.EVENTS)
    can_write = models.BooleanField(null=True, help_text="Empty: the server did not say.")
    is_shared = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    poll_marker = models.TextField(blank=True)
    sync_token = models.TextField(blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last compared as a whole."
    )
    unread = models.PositiveIntegerField(
        default=0, help_text="Events that are listed and not fetched yet, while it is being read."
    )
    doubted_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when many of its events are missing at once."
    )
    expanded_by = models.CharField(
        max_length=60, blank=True, help_text="How its applied events were read."
    )
    expands_to = models.DateTimeField(
        null=True, blank=True, help_text="How far its applied events are expanded."
    )
    busy_source = models.OneToOneField(
        BusySource,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="remote_calendar",
        help_text="Set while the calendar is read.",
    )

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "path"], name="remote_calendar_once")
        ]

    def __str__(self) -> str:
        return self.name or "Unnamed calendar"


class RemoteEventQuerySet(TenantQuerySet["RemoteEvent"]):
    def unapplied(self) -> Self:
        """Facts whose consequences are not drawn yet."""
        return self.filter(is_applied=False)


class RemoteEvent(TenantModel):
    """One resource of a remote calendar, as it was last read. A fact, whatever follows from it."""

    class Parse(models.TextChoices):
        OK = "ok", "Read"
        PARTIAL = "partial", "Read in part"
        UNREADABLE = "unreadable", "Not readable"

    tenant_path = "remote_calendar__connection__sub_account"

    remote_calendar = models.ForeignKey(
        RemoteCalendar, on_delete=models.CASCADE, related_name="events"
    )
    href = models.CharField(max_length=1000)
    etag = models.TextField()
    uid = models.CharField(max_length=300, blank=True)
    raw = models.TextField(blank=True)
    parse_state = models.CharField(max_length=10, choices=Parse, default=Parse.OK)
    problem = models.CharField(max_length=300, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    is_doubted = models.BooleanField(
        default=False, help_text="Missing, together with too many to be believed at once."
    )
    withheld = models.PositiveSmallIntegerField(default=0, help_text="Times it was not handed out.")
    is_applied = models.BooleanField(default=False)
    mirrors = models.ForeignKey(
        "MirroredEvent",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="seen_as",
        help_text="The event of Daybook's own that it is, read through its host's connection.",
    )

    objects = RemoteEventQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(fields=["uid"], name="remote_event_uid"),
            models.Index(
                fields=["remote_calendar"],
                condition=models.Q(is_applied=False),
                name="remote_event_unapplied",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["remote_calendar", "href"], name="remote_event_once")
        ]

    def __str__(self) -> str:
        return f"Event {self.pk}"  # never what it says
