"""Events that leave a calendar: to another one that is linked instead, or with their account."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calendars.models import Appointment, Calendar, Meeting, MeetingHost
from calendars.services.moving import move
from integrations.models import Connection, MirroredEvent, RemoteCalendar
from integrations.services.configuring import (
    choose_conflicts,
    choose_linked,
    configuration_of,
    offered,
)
from integrations.services.disconnecting import LEFT_BEHIND, disconnect
from integrations.services.overview import status_of
from integrations.tasks import sync_due
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, remote
from tests.integrations.events import starts_on
from tests.integrations.following import (
    booked,
    deliver,
    drag,
    href_of,
    notes,
    part_of,
    sync,
    when,
)

A_WEEK = timedelta(days=7)


def link(tenant: Tenant, path: str, *, takes_upcoming: bool = True) -> int:
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    calendar = remote(Connection.objects.get(), path)
    return choose_linked(configuration, calendar, takes_upcoming=takes_upcoming)


def only_check(tenant: Tenant, *paths: str) -> None:
    chosen = [remote(Connection.objects.get(), path) for path in paths]
    choose_conflicts(configuration_of(tenant.owner, tenant.sub_account), chosen)


def is_read(path: str) -> bool:
    return RemoteCalendar.objects.get(path=path).busy_source_id is not None


def held_by(appointment: Appointment) -> tuple[str, str]:
    part = part_of(appointment)
    return part.copy, part.copy_problem


@pytest.fixture
def private(account: ICloudAccount, linked: str) -> str:
    """A calendar of the owner's beside the linked one and the one that is checked."""
    path = account.calendar("private")
    sync()
    return path


def test_a_first_linked_calendar_takes_the_upcoming_appointments(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), None)
    ten, two = booked(calendar, 10), booked(calendar, 14)
    assert (held_by(ten), starts_on(account, linked)) == (("none", ""), [])

    taken = link(tenant, linked)
    assert (taken, held_by(ten), held_by(two)) == (2, ("waiting", ""), ("waiting", ""))
    deliver()

    assert sorted(starts_on(account, linked)) == [when(ten), when(two)]
    assert (held_by(ten), held_by(two)) == (("written", ""), ("written", ""))


def test_another_linked_calendar_takes_them_from_the_old_one(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    account.server.clear()

    assert link(tenant, private) == 1
    deliver()

    assert starts_on(account, linked) == []
    assert starts_on(account, private) == [when(appointment)]
    assert held_by(appointment) == ("written", "")
    writes = [method for method, _ in account.server.requests if method in {"PUT", "DELETE"}]
    assert writes == ["DELETE", "PUT"]  # iCloud holds a UID once, and duplicates never show
    sync()
    assert (held_by(appointment), when(appointment)) == (("written", ""), tomorrow_at(10))
    assert notes(appointment) == []


def test_without_asking_for_it_events_stay_where_they_are(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)

    assert link(tenant, private, takes_upcoming=False) == 0
    deliver()

    assert starts_on(account, linked) == [when(appointment)]
    assert starts_on(account, private) == []


def test_what_was_deleted_there_stays_so_where_the_same_calendar_is_saved_again(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.delete(href_of(appointment))
    for _ in range(2):
        sync()
    assert held_by(appointment) == ("deleted", "")

    assert link(tenant, linked) == 0
    deliver()

    assert starts_on(account, linked) == []
    assert held_by(appointment) == ("deleted", "")


def test_where_upcoming_appointments_stand_their_moves_are_followed(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    only_check(tenant, private)

    link(tenant, private, takes_upcoming=False)
    assert is_read(linked)
    drag(account, appointment, tomorrow_at(14))
    sync()

    assert when(appointment) == tomorrow_at(14)
    Meeting.objects.update(starts_at=F("starts_at") - A_WEEK, ends_at=F("ends_at") - A_WEEK)
    sync()
    assert not is_read(linked)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ({"state": "paused"}, "linked before. Its connection is paused"),
        ({"state": "needs_reconnect"}, "linked before. Its account needs reconnecting"),
        ({"problem": "refused"}, "linked before. Its account needs reconnecting"),
    ],
)
def test_what_cannot_leave_names_the_account_that_it_stands_in(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
    trouble: dict[str, str],
    words: str,
) -> None:
    appointment = booked(calendar, 10)
    other = ICloudAccount(account.server)
    other.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[other.calendar()])
    first = Connection.objects.order_by("pk")[:1]
    wanted = RemoteCalendar.objects.exclude(connection__in=first.values("pk")).get(
        path=f"{other.home}work/"
    )
    Connection.objects.filter(pk=first[0].pk).update(**trouble)

    choose_linked(configuration_of(tenant.owner, tenant.sub_account), wanted, takes_upcoming=True)
    deliver()

    state, because = held_by(appointment)
    assert state == "waiting"
    assert words in because


