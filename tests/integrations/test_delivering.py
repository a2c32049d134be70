"""Appointments on their hosts' linked calendars, over a real CalDAV server."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from calendars.models import BlockedSlot, MeetingHost, OutboxItem
from calendars.services.outbox import want
from integrations.models import Connection, MirroredEvent, RemoteAccount
from integrations.services.claiming import claim_next, settle
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import refresh_calendars
from integrations.services.delivering import carry, deliver_due
from integrations.services.pulling import pull
from tests.bookings import book_at_and_post, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.fakes.radicale_server import RadicaleServer
from tests.icloud import ICloudAccount, remote, utc_event
from tests.integrations.events import events_on


def copy_of(host: MeetingHost) -> tuple[str, str]:
    host.refresh_from_db()
    return host.copy, host.copy_problem


def unsettle() -> None:
    """As if the worker had died between the PUT and its mark in the database."""
    MirroredEvent.objects.update(etag="", standing_hash="", state=MirroredEvent.State.INTENDED)
    OutboxItem.objects.update(settled_revision=0, lease_until=None, due_at=timezone.now())


def test_an_appointment_is_written_to_its_hosts_linked_calendar(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    calendar = make_calendar(tenant.sub_account, tenant.owner)
    appointment = book_at_and_post(calendar, tomorrow_at(10))

    assert deliver_due(seconds=10) == 1

    [event] = events_on(account, linked)
    assert event.start == tomorrow_at(10)
    assert event.end == tomorrow_at(10) + timedelta(minutes=30)
    assert event["SUMMARY"] == "Intro call: Gwen Guest"
    assert event["DESCRIPTION"] == "Gwen Guest\ngwen@guest.test\n+49 30 1234\nSecond floor"
    assert event["LOCATION"] == "Quay 4"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event
    host = appointment.meeting.hosts.get()
    assert copy_of(host) == ("written", "")
    assert event["UID"] == str(host.mirrored_events.get().uid)
    assert not OutboxItem.objects.due(timezone.now()).exists()


def test_the_uid_is_stored_before_the_first_request(
    tenant: Tenant, icloud_server: RadicaleServer, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    icloud_server.clear()
    asked_before = list[int]()

    def count(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "integrations_mirroredevent"'):
            asked_before.append(len(icloud_server.requests))
        return go_on(sql, *arguments)

    with connection.execute_wrapper(count):
        deliver_due(seconds=10)

    stored = MirroredEvent.objects.get()
    assert asked_before == [0]
    assert ("PUT", stored.href) in icloud_server.requests
    assert stored.href == f"{linked}{stored.uid}.ics"


def test_delivering_again_writes_nothing_again(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver_due(seconds=10)
    account.server.clear()

    assert deliver_due(seconds=10) == 0

    assert account.server.requests == []


def test_a_host_without_linked_calendar_keeps_the_appointment_in_daybook(
    tenant: Tenant,
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))

    deliver_due(seconds=10)

    assert copy_of(appointment.meeting.hosts.get()) == ("none", "")


def test_a_put_whose_mark_was_lost_is_recognised_as_ours(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver_due(seconds=10)
    [before] = events_on(account, linked)
    unsettle()

    deliver_due(seconds=10)

    [after] = events_on(account, linked)
    assert after.to_ical() == before.to_ical()
    assert MirroredEvent.objects.get().state == MirroredEvent.State.WRITTEN


def test_somebody_elses_event_at_our_address_is_left_alone(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver_due(seconds=10)
    written = MirroredEvent.objects.get()
    foreign = utc_event("foreign", tomorrow_at(15), tomorrow_at(16), summary="Not ours")
    account.server.delete(written.href)
    account.server.put(written.href, foreign)
    unsettle()

    deliver_due(seconds=10)

    titles = sorted(str(event["SUMMARY"]) for event in events_on(account, linked))
    assert titles == ["Intro call: Gwen Guest", "Not ours"]
    assert [event.generation for event in MirroredEvent.objects.order_by("generation")] == [1, 2]


def test_while_the_server_is_down_the_appointment_waits_and_then_arrives(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    host = appointment.meeting.hosts.get()

    account.server.stop_process()
    try:
        deliver_due(seconds=10)
    finally:
        account.server.restart_process()
    assert copy_of(host) == ("waiting", "iCloud could not be reached")
    assert OutboxItem.objects.get().due_at > timezone.now()

    OutboxItem.objects.update(due_at=timezone.now())
    RemoteAccount.objects.update(retry_at=None)
    deliver_due(seconds=10)

    assert copy_of(host) == ("written", "")
    assert len(events_on(account, linked)) == 1


def test_a_calendar_that_became_read_only_parks_the_write_with_its_reason(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    account.server.set_read_only(linked)

    for _ in range(4):
        OutboxItem.objects.update(due_at=timezone.now())
        deliver_due(seconds=10)

    copy, problem = copy_of(appointment.meeting.hosts.get())
    assert copy == "refused"
    assert "can still be written" in problem
    item = OutboxItem.objects.get()
    assert item.parked_at is not None
    assert item.problem == problem


def test_a_refusal_that_mends_itself_leaves_the_appointment_written(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    account.server.set_read_only(linked)
    deliver_due(seconds=10)
    assert copy_of(appointment.meeting.hosts.get())[0] == "refused"

    account.server.set_read_only(linked, read_only=False)
    OutboxItem.objects.update(due_at=timezone.now())
    deliver_due(seconds=10)

    assert copy_of(appointment.meeting.hosts.get()) == ("written", "")
    assert len(events_on(account, linked)) == 1


def test_a_refused_password_is_not_tried_again_by_the_next_appointments(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    calendar = make_calendar(tenant.sub_account, tenant.owner)
    for hour in (9, 10, 11, 12):
        book_at_and_post(calendar, tomorrow_at(hour))
    account.server.add_user(account.apple_id, "another-password")
    account.server.clear()

    deliver_due(seconds=10)

    assert [method for method, _ in account.server.requests] == ["PUT"]
    assert Connection.objects.get().problem == Connection.Problem.REFUSED


def test_a_write_whose_answer_was_lost_is_finished_where_it_was_begun(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver_due(seconds=10)
    unsettle()
    other = account.calendar("other")
    connection = Connection.objects.get()
    refresh_calendars(connection)
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), remote(connection, other))

    deliver_due(seconds=10)

    assert (len(events_on(account, linked)), len(events_on(account, other))) == (1, 0)


def test_the_events_of_a_deactivated_host_wait(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    User.objects.filter(pk=tenant.owner.pk).update(is_active=False)
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == []
    assert copy_of(appointment.meeting.hosts.get())[0] == "waiting"


def test_a_write_for_an_account_that_needs_reconnecting_waits_without_a_request(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == []
    copy, problem = copy_of(appointment.meeting.hosts.get())
    assert (copy, "reconnecting" in problem) == ("waiting", True)


def test_what_was_wanted_anew_meanwhile_stays_due(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    appointment = book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    claim = claim_next()
    assert claim is not None
    host = appointment.meeting.hosts.get()
    want(OutboxItem.Effect.WRITE, host.pk, sub_account=tenant.sub_account)

    assert not settle(claim)

    assert OutboxItem.objects.due(timezone.now()).exists()


def test_a_row_in_somebodys_hands_is_not_claimed_twice(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))

    first, second = claim_next(), claim_next()

    assert first is not None
    assert second is None
    carry(first)
    assert len(events_on(account, linked)) == 1


def test_our_own_event_read_back_does_not_block_its_host(
    tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver_due(seconds=10)

    assert pull(Connection.objects.select_related("remote_account").get()) is not None

    assert not BlockedSlot.objects.exists()
