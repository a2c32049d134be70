"""Tell guest and hosts what became of an appointment: mails are rows first, sent later."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from calendars.models import Appointment, Mail, OutboxItem
from calendars.services import outbox
from calendars.services.history import Actor, Source

Times = tuple[datetime, datetime]
LONGEST_REASON = 500
GUEST = None
# What tells a guest of an appointment that stands, with its calendar file.
_SAY_WHEN = (Mail.Kind.BOOKED, Mail.Kind.REQUESTED, Mail.Kind.CONFIRMED, Mail.Kind.MOVED)


def tell(
    appointment: Appointment,
    kind: Mail.Kind,
    actor: Actor,
    *,
    was_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Write to the guest, if they left an address, and to every host but the one who did it.

    What a guest typed as a reason goes to hosts only: anybody can book with somebody else's
    address, and would have Daybook mail them whatever they like.

    Call it inside the transaction that changes the appointment: either both exist or neither.
    """
    hosts = _hosts(appointment)
    others = [host for host in hosts if actor.user is None or host.pk != actor.user.pk]
    reasons: dict[User | None, str] = dict.fromkeys(others, reason)
    if appointment.guest_email:
        reasons = {GUEST: "" if actor.source == Source.GUEST else reason, **reasons}
    _write(appointment, kind, reasons, hosts, was_at=was_at)


def tell_hosts(
    appointment: Appointment,
    kind: Mail.Kind,
    to: Sequence[User],
    *,
    at: Times | None = None,
    reason: str = "",
) -> None:
    """Write to these hosts only, whether they serve it still or not; `at` is when they had it, if
    that is not when it takes place now."""
    _write(appointment, kind, dict.fromkeys(to, reason), _hosts(appointment), at=at)


def tell_in_time(appointment: Appointment) -> int:
    """Remind the guest, and the hosts, once for all who come. Returns how many mails that are.

    Raises `IntegrityError` where that is done already for the time that it has.
    """
    meeting, hosts = appointment.meeting, _hosts(appointment)
    reminders = Mail.objects.filter(kind=Mail.Kind.REMINDER, starts_at=meeting.starts_at)
    are_told = reminders.filter(appointment__meeting=meeting, to__isnull=False).exists()
    readers: list[User | None] = [] if are_told else [*hosts]
    if appointment.guest_email:
        readers = [GUEST, *readers]
    _write(appointment, Mail.Kind.REMINDER, dict.fromkeys(readers, ""), hosts)
    return len(readers)


def tell_at_another_address(appointment: Appointment, *, now: datetime) -> None:
    """The guest's address is another one: what has not been sent yet goes there, if it is still so,
    and a confirmation unless that says already when it takes place. Without an address nothing is
    left to send."""
    unsent = Mail.objects.filter(appointment=appointment, to=None, sent_at=None)
    if not appointment.guest_email:
        unsent.delete()
        return
    # The outbox first, as whoever sends them.
    for mail in unsent:
        outbox.want(OutboxItem.Effect.MAIL, mail.pk, sub_account=appointment.meeting.sub_account)
    untrue = [mail.pk for mail in unsent if not _is_so(mail, appointment, now=now)]
    unsent.filter(pk__in=untrue).delete()
    unsent.update(problem="")
    if _is_to_come(appointment, now=now) and not unsent.filter(kind__in=_SAY_WHEN).exists():
        waits = appointment.status == Appointment.Status.NEW
        kind = Mail.Kind.REQUESTED if waits else Mail.Kind.BOOKED
        _write(appointment, kind, {GUEST: ""}, _hosts(appointment))


def _is_so(mail: Mail, appointment: Appointment, *, now: datetime) -> bool:
    """Whether it still is as the guest's mail says. Reminders are looked at as they are sent."""
    meeting = appointment.meeting
    if mail.kind == Mail.Kind.REQUESTED and appointment.status != Appointment.Status.NEW:
        return False
    if mail.kind in _SAY_WHEN:
        is_then = (mail.starts_at, mail.ends_at) == (meeting.starts_at, meeting.ends_at)
        return is_then and _is_to_come(appointment, now=now)
    is_undone = mail.kind == Mail.Kind.CANCELLED and appointment.is_live
    return meeting.ends_at > now and not is_undone


def _is_to_come(appointment: Appointment, *, now: datetime) -> bool:
    return appointment.is_live and appointment.meeting.starts_at > now


def public_names(hosts: Iterable[User]) -> str:
    """The hosts' names; an address is not for the public."""
    return ", ".join(host.full_name for host in hosts if host.full_name)


def how_it_stands(mail: Mail) -> tuple[str, str]:
    """Whether it was sent, as a status and in words."""
    if mail.sent_at:
        return "ok", _("sent")
    if mail.problem:
        return "error", _("not sent: %(problem)s") % {"problem": _(mail.problem)}
    return "busy", _("waiting to be sent")


def _write(
    appointment: Appointment,
    kind: Mail.Kind,
    reasons: Mapping[User | None, str],
    hosts: Sequence[User],
    *,
    at: Times | None = None,
    was_at: datetime | None = None,
) -> None:
    """One mail to each of those readers, with the reason that goes to them."""
    meeting = appointment.meeting
    starts_at, ends_at = at or (meeting.starts_at, meeting.ends_at)
    mails = Mail.objects.bulk_create(
        Mail(
            appointment=appointment,
            kind=kind,
            to=reader,
            starts_at=starts_at,
            ends_at=ends_at,
            was_at=was_at,
            sequence=appointment.sequence,
            hosts=public_names(hosts)[:300],
            reason=reason[:LONGEST_REASON],
        )
        for reader, reason in reasons.items()
    )
    outbox.want_new(
        OutboxItem.Effect.MAIL, [mail.pk for mail in mails], sub_account=meeting.sub_account
    )


def _hosts(appointment: Appointment) -> list[User]:
    parts = appointment.meeting.hosts.serving().select_related("user").primary_first()
    return [part.user for part in parts if part.user]
