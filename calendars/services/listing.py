"""Lists of appointments: which ones, in what order, and what each row says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Member, SubAccount
from calendars.models import Appointment, Mail, MeetingHost
from calendars.services.copies import CopyWords, copy_in_words
from calendars.services.telephones import digits_of, digits_to_find

Status, Copy = Appointment.Status, MeetingHost.Copy
STATUS_KINDS = {
    Status.NEW: "warn",
    Status.CONFIRMED: "ok",
    Status.CANCELLED: "muted",
    Status.SHOWED: "ok",
    Status.NOSHOW: "warn",
    Status.INVALID: "muted",
}


class Show(StrEnum):
    UPCOMING = "upcoming"
    PAST = "past"
    CANCELLED = "cancelled"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Row:
    """What the list says of an appointment. `hosts` is empty where nobody serves it."""

    appointment: Appointment
    hosts: str
    status_kind: str
    copies: tuple[tuple[str, CopyWords], ...]
    is_overlapping: bool
    has_left: bool
    unsent: int

    @property
    def names_hosts(self) -> bool:
        """Whether each copy has to say whose it is."""
        return len(self.copies) > 1


def listed(sub_account: SubAccount, *, show: Show, now: datetime) -> QuerySet[Appointment]:
    """The appointments of that kind: what comes next first, what is over from its end."""
    rows = Appointment.objects.within(sub_account)
    soonest, latest = ("meeting__starts_at", "pk"), ("-meeting__starts_at", "-pk")
    match show:
        case Show.UPCOMING:
            return rows.live().filter(meeting__ends_at__gt=now).order_by(*soonest)
        case Show.PAST:
            return rows.live().filter(meeting__ends_at__lte=now).order_by(*latest)
        case Show.CANCELLED:
            return rows.filter(status__in=Appointment.ENDED).order_by(*latest)
        case Show.ATTENTION:
            coming = rows.filter(meeting__ends_at__gt=now)
            return coming.filter(_needs_attention()).order_by(*soonest)


def _needs_attention() -> Q:
    """To confirm, over another booking, not on iCloud as it should be, with a host who is no member
    any more, or somebody not told."""
    parts = MeetingHost.objects.filter(meeting=OuterRef("meeting"))
    astray = parts.serving().filter(
        Q(is_overlapping=True) | Q(copy__in=[Copy.DELETED, Copy.CHANGED])
    )
    is_live = ~Q(status__in=Appointment.ENDED)
    return (
        Q(status=Status.NEW)
        | (is_live & Q(Exists(astray)))
        | (is_live & Q(Exists(parts.serving().filter(_has_left()))))
        | Q(Exists(parts.filter(copy=Copy.REFUSED)))
        | Q(Exists(_unsent().filter(appointment=OuterRef("pk"))))
    )


def _has_left() -> Q:
    """Parts whose user is no member of the sub-account any more."""
    members = Member.objects.filter(sub_account=OuterRef("meeting__sub_account"))
    return Q(user__isnull=False) & ~Q(Exists(members.filter(user=OuterRef("user"))))


def _unsent() -> QuerySet[Mail]:
    return Mail.objects.filter(sent_at=None).exclude(problem="")


def found_by(rows: QuerySet[Appointment], text: str) -> QuerySet[Appointment]:
    """Those whose guest's name, e-mail address or telephone number holds the text."""
    named = Q()
    for field in ("guest_name", "guest_email", "contact__name", "contact__email"):
        named |= Q(**{f"{field}__icontains": text})
    if digits := digits_to_find(text):
        rows = rows.alias(_guest=digits_of("guest_phone"), _contact=digits_of("contact__phone"))
        named |= Q(_guest__contains=digits) | Q(_contact__contains=digits)
    return rows.filter(named)


def served_by(rows: QuerySet[Appointment], user: int) -> QuerySet[Appointment]:
    parts = MeetingHost.objects.serving().filter(meeting=OuterRef("meeting"), user=user)
    return rows.filter(Exists(parts))


def with_details(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """These appointments with all that `row_of` reads, in three queries more, or four."""
    parts = MeetingHost.objects.serving().select_related("user").primary_first()
    parts = parts.annotate(has_left=_has_left())
    return rows.select_related("meeting__calendar").prefetch_related(
        Prefetch("meeting__hosts", parts),
        Prefetch("mails", _unsent(), to_attr="unsent"),
        "meeting__services__calendar",
    )


def rows_of(appointments: Iterable[Appointment]) -> list[Row]:
    """What the list says of them; they come `with_details`."""
    return [_row(appointment) for appointment in appointments]


def _row(appointment: Appointment) -> Row:
    parts = list(appointment.meeting.hosts.all())
    served = [part for part in parts if part.user is not None]
    is_wanted = appointment.status not in Appointment.ENDED
    unsent: list[Mail] = getattr(appointment, "unsent")  # noqa: B009 -- from `with_details`
    return Row(
        appointment=appointment,
        hosts=", ".join(str(part.user) for part in served),
        status_kind=STATUS_KINDS[Status(appointment.status)],
        copies=tuple((str(part.user), copy_in_words(part, is_wanted=is_wanted)) for part in served),
        is_overlapping=any(part.is_overlapping for part in parts),
        has_left=is_wanted and any(getattr(part, "has_left") for part in parts),  # noqa: B009
        unsent=len(unsent),
    )
