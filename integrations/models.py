"""Accounts elsewhere: what is connected, what was read, what was written, and how it went."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Member, SubAccount, User
from accounts.tenancy import TenantModel, TenantQuerySet
from calendars.models import BusySource, MeetingHost
from integrations.caldav import blocking
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
        DISCONNECTED = "disconnected", "Disconnected"

    class Problem(models.TextChoices):
        NONE = "", "None"
        REFUSED = "refused", "Apple refused the Apple ID or the app-specific password"
        UNREACHABLE = "unreachable", "iCloud could not be reached"
        BUSY = "busy", "iCloud asked to wait"
        LOST = "lost", "iCloud no longer shows this account's calendars"
        KEY_LOST = "key_lost", "The stored password can no longer be decrypted"
        INTERNAL = "internal", "Something went wrong in Daybook"

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
    created_at = models.DateTimeField(auto_now_add=True)
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


class CalendarConfiguration(TenantModel):
    """Which calendars a user chose in a sub-account: where to write, what to read."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    linked_calendar = models.ForeignKey(
        RemoteCalendar, on_delete=models.SET_NULL, null=True, blank=True, related_name="linked_by"
    )
    conflict_calendars: "models.ManyToManyField[RemoteCalendar, ConflictCalendar]" = (
        models.ManyToManyField(RemoteCalendar, through="ConflictCalendar")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sub_account", "user"], name="configuration_once")
        ]

    def __str__(self) -> str:
        return f"Calendar configuration of {self.user} in {self.sub_account}"


class ConflictCalendar(TenantModel):
    """A remote calendar whose busy events close its reader's availability, and how it is read."""

    class AllDay(models.TextChoices):
        FOLLOW = blocking.AllDay.FOLLOW, "Follow the event"
        BUSY = blocking.AllDay.BUSY, "Always busy"
        IGNORE = blocking.AllDay.IGNORE, "Ignore"

    tenant_path = "configuration__sub_account"

    configuration = models.ForeignKey(CalendarConfiguration, on_delete=models.CASCADE)
    remote_calendar = models.ForeignKey(RemoteCalendar, on_delete=models.CASCADE)
    all_day = models.CharField(
        "all-day events", max_length=6, choices=AllDay, default=AllDay.FOLLOW
    )
    unanswered_blocks = models.BooleanField("unanswered invitations block", default=True)
    tentative_blocks = models.BooleanField("tentative events block", default=True)
    travel_counts = models.BooleanField("travel time counts", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["configuration", "remote_calendar"], name="conflict_calendar_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.remote_calendar} checked for conflicts"

    @property
    def rules(self) -> blocking.ReadingRules:
        return blocking.ReadingRules(
            blocking.AllDay(self.all_day),
            self.unanswered_blocks,
            self.tentative_blocks,
            self.travel_counts,
        )


class MirroredEvent(TenantModel):
    """A meeting's event on a host's calendar: known before the first request, kept ever after."""

    class State(models.TextChoices):
        INTENDED = "intended", "To be written"
        WRITTEN = "written", "Written"
        REMOVED = "removed", "Removed by Daybook"
        DELETED = "deleted", "Deleted in iCloud"

    tenant_path = "meeting_host__meeting__sub_account"

    meeting_host = models.ForeignKey(
        MeetingHost, on_delete=models.PROTECT, related_name="mirrored_events"
    )
    remote_calendar = models.ForeignKey(
        RemoteCalendar, on_delete=models.SET_NULL, null=True, related_name="mirrored_events"
    )
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    href = models.CharField(max_length=1000)
    generation = models.PositiveIntegerField(default=1)
    etag = models.TextField(blank=True)
    standing_hash = models.CharField(
        max_length=130, blank=True, help_text="What it means as it stands there, as last known."
    )
    sent_hash = models.CharField(
        max_length=130, blank=True, help_text="What was sent last, while no answer is known."
    )
    agreed_start = models.DateTimeField(null=True, blank=True)
    agreed_end = models.DateTimeField(
        null=True, blank=True, help_text="The time that Daybook and iCloud last both had."
    )
    state = models.CharField(max_length=8, choices=State, default=State.INTENDED)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting_host", "generation"], name="mirrored_event_generation_once"
            )
        ]

    def __str__(self) -> str:
        return f"Event {self.uid}"


class SyncRun(TenantModel):
    """What one sync of a connection did."""

    class Result(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    tenant_path = "connection__sub_account"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    requests = models.PositiveIntegerField(default=0)
    received_bytes = models.PositiveBigIntegerField(default=0)
    events_changed = models.PositiveIntegerField(default=0)
    events_gone = models.PositiveIntegerField(default=0)
    result = models.CharField(max_length=8, choices=Result, default=Result.RUNNING)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["connection", "-started_at"], name="sync_run_latest")]

    def __str__(self) -> str:
        return f"Sync of {self.connection_id} at {self.started_at:%Y-%m-%d %H:%M} UTC"


class Heartbeat(models.Model):
    """When the worker last did a job, for `/readyz` and the watchdog."""

    WORKER = "worker"

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls) -> None:
        """The worker does something: its watchdog and `/readyz` read this."""
        cls.objects.update_or_create(name=cls.WORKER, defaults={"seen_at": timezone.now()})

    @classmethod
    def beat_now_and_then(cls) -> None:
        """The same inside long work, every few seconds at most."""
        late = timezone.now() - timedelta(seconds=5)
        cls.objects.filter(name=cls.WORKER, seen_at__lt=late).update(seen_at=timezone.now())
