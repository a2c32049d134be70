"""What a user chose: where appointments are written, what is read, and how."""

from django.db import models

from accounts.models import SubAccount, User
from accounts.tenancy import TenantModel
from integrations.caldav import blocking
from integrations.models.remote import RemoteCalendar


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
