"""A meeting of several hosts: an event on the calendar of each, and what they do to them."""

import pytest
from django.utils import timezone

from calendars.models import Appointment, Calendar, Mail, MeetingHost
from calendars.services.cancelling import cancel
from calendars.services.moving import reschedule
from integrations.caldav.merge import HOSTS_DIFFER
from integrations.models import Connection, MirroredEvent
from integrations.services.pulling import pull
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on, hrefs_on, starts_on
from tests.integrations.following import HALF_HOUR, booked, deliver, notes, sync, taken, when
from tests.integrations.test_deleting_appointments import (
    CANCELLED,
    LABELLED,
    set_to_cancel,
    status,
)


@pytest.fixture
def mates(tenant: Tenant, account: ICloudAccount) -> str:
    """The mate's linked calendar, of an account of their own; returns its path."""
    theirs = ICloudAccount(account.server)
    path = theirs.calendar()
    connection = theirs.connect_and_choose(
        tenant.mate, tenant.sub_account, linked=path, conflicts=[path]
    )
    assert pull(connection) is not None
    return path


@pytest.fixture
def panel(tenant: Tenant, linked: str, mates: str) -> Calendar:
    calendar = make_calendar(tenant.sub_account, tenant.owner, tenant.mate)
    Calendar.objects.update(kind=Calendar.Kind.COLLECTIVE)
    calendar.refresh_from_db()
    return calendar


def drag(account: ICloudAccount, path: str, hour: int) -> None:
    """Somebody drags the only event of that calendar to another time of tomorrow."""
    [href] = hrefs_on(account, path)
    starts_at = tomorrow_at(hour)
    changed = {
        "DTSTART": f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}",
        "DTEND": f"DTEND:{starts_at + HALF_HOUR:%Y%m%dT%H%M%SZ}",
    }
    lines = account.server.get(href).split("\r\n")
    account.server.put(
        href, "\r\n".join(changed.get(line.partition(":")[0], line) for line in lines)
    )


def sync_and_deliver() -> None:
    sync()
    deliver()
    sync()


def told() -> list[tuple[str, str]]:
    """Of moves and cancellations: who was told, the guest first."""
    rows = Mail.objects.exclude(kind="booked").order_by("pk")
    return [(mail.kind, str(mail.to or "guest")) for mail in rows]


def test_each_host_gets_the_event_and_it_blocks_neither(
    account: ICloudAccount, linked: str, mates: str, panel: Calendar
) -> None:
    appointment = booked(panel, 10)

    assert (starts_on(account, linked), starts_on(account, mates)) == (
        [tomorrow_at(10)],
        [tomorrow_at(10)],
    )
    uids = {str(event["uid"]) for path in (linked, mates) for event in events_on(account, path)}
    assert len(uids) == 2
    assert list(MeetingHost.objects.values_list("copy", flat=True)) == ["written", "written"]
    # Rescheduled by half an hour, it would lie in the way of its own events.
    Calendar.objects.update(duration=2 * HALF_HOUR)
    reschedule(appointment, tomorrow_at(10) + HALF_HOUR, now=timezone.now())
    sync_and_deliver()
    assert starts_on(account, mates) == [tomorrow_at(10) + HALF_HOUR]


@pytest.mark.parametrize("whose", ["primary", "other"])
def test_where_one_host_moves_it_the_others_event_follows_and_the_guest_is_told(
    account: ICloudAccount, linked: str, mates: str, panel: Calendar, whose: str
) -> None:
    appointment = booked(panel, 10)

    drag(account, linked if whose == "primary" else mates, 15)
    sync_and_deliver()

    mover, other = ("Owner", "Mate") if whose == "primary" else ("Mate", "Owner")
    span = (tomorrow_at(15), tomorrow_at(15) + HALF_HOUR)
    assert when(appointment) == tomorrow_at(15)
    assert (starts_on(account, linked), starts_on(account, mates)) == ([span[0]], [span[0]])
    assert taken() == [span, span]
    assert told() == [("moved", "guest"), ("moved", other)]
    entry = appointment.history.get(kind="moved")
    assert (str(entry.by), entry.source) == (mover, "icloud")


def test_of_two_hosts_who_move_it_differently_the_primary_one_counts_and_it_is_noted(
    account: ICloudAccount, linked: str, mates: str, panel: Calendar
) -> None:
    panel.calendarhost_set.filter(user__full_name="Mate").update(is_primary=True)
    appointment = booked(panel, 10)
    drag(account, linked, 14)
    drag(account, mates, 16)

    sync_and_deliver()

    assert when(appointment) == tomorrow_at(16)
    assert (starts_on(account, linked), starts_on(account, mates)) == (
        [tomorrow_at(16)],
        [tomorrow_at(16)],
    )
    assert ("noted", "icloud", HOSTS_DIFFER) in notes(appointment)


def test_a_deletion_by_the_primary_host_cancels_for_all(
    account: ICloudAccount, linked: str, mates: str, panel: Calendar
) -> None:
    set_to_cancel(*Connection.objects.all())
    appointment = booked(panel, 10)

    [href] = hrefs_on(account, linked)
    account.server.delete(href)
    for _ in range(2):
        sync()
    deliver()

    assert (status(appointment), notes(appointment)) == ("cancelled", CANCELLED)
    assert (hrefs_on(account, linked), hrefs_on(account, mates)) == ([], [])
    assert told() == [("cancelled", "guest"), ("cancelled", "Mate")]
    assert taken() == []


def test_a_deletion_by_another_host_is_labelled(
    account: ICloudAccount, linked: str, mates: str, panel: Calendar
) -> None:
    set_to_cancel(*Connection.objects.all())
    appointment = booked(panel, 10)

    [href] = hrefs_on(account, mates)
    account.server.delete(href)
    for _ in range(2):
        sync()
    deliver()

    assert (status(appointment), notes(appointment)) == ("confirmed", LABELLED)
    copies = MeetingHost.objects.primary_first().values_list("copy", flat=True)
    assert list(copies) == ["written", "deleted"]
    assert starts_on(account, linked) == [tomorrow_at(10)]


def test_cancelled_it_goes_from_both_calendars(
    tenant: Tenant, account: ICloudAccount, linked: str, mates: str, panel: Calendar
) -> None:
    appointment = booked(panel, 10)

    cancel(appointment, by=tenant.admin)
    deliver()

    assert (hrefs_on(account, linked), hrefs_on(account, mates)) == ([], [])
    assert set(MirroredEvent.objects.values_list("state", flat=True)) == {"removed"}
    assert Appointment.objects.get().status == "cancelled"
