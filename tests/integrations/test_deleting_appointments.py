"""An appointment's event is deleted in iCloud, and the connection is set to cancel then."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calendars.models import Appointment, Calendar, Mail, Meeting, MeetingHost, Taken
from calendars.services.cancelling import cancel
from calendars.services.meetings import want_copies
from calendars.services.moving import reschedule
from calendars.services.taking import take
from integrations.models import Connection, MirroredEvent, RemoteCalendar
from integrations.services.deleting import change_deletion_rules
from integrations.services.pulling import pull
from integrations.services.rewriting import write_again
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.events import hrefs_on, starts_on
from tests.integrations.following import (
    booked,
    deliver,
    drag,
    href_of,
    notes,
    part_of,
    sync,
    taken,
)

CANCELLED = [("cancelled", "icloud", "Deleted in iCloud.")]
LABELLED = [("noted", "icloud", "Deleted in iCloud. The appointment stays.")]


def set_to_cancel(*connections: Connection) -> None:
    for connection in connections:
        change_deletion_rules(connection, frees=False, cancels=True, now=timezone.now())


def status(appointment: Appointment) -> str:
    return Appointment.objects.get(pk=appointment.pk).status


def mails(appointment: Appointment) -> list[tuple[str, str]]:
    """Of what kind, and to whom."""
    rows = Mail.objects.filter(appointment=appointment).exclude(kind="booked").order_by("pk")
    return [(mail.kind, str(mail.to or "guest")) for mail in rows]


def delete(account: ICloudAccount, appointment: Appointment) -> None:
    """Somebody deletes its event, and that is believed."""
    account.server.delete(href_of(appointment))
    for _ in range(2):
        sync()


@pytest.fixture
def appointment(linked: str, calendar: Calendar) -> Appointment:
    """On iCloud; its host's connection is set to cancel."""
    set_to_cancel(Connection.objects.get())
    return booked(calendar, 10)


