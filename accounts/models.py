from datetime import timedelta
from functools import cache
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.brand import validate_colour
from accounts.origins import origins_in
from accounts.tenancy import TenantModel, TenantQuerySet


@cache
def time_zone_names() -> frozenset[str]:
    """All time zones of this machine. Kept: asking for them walks the disk."""
    return frozenset(available_timezones())


def validate_time_zone(name: str) -> None:
    if name not in time_zone_names():
        raise ValidationError("“%(name)s” is not a time zone.", params={"name": name})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None) -> "User":
        return self.create_user(email, password, is_superuser=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; belongs to sub-accounts by membership, to none by default."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def is_staff(self) -> bool:
        """May open Django admin."""
        return self.is_superuser or self.is_agency_admin

    @property
    def is_agency_admin(self) -> bool:
        return self.is_active and self.agencymember_set.exists()

    def agencies(self) -> "models.QuerySet[Agency]":
        """The agencies this user administers; all of them for a superuser."""
        if self.is_superuser:
            return Agency.objects.all()
        return Agency.objects.filter(agencymember__user=self)


class Agency(models.Model):
    name = models.CharField(max_length=150)
    colour = models.CharField(
        max_length=7,
        blank=True,
        validators=[validate_colour],
        help_text="Of buttons, links and chosen days on public pages, such as #0b7a75. Empty:"
        " Daybook's own. Where it could not be read, a darker or lighter shade stands in for it.",
    )
    admins = models.ManyToManyField(User, through="AgencyMember")

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class Logo(models.Model):
    """What an agency's public pages show beside a sub-account's name.

    A row of its own, so that nothing but the picture's own address ever reads the bytes.
    """

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE)
    content = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the content.")
    kind = models.CharField(max_length=10, help_text="The content type.")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    words = models.CharField(
        max_length=150,
        blank=True,
        help_text="What is said in place of the picture. Empty: the agency's name.",
    )

    def __str__(self) -> str:
        return f"Logo of {self.agency}"

    @property
    def url(self) -> str:
        return reverse("brand:logo", args=[self.digest])


class AgencyMember(models.Model):
    """An agency admin. Agencies have no other members: staff belong to sub-accounts."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "user"], name="agency_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} of {self.agency}"


class SubAccount(models.Model):
    """A client business of an agency: the tenant. Everything else hangs on one."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    name = models.CharField(max_length=150)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    stale_after = models.DurationField(
        default=timedelta(hours=24),
        help_text="A host whose calendar has not been read for longer than this is not offered.",
    )
    hides_external_details = models.BooleanField(
        "hide third-party calendar details",
        default=True,
        help_text="Colleagues see “Busy” instead of the titles of each other's iCloud events.",
    )

    framed_by = models.TextField(
        "sites that may show the public pages in a frame",
        blank=True,
        help_text="One a line, such as https://www.example.com. Empty: none.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            self.framed_by = "\n".join(origins_in(self.framed_by))
        except ValidationError as error:
            raise ValidationError({"framed_by": error}) from error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def brand(self) -> Agency:
        """The agency, with the colour and the logo that it gives to public pages."""
        agencies = Agency.objects.select_related("logo").defer("logo__content")
        return agencies.get(pk=self.agency_id)


class MemberQuerySet(TenantQuerySet["Member"]):
    def active(self) -> Self:
        return self.filter(user__is_active=True)

    def invited(self) -> Self:
        """Those asked to join who have not said yes yet."""
        return self.filter(accepted_at=None)

    def to_answer(self, user: User) -> Self:
        """This user's open invitations, by the name of the sub-account."""
        mine = self.invited().filter(user=user).select_related("sub_account")
        return mine.order_by("sub_account__name", "pk")

    def accept(self) -> int:
        """Turn open invitations into memberships; returns how many."""
        return self.invited().update(accepted_at=timezone.now())


_EveryMember = models.Manager.from_queryset(MemberQuerySet)


class AcceptedManager(_EveryMember["Member"]):
    def get_queryset(self) -> MemberQuerySet:
        return MemberQuerySet(self.model, using=self._db).filter(accepted_at__isnull=False)


class Member(TenantModel):
    """A user's place in a sub-account.

    Nobody has one before they accept: `objects`, the default, leaves open invitations out, so that
    only code that asks for them by name can mistake one for a member. Joins from users or
    sub-accounts do not go through it: ask for members in a subquery.
    """

    class Role(models.TextChoices):
        ADMIN = "admin", _("Sub-account admin")
        USER = "user", _("Sub-account user")

    sub_account = models.ForeignKey(SubAccount, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role, default=Role.USER)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Where this person's day begins; the sub-account's zone if left empty.",
    )

    accepted_at = models.DateTimeField(
        null=True, blank=True, editable=False, default=timezone.now, help_text="Empty: invited."
    )

    objects = AcceptedManager()  # type: ignore[misc]
    including_invited = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["user__full_name", "user__email"]
        constraints = [models.UniqueConstraint(fields=["sub_account", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.sub_account}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or self.sub_account.time_zone)

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN


class Throttle(models.Model):
    """How often somebody did something in a window of time, counted by all processes alike."""

    scope = models.CharField(max_length=20)
    who = models.CharField(max_length=64, help_text="A digest: no address is kept.")
    window_starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "who", "window_starts_at"], name="throttle_window_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.scope}"
