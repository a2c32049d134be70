"""What is offered, and by whom."""

from datetime import timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import SubAccount, User, validate_time_zone
from accounts.tenancy import TenantModel, TenantQuerySet

NOTHING, A_MINUTE, A_WEEK = timedelta(0), timedelta(minutes=1), timedelta(weeks=1)
A_MONTH = timedelta(days=31)
MOST_SEATS = 1000
MOST_HIDDEN = 90
ONE_PRIMARY = "Another host of this calendar is marked as primary: take that mark away first."
not_negative = MinValueValidator(NOTHING, _("This can't be less than nothing."))
at_least_a_minute = MinValueValidator(A_MINUTE, _("This has to be a minute at least."))
at_most_a_week = MaxValueValidator(A_WEEK, _("This has to be a week at most."))
at_most_a_month = MaxValueValidator(A_MONTH, _("This has to be 31 days at most."))


class CalendarGroup(TenantModel):
    """Services shown together on one public menu."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    name = models.CharField(max_length=150)
    slug = models.SlugField()
    description = models.TextField(blank=True, max_length=2000)
    is_active = models.BooleanField(default=True)
    guests_may_combine = models.BooleanField(
        "guests may choose several services",
        default=True,
        help_text="On: one after the other, with the same host.",
    )
    guests_choose_host = models.BooleanField(
        "guests may choose who serves them",
        default=True,
        help_text="Off: the rules of round robin choose.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["sub_account", "slug"],
                name="calendar_group_slug_once",
                violation_error_message="Another menu here has this address already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CalendarQuerySet(TenantQuerySet["Calendar"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class Calendar(TenantModel):
    """Something the public books: times are offered by its hosts under its rules."""

    class Kind(models.TextChoices):
        ROUND_ROBIN = "round_robin", _("Round robin")
        COLLECTIVE = "collective", _("Collective")
        CLASS = "class", _("Class booking")
        SERVICE = "service", _("Service")
        SIMPLE = "simple", _("Simple")

    class Mode(models.TextChoices):
        AVAILABILITY = "availability", _("Optimise for availability")
        EQUAL = "equal", _("Optimise for equal distribution")

    class NoticeUnit(models.TextChoices):
        MINUTES = "minutes", pgettext_lazy("unit", "Minutes")
        HOURS = "hours", pgettext_lazy("unit", "Hours")
        DAYS = "days", pgettext_lazy("unit", "Days")
        WEEKS = "weeks", pgettext_lazy("unit", "Weeks")
        MONTHS = "months", pgettext_lazy("unit", "Months")

    class HorizonUnit(models.TextChoices):
        DAYS = "days", pgettext_lazy("unit", "Days")
        WEEKS = "weeks", pgettext_lazy("unit", "Weeks")
        MONTHS = "months", pgettext_lazy("unit", "Months")

    sub_account = models.ForeignKey(SubAccount, on_delete=models.PROTECT)
    group = models.ForeignKey(CalendarGroup, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ROUND_ROBIN)
    name = models.CharField(max_length=150)
    slug = models.SlugField()
    description = models.TextField(blank=True, max_length=2000)
    location = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    duration = models.DurationField(
        default=timedelta(minutes=30), validators=[at_least_a_minute, at_most_a_week]
    )
    interval = models.DurationField(
        "slot interval",
        default=timedelta(minutes=30),
        validators=[at_least_a_minute, at_most_a_week],
    )
    buffer_before = models.DurationField(
        default=timedelta(0), validators=[not_negative, at_most_a_week]
    )
    buffer_after = models.DurationField(
        default=timedelta(0), validators=[not_negative, at_most_a_week]
    )
    notice = models.PositiveSmallIntegerField("minimum notice", default=2)
    notice_unit = models.CharField(max_length=8, choices=NoticeUnit, default=NoticeUnit.HOURS)
    horizon = models.PositiveSmallIntegerField(
        "bookable ahead", default=60, validators=[MaxValueValidator(730)]
    )
    horizon_unit = models.CharField(max_length=8, choices=HorizonUnit, default=HorizonUnit.DAYS)
    is_aligned = models.BooleanField(
        "align to the clock",
        default=False,
        help_text="Off: the first time of a day is when hours open.",
    )
    seats = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
        help_text="How many guests a meeting takes. A collective meeting always takes one.",
    )
    shows_seats_left = models.BooleanField(default=True)
    daily_limit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Meetings a day; of round robin, a day and host. Empty: any number.",
    )
    look_busy = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_HIDDEN)],
        help_text="How many percent of the free times are not shown.",
    )
    mode = models.CharField(
        "hosts are chosen to", max_length=12, choices=Mode, default=Mode.AVAILABILITY
    )
    counts_since = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Appointments made since then count for equal distribution.",
    )
    price = models.CharField(
        max_length=40, blank=True, help_text=_("Shown as it is written, never charged.")
    )
    place_in_menu = models.PositiveSmallIntegerField(default=0)
    reminds_before = models.DurationField(
        "guests are reminded before",
        null=True,
        blank=True,
        default=timedelta(days=1),
        validators=[at_least_a_minute, at_most_a_month],
        help_text="Empty: nobody is reminded.",
    )
    needs_confirmation = models.BooleanField(
        default=False,
        help_text=_("On: a booking holds its time, and counts once a host has confirmed it."),
    )
    guests_may_reschedule = models.BooleanField(default=True)
    guests_may_cancel = models.BooleanField(default=True)
    changes_close = models.DurationField(
        "guests' changes close",
        default=timedelta(0),
        validators=[not_negative, at_most_a_month],
        help_text="So long before the start, guests can no longer reschedule or cancel.",
    )
    is_active = models.BooleanField(default=True)
    hosts = models.ManyToManyField(User, through="CalendarHost")

    objects = CalendarQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["sub_account", "slug"],
                name="calendar_slug_once",
                violation_error_message="Another calendar here has this address already.",
            ),
            # `menu` is the first part of a service menu's address.
            models.CheckConstraint(condition=~models.Q(slug="menu"), name="calendar_slug_not_menu"),
            models.CheckConstraint(
                condition=models.Q(
                    duration__range=(A_MINUTE, A_WEEK), interval__range=(A_MINUTE, A_WEEK)
                ),
                name="calendar_takes_time",
            ),
            models.CheckConstraint(
                condition=models.Q(horizon_unit="days", horizon__lte=730)
                | models.Q(horizon_unit="weeks", horizon__lte=104)
                | models.Q(horizon_unit="months", horizon__lte=24),
                name="calendar_two_years_ahead_at_most",
                violation_error_message=_("Calendars can be booked two years ahead at most."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    buffer_before__range=(NOTHING, A_WEEK), buffer_after__range=(NOTHING, A_WEEK)
                ),
                name="calendar_buffers_in_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(changes_close__range=(NOTHING, A_MONTH)),
                name="calendar_changes_close_in_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(seats__range=(1, MOST_SEATS)), name="calendar_seats_in_bounds"
            ),
            models.CheckConstraint(
                condition=models.Q(daily_limit=None) | models.Q(daily_limit__gte=1),
                name="calendar_daily_limit_at_least_one",
            ),
            models.CheckConstraint(
                condition=models.Q(look_busy__lte=MOST_HIDDEN), name="calendar_look_busy_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def capacity(self) -> int:
        """How many guests a meeting takes: a collective one is for one, always."""
        return 1 if self.kind == self.Kind.COLLECTIVE else self.seats


class CalendarHost(TenantModel):
    """A user who serves a calendar."""

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        MEDIUM = 2, _("Medium")
        HIGH = 3, _("High")

    tenant_path = "calendar__sub_account"

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.MEDIUM)
    position = models.PositiveSmallIntegerField(default=0)
    is_primary = models.BooleanField(
        default=False,
        help_text="Owner of collective appointments. Where nobody is marked, the first host is.",
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "user"], name="calendar_host_once"),
            models.UniqueConstraint(
                fields=["calendar"],
                condition=models.Q(is_primary=True),
                name="calendar_host_one_primary",
                violation_error_message=ONE_PRIMARY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.calendar}"
