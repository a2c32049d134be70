"""Tell guest and hosts what became of an appointment: mails are rows first, sent later."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import User
from calendars.models import Appointment, Mail, OutboxItem
from calendars.services import outbox
from calendars.services.history import Actor

LONGEST_REASON = 500
GUEST = None


def tell(
    appointment: Appointment,
    kind: Mail.Kind,
    actor: Actor,
    *,
    was_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Write to the guest, if they left an address, and to every host but the one who did it.

    Call it inside the transaction that changes the appointment: either both exist or neither.
    """
    hosts = _hosts(appointment)
    guest = [GUEST] if appointment.guest_email else []
    others = [host for host in hosts if actor.user is None or host.pk != actor.user.pk]
    _write(appointment, kind, [*guest, *others], hosts, was_at=was_at, reason=reason)


def tell_hosts(
    appointment: Appointment, kind: Mail.Kind, to: Sequence[User], *, reason: str = ""
) -> None:
    """Write to these hosts only, whether they serve it still or not."""
    _write(appointment, kind, to, _hosts(appointment), reason=reason)


def public_names(hosts: Iterable[User]) -> str:
    """The hosts' names; an address is not for the public."""
    return ", ".join(host.full_name for host in hosts if host.full_name)


def how_it_stands(mail: Mail) -> tuple[str, str]:
    """Whether it was sent, as a status and in words."""
    if mail.sent_at:
        return "ok", "sent"
    if mail.problem:
        return "error", f"not sent: {mail.problem}"
    return "busy", "waiting to be sent"


def _write(
    appointment: Appointment,
    kind: Mail.Kind,
    to: Sequence[User | None],
    hosts: Sequence[User],
    *,
    was_at: datetime | None = None,
    reason: str = "",
) -> None:
    meeting = appointment.meeting
    mails = Mail.objects.bulk_create(
        Mail(
            appointment=appointment,
            kind=kind,
            to=reader,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            was_at=was_at,
            sequence=appointment.sequence,
            hosts=public_names(hosts)[:300],
            reason=reason[:LONGEST_REASON],
        )
        for reader in to
    )
    outbox.want_new(
        OutboxItem.Effect.MAIL, [mail.pk for mail in mails], sub_account=meeting.sub_account
    )


def _hosts(appointment: Appointment) -> list[User]:
    parts = appointment.meeting.hosts.serving().select_related("user").order_by("pk")
    return [part.user for part in parts]
