"""What is taken: meetings, who serves them, who comes, and the wall."""

import secrets
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import SubAccount, User
from accounts.tenancy import TenantModel, TenantQuerySet
from calendars.models.contacts import Contact
from calendars.models.epochs import epoch_of
from calendars.models.offers import Calendar
from calendars.models.wall import NoOverlap


class Meeting(TenantModel):
    """A calendar's span that is taken, with its hosts and seats."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.PROTECT)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    buffer_before = models.DurationField(help_text="As the calendar had it when this was booked.")
    buffer_after = models.DurationField(help_text="As the calendar had it when this was booked.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["calendar", "starts_at"], name="meeting_by_calendar")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")), name="meeting_takes_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar} at {self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def what(self) -> str:
        """What it is for: its calendar's name, or those of its services in their order."""
        services = self.services.all() if self.pk else ()  # one that is not saved yet has none
        names = [service.calendar.name for service in services]
        return ", ".join(names) or self.calendar.name


class MeetingService(TenantModel):
    """One of the services that a meeting consists of, in their order, where a guest combined
    several. The meeting's own calendar is the first of them."""

    tenant_path = "meeting__sub_account"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="services")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField()
    duration = models.DurationField(help_text="As the service had it when this was booked.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="meeting_service_once")
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, {self.position + 1} of {self.meeting}"


class MeetingHostQuerySet(TenantQuerySet["MeetingHost"]):
    def serving(self) -> Self:
        """Without those who handed the meeting over to somebody else."""
        return self.filter(is_serving=True)

    def primary_first(self) -> Self:
        """The owner of the appointment comes first."""
        return self.order_by("-is_primary", "pk")

    def using_resource(self, resource: str) -> Self:
        """Parts that take time under that name: of a user, or of a simple calendar."""
        kind, _, key = resource.partition(":")
        if kind == "user":
            return self.filter(user=int(key))
        return self.filter(user=None, meeting__calendar=int(key))

    def holding(self) -> Self:
        """Parts that take their host's time: serving, with a seat that is not cancelled."""
        seats = Appointment.objects.filter(meeting=models.OuterRef("meeting")).live()
        return self.serving().filter(models.Exists(seats))


class MeetingHost(TenantModel):
    """A user's part in a meeting, and how its copy on their linked calendar stands.

    Of a meeting of a simple calendar there is one part without a user: what it takes is the
    calendar's own time.
    """

    class Copy(models.TextChoices):
        NONE = "none", "No linked calendar"
        WAITING = "waiting", "Waiting to be written"
        WRITTEN = "written", "On iCloud"
        REFUSED = "refused", "Refused"
        REMOVED = "removed", "Removed from iCloud"
        DELETED = "deleted", "Deleted in iCloud"
        CHANGED = "changed", "Changed in iCloud"

    tenant_path = "meeting__sub_account"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="hosts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    is_primary = models.BooleanField(default=True, help_text="Owner of the appointment.")
    is_serving = models.BooleanField(
        default=True, help_text="Off: somebody else took the meeting over."
    )
    is_overlapping = models.BooleanField(
        default=False, help_text="Another meeting of this host lies in its time, buffers included."
    )
    chosen_because = models.CharField(max_length=200, blank=True)
    copy_key = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="What names its events on iCloud are made of."
    )
    copy = models.CharField(max_length=8, choices=Copy, default=Copy.WAITING)
    copy_problem = models.CharField(max_length=300, blank=True)

    objects = MeetingHostQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="meeting_host_once"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=models.Q(user=None),
                name="meeting_of_calendar_itself_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'Nobody'} at {self.meeting}"

    @property
    def person(self) -> User:
        """The host. Raises ValueError for the part of a simple calendar, which nobody serves."""
        if self.user is None:
            raise ValueError("Nobody serves a simple calendar.")
        return self.user

    @property
    def resource(self) -> str:
        """The name under which the time of this part is taken."""
        if self.user_id is None:
            return resource_of_calendar(self.meeting.calendar_id)
        return resource_of(self.user_id)


class AppointmentQuerySet(TenantQuerySet["Appointment"]):
    def live(self) -> Self:
        """Appointments that hold their time."""
        return self.exclude(status__in=Appointment.ENDED)


def new_token() -> str:
    """256 random bits for a link that only its guest has."""
    return secrets.token_urlsafe(32)


class Appointment(TenantModel):
    """One contact's seat in a meeting."""

    class Status(models.TextChoices):
        NEW = "new", _("To confirm")
        CONFIRMED = "confirmed", _("Confirmed")
        CANCELLED = "cancelled", _("Cancelled")
        SHOWED = "showed", _("Showed")
        NOSHOW = "noshow", _("No-show")
        INVALID = "invalid", _("Invalid")

    ENDED = (Status.CANCELLED, Status.INVALID)
    tenant_path = "meeting__sub_account"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="appointments")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT)
    seat = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status, default=Status.CONFIRMED)
    notes = models.TextField(blank=True, max_length=2000)
    # As the guest typed them: a contact known before keeps the data it had.
    guest_name = models.CharField(max_length=150)
    guest_email = models.EmailField(blank=True)
    guest_phone = models.CharField(max_length=40, blank=True)
    guest_time_zone = models.CharField(max_length=64, default="UTC")
    guest_language = models.CharField(max_length=10, default=settings.LANGUAGE_CODE)
    token = models.CharField(
        max_length=64,
        unique=True,
        default=new_token,
        editable=False,
        help_text="Its private link; another one once the guest's address is another.",
    )
    # Fixed, whatever becomes of the link: later calendar files replace earlier ones by it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Null, not empty, where staff booked: a unique column has room for many nulls.
    booking_key = models.CharField(  # noqa: DJ001
        max_length=64, unique=True, null=True, editable=False
    )
    booking_digest = models.CharField(max_length=64, blank=True, editable=False)
    sequence = models.PositiveIntegerField(
        default=0, help_text="How often it changed: SEQUENCE of its calendar files."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AppointmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "seat"],
                condition=~models.Q(status__in=["cancelled", "invalid"]),
                name="appointment_seat_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.guest_name} for {self.meeting}"

    @property
    def is_live(self) -> bool:
        """Whether it holds its time."""
        return self.status not in self.ENDED


class Taken(TenantModel):
    """A span, buffers included, in which a resource cannot be booked again: the wall.

    A resource is a user (in every sub-account: one person is in one place) or a simple calendar.
    """

    tenant_path = "meeting_host__meeting__sub_account"

    resource = models.CharField(max_length=32)
    meeting_host = models.ForeignKey(MeetingHost, on_delete=models.CASCADE, related_name="taken")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_epoch = epoch_of("starts_at")
    ends_epoch = epoch_of("ends_at")

    class Meta:
        verbose_name = "taken span"
        indexes = [
            models.Index(fields=["resource", "starts_at", "ends_at"], name="taken_lookup"),
            models.Index(fields=["resource", "ends_epoch", "starts_epoch"], name="taken_busy"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")), name="taken_takes_time"
            ),
            NoOverlap(key="resource", start="starts_at", end="ends_at", name="taken_no_overlap"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} from {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%H:%M} UTC"


def resource_of(user_id: int) -> str:
    """The name under which a user's time is taken."""
    return f"user:{user_id}"


def resource_of_calendar(calendar_id: int) -> str:
    """The name under which the time of a simple calendar is taken."""
    return f"calendar:{calendar_id}"
