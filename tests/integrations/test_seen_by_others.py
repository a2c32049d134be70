"""Daybook's own events as others meet them: in another sub-account, as a team-mate, as a host."""

from datetime import datetime

import pytest

from accounts.models import Member, User
from calendars.models import Appointment, BlockedSlot, Calendar, Mail, MeetingHost
from calendars.services.cancelling import cancel
from calendars.services.meetings import want_copies
from integrations.models import Connection, MirroredEvent, RemoteEvent
from integrations.services.disconnecting import disconnect
from integrations.services.pulling import pull
from tests.bookings import make_calendar, tomorrow_at
from tests.calendars.scenes import add_host
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on, starts_on
from tests.integrations.following import (
    HALF_HOUR,
    booked,
    deliver,
    drag,
    notes,
    sync,
    taken,
    when,
)


def blocked_for(user: User) -> list[datetime]:
    return list(BlockedSlot.objects.filter(user=user).values_list("starts_at", flat=True))


def test_in_another_sub_account_the_event_blocks_its_host_no_second_time(
    tenant: Tenant,
    other_tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
) -> None:
    Member.objects.create(sub_account=other_tenant.sub_account, user=tenant.owner)
    account.connect_and_choose(tenant.owner, other_tenant.sub_account, conflicts=[linked])

    booked(calendar, 10)

    assert blocked_for(tenant.owner) == []
    assert taken() == [(tomorrow_at(10), tomorrow_at(10) + HALF_HOUR)]  # which counts everywhere


def test_what_is_done_to_it_there_moves_nothing_and_here_it_does(
    tenant: Tenant,
    other_tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
) -> None:
    Member.objects.create(sub_account=other_tenant.sub_account, user=tenant.owner)
    there = account.connect_and_choose(tenant.owner, other_tenant.sub_account, conflicts=[linked])
    appointment = booked(calendar, 10)
    Connection.objects.exclude(pk=there.pk).update(state=Connection.State.PAUSED)
    drag(account, appointment, tomorrow_at(14))

    sync_only(there)
    assert (when(appointment), notes(appointment)) == (tomorrow_at(10), [])

    Connection.objects.update(state=Connection.State.CONNECTED)
    sync()
    assert when(appointment) == tomorrow_at(14)


def sync_only(connection: Connection) -> None:
    assert pull(Connection.objects.select_related("remote_account").get(pk=connection.pk))


def test_a_team_mate_who_checks_the_calendar_is_blocked_by_it(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])

    booked(calendar, 10)

    assert blocked_for(tenant.mate) == [tomorrow_at(10)]
    assert blocked_for(tenant.owner) == []


def test_who_gave_a_meeting_away_is_blocked_by_it_as_others_are(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])
    add_host(calendar, tenant.mate)
    appointment = booked(calendar, 10)
    MeetingHost.objects.create(
        meeting=appointment.meeting, user=tenant.mate, is_serving=False, is_primary=False
    )
    Connection.objects.filter(user=tenant.mate).update(next_poll_at=tomorrow_at(0))
    RemoteEvent.objects.update(is_applied=False)

    sync()

    assert blocked_for(tenant.mate) == [tomorrow_at(10)]


def test_what_daybook_removed_frees_a_team_mate_at_once_though_deleted_events_are_kept(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])
    appointment = booked(calendar, 10)

    cancel(appointment, by=tenant.admin)
    deliver()
    sync()

    assert blocked_for(tenant.mate) == []


def test_many_that_daybook_removed_at_once_free_a_team_mate_as_well(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    mates = account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])
    appointments = [booked(calendar, hour) for hour in range(8, 14)]
    assert len(blocked_for(tenant.mate)) == 6

    for appointment in appointments:
        cancel(appointment, by=tenant.admin)
    deliver()
    sync_only(mates)

    assert blocked_for(tenant.mate) == []


