"""Many accounts at once, and the periodic job that keeps reading them."""

from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone
from django_q.models import Schedule
from django_q.scheduler import scheduler

from calendars.models import BlockedSlot, BusySource
from integrations.models import Connection, RemoteAccount, SyncRun
from integrations.services.cycling import hand_on_due, read_batch
from integrations.services.jobs import schedule_jobs
from integrations.tasks import tidy
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.fakes.radicale_server import RadicaleServer
from tests.icloud import ICloudAccount, utc_event
from tests.jobs import queued, work_off


def connected(
    tenant: Tenant, server: RadicaleServer, user: str
) -> tuple[ICloudAccount, Connection]:
    account = ICloudAccount(server)
    work = account.calendar()
    server.put(f"{work}a.ics", utc_event("a", tomorrow_at(9), tomorrow_at(10), summary=user))
    connection = account.connect_and_choose(
        getattr(tenant, user), tenant.sub_account, conflicts=[work]
    )
    return account, connection


def all_due() -> list[Connection]:
    return list(Connection.objects.select_related("remote_account").order_by("pk"))


def test_a_hanging_account_holds_up_no_other(tenant: Tenant, icloud_server: RadicaleServer) -> None:
    hanging, stuck = connected(tenant, icloud_server, "owner")
    _, well = connected(tenant, icloud_server, "mate")
    icloud_server.slow_down(hanging.home, 20)
    began = monotonic()

    read_batch(all_due(), seconds=3)

    assert monotonic() - began < 6
    assert [slot.title for slot in BlockedSlot.objects.all()] == ["mate"]
    well.refresh_from_db()
    stuck.refresh_from_db()
    assert well.synced_at is not None
    assert stuck.synced_at is None
    assert stuck.next_poll_at <= timezone.now()
    assert RemoteAccount.objects.filter(lease_until=None).count() == 2


def test_one_account_failing_leaves_the_others_read(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    refused, failing = connected(tenant, icloud_server, "owner")
    connected(tenant, icloud_server, "mate")
    icloud_server.add_user(refused.apple_id, "another-password")

    read_batch(all_due(), seconds=10)

    assert [slot.title for slot in BlockedSlot.objects.all()] == ["mate"]
    failing.refresh_from_db()
    assert failing.state == Connection.State.NEEDS_RECONNECT


def test_due_connections_are_handed_on_once_however_often_the_job_runs(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    connected(tenant, icloud_server, "owner")
    connected(tenant, icloud_server, "mate")
    work_off()
    Connection.objects.update(next_poll_at=timezone.now())

    assert [hand_on_due(batch_size=16), hand_on_due(batch_size=16)] == [2, 0]

    assert [task["func"] for task in queued()] == ["integrations.tasks.sync_batch"]


def test_jobs_carry_primary_keys_and_nothing_else(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    account, connection = connected(tenant, icloud_server, "owner")

    tasks = queued()

    assert {task["args"] for task in tasks} == {(connection.pk,)}
    assert account.password not in str(tasks)


@pytest.mark.django_db(transaction=True)  # the scheduler closes its database connections
def test_the_periodic_job_reads_what_is_due_without_anyone_clicking(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    connected(tenant, icloud_server, "owner")
    work_off()
    schedule_jobs()
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    account_path = BusySource.objects.get().remote_calendar.path
    later = utc_event("a", tomorrow_at(15), tomorrow_at(16), summary="moved")
    icloud_server.put(f"{account_path}a.ics", later)
    Connection.objects.update(next_poll_at=timezone.now())

    scheduler()
    done = work_off()

    assert sorted(done) == [
        "integrations.tasks.deliver_due",
        "integrations.tasks.extend",
        "integrations.tasks.remind",
        "integrations.tasks.sync_batch",
        "integrations.tasks.sync_due",
        "integrations.tasks.tidy",
    ]
    slot = BlockedSlot.objects.get()
    assert (slot.starts_at, slot.title) == (tomorrow_at(15), "moved")


def test_putting_the_schedules_in_place_twice_changes_nothing(db: None) -> None:
    schedule_jobs()
    before = list(Schedule.objects.order_by("pk").values_list("pk", "func", "minutes"))

    schedule_jobs()

    after = list(Schedule.objects.order_by("pk").values_list("pk", "func", "minutes"))
    assert before == after
    assert [func for _, func, _ in after] == [
        "integrations.tasks.sync_due",
        "integrations.tasks.deliver_due",
        "integrations.tasks.remind",
        "integrations.tasks.extend",
        "integrations.tasks.tidy",
    ]


def test_each_sync_leaves_a_run_that_says_what_it_did(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    connected(tenant, icloud_server, "owner")
    work_off()

    first = SyncRun.objects.order_by("started_at").first()

    assert first is not None
    assert (first.result, first.requests, first.events_changed) == ("done", 3, 1)
    assert first.received_bytes > 0
    assert first.finished_at is not None


def test_old_runs_are_forgotten_and_recent_ones_kept(
    tenant: Tenant, icloud_server: RadicaleServer
) -> None:
    connected(tenant, icloud_server, "owner")
    work_off()
    recent = SyncRun.objects.count()
    connection = Connection.objects.get()
    old = timezone.now() - timedelta(days=15)
    SyncRun.objects.create(connection=connection, started_at=old)

    assert tidy() == 1

    assert SyncRun.objects.count() == recent
