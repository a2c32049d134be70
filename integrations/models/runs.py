"""How reading went, and whether the worker lives."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from accounts.tenancy import TenantModel
from integrations.models.connections import Connection


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
    drift = models.PositiveIntegerField(
        default=0, help_text="Of these, what iCloud had not said; found by comparing everything."
    )
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
        """Beat inside long work: writes every few seconds at most."""
        late = timezone.now() - timedelta(seconds=5)
        cls.objects.filter(name=cls.WORKER, seen_at__lt=late).update(seen_at=timezone.now())
