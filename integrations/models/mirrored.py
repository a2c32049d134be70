"""What Daybook wrote where."""

import uuid

from django.db import models

from accounts.tenancy import TenantModel
from calendars.models import MeetingHost
from integrations.models.remote import RemoteCalendar


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
    own_text = models.TextField(
        blank=True, help_text="Daybook's part of its description, as last written."
    )
    sent_text = models.TextField(
        blank=True, help_text="The same, as it was sent last, while no answer is known."
    )
    added_text = models.TextField(blank=True, help_text="What its host wrote into the description.")
    agreed_start = models.DateTimeField(null=True, blank=True)
    agreed_end = models.DateTimeField(
        null=True, blank=True, help_text="The time that Daybook and iCloud last both had."
    )
    state = models.CharField(max_length=8, choices=State, default=State.INTENDED)
    is_leaving = models.BooleanField(
        default=False, help_text="To be taken away from where it stands."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting_host", "generation"], name="mirrored_event_generation_once"
            )
        ]

    def __str__(self) -> str:
        return f"Event {self.uid}"