def test_what_stands_there_already_is_neither_counted_nor_written(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.clear()

    assert link(tenant, linked) == 0
    deliver()

    assert [method for method, _ in account.server.requests if method == "PUT"] == []
    assert held_by(appointment) == ("written", "")


def test_what_is_over_stays_where_it_was(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert link(tenant, private) == 0
        deliver()

    assert starts_on(account, linked) == [when(appointment)]


def test_the_old_calendar_is_read_until_its_events_have_left(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    link(tenant, private)
    only_check(tenant, private)
    assert is_read(linked)

    drag(account, appointment, tomorrow_at(15))
    sync()
    assert when(appointment) == tomorrow_at(15)

    deliver()
    sync()
    assert not is_read(linked)
    assert starts_on(account, linked) == []
    assert starts_on(account, private) == [tomorrow_at(15)]


def test_a_move_made_there_at_the_last_moment_is_followed(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    link(tenant, private)
    drag(account, appointment, tomorrow_at(15))

    deliver()

    assert when(appointment) == tomorrow_at(15)
    assert starts_on(account, linked) == []
    assert starts_on(account, private) == [tomorrow_at(15)]


def test_an_event_deleted_before_it_left_is_written_in_its_new_place(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    link(tenant, private)
    account.server.delete(MirroredEvent.objects.get().href)
    sync()
    sync()

    deliver()

    assert starts_on(account, private) == [when(appointment)]
    assert held_by(appointment) == ("written", "")


def test_one_that_left_unheard_cancels_nothing_though_deletions_do(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)
    Connection.objects.update(cancels_deleted=True)
    link(tenant, private)
    account.server.lose("DELETE", linked)
    deliver()
    assert starts_on(account, linked) == []

    sync()
    sync()
    deliver()

    appointment.refresh_from_db()
    assert appointment.status == "confirmed"
    assert starts_on(account, private) == [when(appointment)]


def test_linking_back_and_forth_ends_with_one_event(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar, private: str
) -> None:
    appointment = booked(calendar, 10)

    account.server.clear()
    assert (link(tenant, private), link(tenant, linked)) == (1, 1)
    deliver()

    assert starts_on(account, private) == []
    assert starts_on(account, linked) == [when(appointment)]
    writes = [method for method, _ in account.server.requests if method in {"PUT", "DELETE"}]
    assert writes == []


def disconnecting(*, removes_events: bool = True) -> Connection:
    disconnect(Connection.objects.get(), removes_events=removes_events)
    connection: Connection = Connection.objects.get()
    return connection


def test_disconnecting_removes_the_events_to_come_where_asked_to(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)

    leaving = disconnecting()
    assert (leaving.state, leaving.secret) == ("leaving", account.password)
    words = status_of(leaving, timezone.now())
    assert (words.headline, words.detail[:10]) == ("Being disconnected", "1 event is")
    deliver()

    gone = Connection.objects.get()
    assert (gone.state, gone.secret, gone.leaving_since) == ("disconnected", "", None)
    assert starts_on(account, linked) == []
    assert (held_by(appointment), appointment.status) == (("none", ""), "confirmed")


def test_otherwise_they_stay(account: ICloudAccount, linked: str, calendar: Calendar) -> None:
    appointment = booked(calendar, 10)

    gone = disconnecting(removes_events=False)
    deliver()

    assert (gone.state, gone.secret) == ("disconnected", "")
    assert starts_on(account, linked) == [when(appointment)]


def test_what_stays_there_at_its_old_time_is_said_in_the_history(
    tenant: Tenant, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnecting(removes_events=False)

    for hour in (14, 15):
        move(appointment, tomorrow_at(hour), by=tenant.admin, now=timezone.now())
        deliver()

    assert held_by(appointment) == ("none", "")
    assert [text for kind, _, text in notes(appointment) if kind == "noted"] == [LEFT_BEHIND]


def test_a_wish_that_the_page_offered_and_cannot_be_granted_is_not_dropped(
    tenant: Tenant, linked: str, calendar: Calendar, signed_in: Callable[[User], Client]
) -> None:
    booked(calendar, 10)
    connection = Connection.objects.get()
    Connection.objects.update(problem=Connection.Problem.REFUSED)
    url = f"/s/riverside/settings/calendars/connections/{connection.pk}/disconnect/"

    answer = signed_in(tenant.owner).post(url, {"removes_events": "on"})

    assert answer.status_code == 422
    assert "cannot be removed any more" in answer.content.decode()
    assert Connection.objects.get().state == Connection.State.CONNECTED


def test_with_nothing_to_remove_it_is_gone_at_once(linked: str) -> None:
    assert disconnecting().state == "disconnected"


def test_what_is_being_disconnected_is_neither_read_nor_offered(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    booked(calendar, 10)
    disconnecting()
    account.server.clear()

    sync_due()

    assert account.server.requests == []
    assert list(offered(tenant.owner, tenant.sub_account)) == []


def test_a_password_that_is_refused_meanwhile_ends_it_and_the_history_says_so(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnecting()
    account.server.add_user(account.apple_id, "another-pass-word-here")

    deliver()

    gone = Connection.objects.get()
    assert (gone.state, gone.secret) == ("disconnected", "")
    assert [text for _, _, text in notes(appointment)] == [
        "Its iCloud account was disconnected: the event still stands there. Delete it by hand."
    ]


def test_after_a_day_the_password_is_erased_in_any_case(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    booked(calendar, 10)
    disconnecting()

    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        sync_due()
    assert Connection.objects.get().state == "leaving"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        sync_due()

    gone = Connection.objects.get()
    assert (gone.state, gone.secret) == ("disconnected", "")


def test_whoever_does_not_want_to_wait_leaves_the_rest_behind_and_reads_so(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnecting()

    gone = disconnecting(removes_events=False)
    deliver()

    assert (gone.state, gone.secret) == ("disconnected", "")
    assert starts_on(account, linked) == [when(appointment)]
    [(_, _, text)] = notes(appointment)
    assert text.startswith("Its iCloud account was disconnected")


def test_whoever_connects_it_again_meanwhile_stays_connected(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnecting()

    account.connect(tenant.owner, tenant.sub_account)
    link(tenant, linked)
    deliver()

    current = Connection.objects.get()
    assert (current.state, bool(current.secret)) == ("connected", True)
    assert starts_on(account, linked) == [when(appointment)]


def test_cancelled_while_its_account_goes_the_event_goes_all_the_same(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnecting()
    Appointment.objects.filter(pk=appointment.pk).update(status=Appointment.Status.CANCELLED)

    deliver()

    assert starts_on(account, linked) == []
    assert MeetingHost.objects.get().copy == "removed"
    assert Connection.objects.get().state == "disconnected"