def test_a_deleted_event_cancels_its_appointment_and_the_guest_is_told(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    delete(account, appointment)
    deliver()

    assert status(appointment) == "cancelled"
    assert notes(appointment) == CANCELLED
    assert mails(appointment) == [("cancelled", "guest")]
    assert Mail.objects.get(kind="cancelled").reason == ""
    assert taken() == []
    assert hrefs_on(account, linked) == []
    assert part_of(appointment).copy == MeetingHost.Copy.REMOVED


def test_that_happens_once_however_often_it_is_looked_at(
    account: ICloudAccount, appointment: Appointment
) -> None:
    delete(account, appointment)
    deliver()

    for _ in range(3):
        sync()
        deliver()

    assert notes(appointment) == CANCELLED
    assert mails(appointment) == [("cancelled", "guest")]


def test_one_listing_without_it_cancels_nothing(
    account: ICloudAccount, appointment: Appointment
) -> None:
    account.server.delete(href_of(appointment))

    sync()

    assert (status(appointment), notes(appointment)) == ("confirmed", [])


def test_an_event_that_was_dragged_to_another_calendar_read_cancels_nothing(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    href = href_of(appointment)
    body = account.server.get(href)
    account.server.delete(href)
    account.server.put(href.replace("/work/", "/home/"), body)

    for _ in range(3):
        sync()

    assert (status(appointment), notes(appointment)) == ("confirmed", [])


def test_what_daybook_itself_took_away_is_cancelled_by_who_did_it(
    tenant: Tenant, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.admin)
    deliver()

    for _ in range(3):
        sync()

    assert notes(appointment) == [("cancelled", "staff", "")]


def test_a_meeting_that_has_begun_stays(account: ICloudAccount, appointment: Appointment) -> None:
    begun = timezone.now() - timedelta(minutes=5)
    Meeting.objects.update(starts_at=begun)
    MirroredEvent.objects.update(agreed_start=begun)

    delete(account, appointment)

    assert (status(appointment), notes(appointment)) == ("confirmed", LABELLED)


def test_what_was_moved_in_daybook_meanwhile_stays_and_is_written_anew(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    account.server.delete(href_of(appointment))
    reschedule(appointment, tomorrow_at(15), now=timezone.now())

    for _ in range(2):
        sync()
    for _ in range(3):
        deliver()

    assert status(appointment) == "confirmed"
    assert starts_on(account, linked) == [tomorrow_at(15)]


def test_an_event_that_was_moved_in_icloud_before_it_was_deleted_cancels(
    account: ICloudAccount, appointment: Appointment
) -> None:
    drag(account, appointment, tomorrow_at(14))
    sync()

    delete(account, appointment)

    assert status(appointment) == "cancelled"


def test_an_old_event_that_goes_again_does_not_cancel_what_stands(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    change_deletion_rules(Connection.objects.get(), frees=False, cancels=False, now=timezone.now())
    href = href_of(appointment)
    body = account.server.get(href)
    delete(account, appointment)
    assert write_again(part_of(appointment))
    deliver()
    account.server.put(href, body)
    sync()
    set_to_cancel(Connection.objects.get())

    account.server.delete(href)
    for _ in range(2):
        sync()

    assert status(appointment) == "confirmed"


def test_a_calendar_that_is_gone_cancels_nothing(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    account.server.delete(linked)
    for _ in range(3):
        sync()
        earlier = timezone.now() - timedelta(minutes=30)
        RemoteCalendar.objects.exclude(missing_since=None).update(missing_since=earlier)

    assert part_of(appointment).copy == MeetingHost.Copy.DELETED
    assert status(appointment) == "confirmed"


def test_the_setting_counts_for_what_is_deleted_from_then_on(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    delete(account, appointment)

    set_to_cancel(Connection.objects.get())
    for _ in range(2):
        sync()

    assert (status(appointment), notes(appointment)) == ("confirmed", LABELLED)


@pytest.fixture
def mates(tenant: Tenant, account: ICloudAccount, appointment: Appointment) -> ICloudAccount:
    """The account of a second host of the meeting, set to cancel too; their copy is written."""
    theirs = ICloudAccount(account.server)
    path = theirs.calendar()
    connection = theirs.connect_and_choose(
        tenant.mate, tenant.sub_account, linked=path, conflicts=[path]
    )
    set_to_cancel(connection)
    take(MeetingHost.objects.create(meeting=appointment.meeting, user=tenant.mate))
    want_copies(appointment.meeting)
    deliver()
    sync()
    return theirs


def href_of_copy(user: str) -> str:
    return MirroredEvent.objects.get(meeting_host__user__email=user).href


def test_the_primary_hosts_deletion_takes_the_other_hosts_events_away(
    tenant: Tenant, account: ICloudAccount, appointment: Appointment, mates: ICloudAccount
) -> None:
    account.server.delete(href_of_copy(tenant.owner.email))
    for _ in range(2):
        sync()
    deliver()

    assert status(appointment) == "cancelled"
    assert hrefs_on(mates, f"{mates.home}work/") == []
    assert mails(appointment) == [("cancelled", "guest"), ("cancelled", str(tenant.mate))]
    assert not Taken.objects.exists()


TROUBLE = {"problem": Connection.Problem.BUSY, "failures": 1}


@pytest.mark.parametrize("trouble", [{}, TROUBLE])
def test_an_event_dragged_to_another_account_is_looked_for_there_first(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    appointment: Appointment,
    trouble: dict[str, Any],
) -> None:
    first = Connection.objects.get()
    private = ICloudAccount(account.server)
    path = private.calendar()
    private.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    sync()
    account.server.put(f"{path}dragged.ics", account.server.get(href_of(appointment)))
    account.server.delete(href_of(appointment))

    elsewhere = Connection.objects.exclude(pk=first.pk)
    elsewhere.update(failing_since=timezone.now() if trouble else None, **trouble)

    for _ in range(3):
        assert pull(Connection.objects.select_related("remote_account").get(pk=first.pk))
    assert (status(appointment), notes(appointment)) == ("confirmed", [])

    for _ in range(3):
        sync()
    assert (status(appointment), notes(appointment)) == ("confirmed", [])
    assert MirroredEvent.objects.get().href == f"{path}dragged.ics"


def test_an_account_in_trouble_for_days_is_not_waited_for(
    tenant: Tenant, account: ICloudAccount, appointment: Appointment
) -> None:
    first = Connection.objects.get()
    private = ICloudAccount(account.server)
    private.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[private.calendar()])
    sync()
    since = timezone.now() - timedelta(days=2)
    Connection.objects.exclude(pk=first.pk).update(failing_since=since, **TROUBLE)
    account.server.delete(href_of(appointment))

    for _ in range(3):
        assert pull(Connection.objects.select_related("remote_account").get(pk=first.pk))

    assert status(appointment) == "cancelled"


def test_another_hosts_deletion_is_labelled_and_no_more(
    tenant: Tenant, account: ICloudAccount, appointment: Appointment, mates: ICloudAccount
) -> None:
    mates.server.delete(href_of_copy(tenant.mate.email))
    for _ in range(2):
        sync()
    deliver()

    assert (status(appointment), notes(appointment)) == ("confirmed", LABELLED)
    copies = MeetingHost.objects.order_by("pk").values_list("copy", flat=True)
    assert list(copies) == ["written", "deleted"]


def test_two_events_deleted_at_once_cancel_both_appointments(
    account: ICloudAccount, calendar: Calendar, appointment: Appointment
) -> None:
    other = booked(calendar, 12, "Otto Other")
    account.server.delete(href_of(other))

    delete(account, appointment)

    assert [status(appointment), status(other)] == ["cancelled", "cancelled"]
    assert taken() == []
