"""What hosts do in Apple Calendar, and how appointments stand afterwards."""

from datetime import datetime, timedelta

from django.utils import timezone

from calendars.models import Appointment, Calendar, HistoryEntry, MeetingHost, OutboxItem, Taken
from integrations.models import Connection, MirroredEvent, RemoteAccount
from integrations.services.delivering import deliver_due
from integrations.services.pulling import pull
from tests.bookings import book_at, tomorrow_at
from tests.icloud import ICloudAccount

HALF_HOUR = timedelta(minutes=30)


def sync() -> None:
    RemoteAccount.objects.update(retry_at=None)
    for connection in Connection.objects.select_related("remote_account"):
        assert pull(connection) is not None


def deliver() -> None:
    """As the worker does, however long it was told to wait."""
    OutboxItem.objects.update(due_at=timezone.now(), lease_until=None)
    RemoteAccount.objects.update(retry_at=None)
    deliver_due(seconds=10)


def booked(calendar: Calendar, hour: int, name: str = "Gwen Guest") -> Appointment:
    """An appointment that stands on iCloud, and was read back from there."""
    appointment = book_at(calendar, tomorrow_at(hour), name=name)
    deliver()
    sync()
    return appointment


def href_of(appointment: Appointment) -> str:
    newest = MirroredEvent.objects.filter(meeting_host__meeting=appointment.meeting)
    return newest.order_by("-generation")[0].href


def edit(account: ICloudAccount, appointment: Appointment, **changes: str) -> None:
    """Somebody changes lines of the event in Apple Calendar."""
    href = href_of(appointment)
    lines = account.server.get(href).split("\r\n")
    for name, value in changes.items():
        lines = [f"{name}{value}" if line.startswith(name) else line for line in lines]
    account.server.put(href, "\r\n".join(lines))


def drag(account: ICloudAccount, appointment: Appointment, starts_at: datetime) -> None:
    """Somebody drags the event to another time."""
    ends_at = starts_at + HALF_HOUR
    edit(
        account,
        appointment,
        DTSTART=f":{starts_at:%Y%m%dT%H%M%SZ}",
        DTEND=f":{ends_at:%Y%m%dT%H%M%SZ}",
    )


def when(appointment: Appointment) -> datetime:
    appointment.meeting.refresh_from_db()
    return appointment.meeting.starts_at


def part_of(appointment: Appointment) -> MeetingHost:
    return MeetingHost.objects.get(meeting=appointment.meeting)


def taken() -> list[tuple[datetime, datetime]]:
    return list(Taken.objects.order_by("starts_at").values_list("starts_at", "ends_at"))


def notes(appointment: Appointment) -> list[tuple[str, str, str]]:
    entries = HistoryEntry.objects.filter(appointment=appointment).exclude(kind="booked")
    return [(entry.kind, entry.source, entry.note) for entry in entries]


def stored(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def all_day() -> dict[str, str]:
    """Tomorrow, without a time."""
    day = tomorrow_at(0)
    first, last = f"{day:%Y%m%d}", f"{day + timedelta(days=1):%Y%m%d}"
    return {"DTSTART": f";VALUE=DATE:{first}", "DTEND": f";VALUE=DATE:{last}"}
