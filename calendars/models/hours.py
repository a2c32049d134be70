"""When hosts work, and when simple calendars are open: wall clock times in a time zone."""

from zoneinfo import ZoneInfo

from django.db import models

from accounts.models import SubAccount, User, validate_time_zone
from accounts.tenancy import TenantModel
from calendars.models.offers import Calendar


class Schedule(TenantModel):
    """When a user works in a sub-account, for all their calendars or for one of them; without a
    user, when a simple calendar is open."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sub_account", "user", "calendar"],
                name="schedule_once",
            ),
            models.UniqueConstraint(
                fields=["sub_account", "user"],
                condition=models.Q(calendar=None),
                name="schedule_default_once",
            ),
            models.UniqueConstraint(
                fields=["calendar"],
                condition=models.Q(user=None),
                name="schedule_of_calendar_once",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(calendar__isnull=False),
                name="schedule_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        if self.user is None:
            return f"Hours of {self.calendar}"
        return f"Hours of {self.user} for {self.calendar or 'all calendars'}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class WeeklyHours(TenantModel):
    """Opening hours of a weekday, in minutes 0–1440, so that a day can end at 24:00."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    tenant_path = "schedule__sub_account"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="weekly")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.PositiveSmallIntegerField("opens (minute of the day)")
    closes = models.PositiveSmallIntegerField("closes (minute of the day)")

    class Meta:
        verbose_name_plural = "weekly hours"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes"), closes__lte=1440),
                name="weekly_hours_in_one_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {clock(self.opens)}–{clock(self.closes)}"


class DateOverride(TenantModel):
    """Hours of one date, in place of its weekday's. Without hours the date is closed."""

    tenant_path = "schedule__sub_account"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="dates")
    day = models.DateField()
    opens = models.PositiveSmallIntegerField("opens (minute of the day)", null=True, blank=True)
    closes = models.PositiveSmallIntegerField("closes (minute of the day)", null=True, blank=True)

    class Meta:
        ordering = ["day", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens=None, closes=None)
                | models.Q(opens__lt=models.F("closes"), closes__lte=1440),
                name="date_override_in_one_day",
            )
        ]

    def __str__(self) -> str:
        if self.opens is None or self.closes is None:
            return f"{self.day}: closed"
        return f"{self.day}: {clock(self.opens)}–{clock(self.closes)}"


def clock(minute: int) -> str:
    """A minute of the day as people write it: 570 is 09:30, 1440 is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
