"""A worker that dies, and answers that get lost: in the end exactly one event, the right one."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import sleep

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from calendars.models import Appointment, MeetingHost, OutboxItem
from calendars.services.cancelling import cancel
from calendars.services.moving import reschedule
from integrations.models import MirroredEvent, RemoteAccount
from integrations.services.delivering import deliver_due
from tests import processes
from tests.bookings import book_at_and_post, make_calendar, tomorrow_at
from tests.conftest import Tenant, make_tenant
from tests.fakes.proxy import Gate
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on, starts_on

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30.0


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("riverside")


@pytest.fixture
def appointment(tenant: Tenant, linked: str) -> Appointment:
    """Booked for ten o'clock, and not written yet."""
    return book_at_and_post(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))


def after_a_while() -> None:
    """The leases of whoever died run out."""
    past = timezone.now() - timedelta(seconds=1)
    OutboxItem.objects.filter(effect="mail").delete()
    OutboxItem.objects.update(due_at=past, lease_until=None)
    RemoteAccount.objects.update(lease_until=None, retry_at=None)


def nothing_waits() -> bool:
    after_a_while()
    return not OutboxItem.objects.due(timezone.now()).exists()


@contextmanager
def worker_at(gate: Gate) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker of its own that has come to the gate; killed at the end, if not before."""
    worker = processes.start("deliver")
    try:
        assert gate.reached.wait(PATIENCE), "The worker never came there."
        yield worker
    finally:
        worker.kill()
        worker.wait()
        gate.open(drop=True)


def kill_before(account: ICloudAccount, method: str) -> None:
    """The request is on its way, and never gets there."""
    gate = account.stop_next(method)
    with worker_at(gate) as worker:
        worker.kill()


def kill_during(account: ICloudAccount, method: str) -> None:
    """The request gets there when nobody waits for its answer any more."""
    gate = account.stop_next(method)
    with worker_at(gate) as worker:
        worker.kill()
        worker.wait()
        gate.open()
        assert gate.passed.wait(PATIENCE)


def kill_after(account: ICloudAccount, method: str) -> None:
    """It was done, and the answer is on its way."""
    gate = account.stop_next(method, is_after=True)
    with worker_at(gate) as worker:
        worker.kill()


def kill_before_the_mark(account: ICloudAccount, method: str) -> None:
    """The worker has the answer, and cannot write it down before it dies: the row is held."""
    gate = account.stop_next(method, is_after=True)
    with worker_at(gate) as worker, transaction.atomic():
        # SQLite is held as a whole by the transaction; PostgreSQL by the row.
        list(MirroredEvent.objects.select_for_update())
        if connection.vendor == "sqlite":
            MirroredEvent.objects.update(etag=F("etag"))
        gate.open()
        assert gate.passed.wait(PATIENCE)
        sleep(1)
        assert worker.poll() is None
        worker.kill()
        worker.wait()


MOMENTS = [kill_before, kill_during, kill_after, kill_before_the_mark]


@pytest.mark.parametrize("kill", MOMENTS)
def test_an_event_is_written_once_though_the_worker_was_killed(
    account: ICloudAccount,
    linked: str,
    appointment: Appointment,
    kill: Callable[[ICloudAccount, str], None],
) -> None:
    kill(account, "PUT")
    after_a_while()
    processes.run("deliver")

    [event] = events_on(account, linked)
    assert (event.start, str(event["SUMMARY"])) == (tomorrow_at(10), "Intro call: Gwen Guest")
    assert str(event["UID"]) == str(MirroredEvent.objects.get().uid)
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.WRITTEN
    assert nothing_waits()


@pytest.mark.parametrize("kill", MOMENTS)
def test_an_event_is_moved_once_though_the_worker_was_killed(
    account: ICloudAccount,
    linked: str,
    appointment: Appointment,
    kill: Callable[[ICloudAccount, str], None],
) -> None:
    deliver_due(seconds=10)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    OutboxItem.objects.filter(effect="mail").delete()

    kill(account, "PUT")
    after_a_while()
    processes.run("deliver")

    assert starts_on(account, linked) == [tomorrow_at(15)]
    assert MirroredEvent.objects.count() == 1
    assert nothing_waits()


@pytest.mark.parametrize("kill", MOMENTS)
def test_an_event_is_gone_though_the_worker_was_killed(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    appointment: Appointment,
    kill: Callable[[ICloudAccount, str], None],
) -> None:
    deliver_due(seconds=10)
    cancel(appointment, by=tenant.admin)
    OutboxItem.objects.filter(effect="mail").delete()

    kill(account, "DELETE")
    after_a_while()
    processes.run("deliver")

    assert starts_on(account, linked) == []
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.REMOVED
    assert nothing_waits()


def lose_the_answer(account: ICloudAccount, method: str) -> None:
    gate = account.stop_next(method, is_after=True)
    gate.open(drop=True)


def test_a_lost_answer_to_a_new_event_leaves_one_event(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    lose_the_answer(account, "PUT")

    deliver_due(seconds=10)
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.WAITING
    after_a_while()
    deliver_due(seconds=10)

    assert starts_on(account, linked) == [tomorrow_at(10)]
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.WRITTEN
    assert nothing_waits()


def test_a_lost_answer_to_a_new_event_that_moved_meanwhile_leaves_it_where_it_belongs(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    lose_the_answer(account, "PUT")
    deliver_due(seconds=10)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    after_a_while()

    deliver_due(seconds=10)

    assert starts_on(account, linked) == [tomorrow_at(15)]
    assert nothing_waits()


def test_a_lost_answer_to_an_update_moves_the_event_once(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    deliver_due(seconds=10)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    lose_the_answer(account, "PUT")
    deliver_due(seconds=10)
    after_a_while()

    deliver_due(seconds=10)

    assert starts_on(account, linked) == [tomorrow_at(15)]
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.WRITTEN
    assert nothing_waits()


def test_a_lost_answer_to_a_removal_counts_as_done(
    tenant: Tenant, account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    deliver_due(seconds=10)
    cancel(appointment, by=tenant.admin)
    lose_the_answer(account, "DELETE")
    deliver_due(seconds=10)
    after_a_while()

    deliver_due(seconds=10)

    assert starts_on(account, linked) == []
    assert appointment.meeting.hosts.get().copy == MeetingHost.Copy.REMOVED
    assert nothing_waits()


def test_a_worker_that_died_after_the_mark_leaves_nothing_to_do_twice(
    account: ICloudAccount, linked: str, appointment: Appointment
) -> None:
    deliver_due(seconds=10)
    OutboxItem.objects.update(settled_revision=0)
    after_a_while()
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == []
    assert nothing_waits()