def test_after_disconnecting_and_connecting_again_it_is_known_as_ones_own(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnect(Connection.objects.get())
    account.connect_and_choose(tenant.owner, tenant.sub_account, linked=linked, conflicts=[linked])

    sync()
    assert blocked_for(tenant.owner) == []
    drag(account, appointment, tomorrow_at(14))
    sync()

    assert when(appointment) == tomorrow_at(14)
    assert MirroredEvent.objects.count() == 1


@pytest.fixture
def second(tenant: Tenant, account: ICloudAccount) -> tuple[ICloudAccount, str]:
    """The mate's own account, and their linked calendar on it."""
    own = ICloudAccount(account.server)
    path = own.calendar()
    own.connect_and_choose(tenant.mate, tenant.sub_account, linked=path, conflicts=[path])
    return own, path


def with_both(tenant: Tenant, hour: int) -> Appointment:
    """A meeting of the owner, who is its primary host, and their mate; on both calendars."""
    appointment = booked(make_calendar(tenant.sub_account, tenant.owner, slug="both"), hour)
    MeetingHost.objects.create(meeting=appointment.meeting, user=tenant.mate)
    want_copies(appointment.meeting)
    deliver()
    sync()
    return appointment


def of(appointment: Appointment, user: User) -> str:
    copies = MirroredEvent.objects.filter(meeting_host__meeting=appointment.meeting)
    return copies.get(meeting_host__user=user).href


def drag_of(account: ICloudAccount, appointment: Appointment, user: User, hour: int) -> None:
    href = of(appointment, user)
    starts_at = tomorrow_at(hour)
    body = account.server.get(href)
    for name, at in (("DTSTART", starts_at), ("DTEND", starts_at + HALF_HOUR)):
        old = next(line for line in body.split("\r\n") if line.startswith(name))
        body = body.replace(old, f"{name}:{at:%Y%m%dT%H%M%SZ}")
    account.server.put(href, body)


def test_each_host_has_the_event_and_none_is_blocked_by_it(
    tenant: Tenant, account: ICloudAccount, linked: str, second: tuple[ICloudAccount, str]
) -> None:
    with_both(tenant, 10)

    assert starts_on(account, linked) == starts_on(*second) == [tomorrow_at(10)]
    [mine], [theirs] = events_on(account, linked), events_on(*second)
    assert mine["UID"] != theirs["UID"]
    assert blocked_for(tenant.owner) == blocked_for(tenant.mate) == []


def test_a_move_by_any_host_moves_the_meeting_for_all_and_the_guest_is_told(
    tenant: Tenant, account: ICloudAccount, linked: str, second: tuple[ICloudAccount, str]
) -> None:
    appointment = with_both(tenant, 10)

    drag_of(account, appointment, tenant.mate, 14)
    sync()
    deliver()

    assert when(appointment) == tomorrow_at(14)
    assert starts_on(account, linked) == starts_on(*second) == [tomorrow_at(14)]
    assert notes(appointment) == [("moved", "icloud", "")]
    told = Mail.objects.filter(appointment=appointment, kind=Mail.Kind.MOVED, to=None)
    assert told.count() == 1


@pytest.mark.parametrize("first", ["owner", "mate"])
def test_of_two_hosts_who_moved_it_differently_the_primary_one_counts(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    second: tuple[ICloudAccount, str],
    first: str,
) -> None:
    appointment = with_both(tenant, 10)
    drag_of(account, appointment, tenant.mate, 16)
    drag_of(account, appointment, tenant.owner, 14)

    sync_only(Connection.objects.get(user=getattr(tenant, first)))
    for _ in range(2):
        sync()
        deliver()

    assert when(appointment) == tomorrow_at(14)
    assert starts_on(account, linked) == starts_on(*second) == [tomorrow_at(14)]
    assert len([text for kind, _, text in notes(appointment) if kind == "noted" and text]) == 1


def test_a_deletion_by_one_host_labels_their_copy_only(
    tenant: Tenant, account: ICloudAccount, linked: str, second: tuple[ICloudAccount, str]
) -> None:
    appointment = with_both(tenant, 10)

    account.server.delete(of(appointment, tenant.mate))
    sync()
    sync()
    deliver()

    copies = MeetingHost.objects.filter(meeting=appointment.meeting).order_by("pk")
    assert [part.copy for part in copies] == ["written", "deleted"]
    assert starts_on(account, linked) == [tomorrow_at(10)]
