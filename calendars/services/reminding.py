"""Remind guests and hosts of appointments that come up. The mails are the memory of it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef

from calendars.models import Appointment, HistoryEntry, Mail
from calendars.models.offers import A_MONTH
from calendars.services import outbox
from calendars.services.telling import tell_in_time

Kind = HistoryEntry.Kind
# After one of these, guest and hosts have just been told of the time.
_TOLD = (Kind.BOOKED, Kind.CONFIRMED, Kind.MOVED, Kind.HANDED_OVER, Kind.RESTORED)


def remind(*, now: datetime) -> int:
    """Write the reminders that are due. Returns of how many appointments.

    Of each time that an appointment has, its readers are reminded once, however often and in how
    many workers this runs; where it was moved, once more of the new time. Nobody is reminded of
    what was booked, or moved there, later than the reminder would have gone out.
    """
    reminded = sum(remind_of(appointment) for appointment in due(now))
    if reminded:
        outbox.ring()
    return reminded


def is_outdated(mail: Mail, *, now: datetime) -> bool:
    """Whether a reminder that has not gone out would tell of what is over or not so any more."""
    if mail.kind != Mail.Kind.REMINDER:
        return False
    appointment = mail.appointment
    stands = appointment.status == Appointment.Status.CONFIRMED
    return not stands or appointment.meeting.starts_at != mail.starts_at or mail.starts_at <= now


def remind_of(appointment: Appointment) -> bool:
    """Write the reminders of one that is due; False where there is nobody to write to, or another
    worker was faster: the database takes one of each."""
    try:
        with transaction.atomic():
            return tell_in_time(appointment) > 0
    except IntegrityError:
        return False


def due(now: datetime) -> Sequence[Appointment]:
    """Those whose readers are to be reminded now, in the order of their keys: of two workers both
    begin with the same one."""
    told = HistoryEntry.objects.filter(
        appointment=OuterRef("pk"), kind__in=_TOLD, at__gt=OuterRef("remind_at")
    )
    reminded = Mail.objects.filter(
        appointment=OuterRef("pk"),
        kind=Mail.Kind.REMINDER,
        starts_at=OuterRef("meeting__starts_at"),
    )
    begins, before = F("meeting__starts_at"), F("meeting__calendar__reminds_before")
    rows = (
        Appointment.objects.filter(
            status=Appointment.Status.CONFIRMED,
            meeting__starts_at__gt=now,
            meeting__starts_at__lte=now + A_MONTH,
            meeting__calendar__reminds_before__isnull=False,
        )
        .annotate(remind_at=ExpressionWrapper(begins - before, DateTimeField()))
        .filter(~Exists(told), ~Exists(reminded), remind_at__lte=now)
    )
    return list(rows.order_by("pk").select_related("meeting__sub_account", "meeting__calendar"))
