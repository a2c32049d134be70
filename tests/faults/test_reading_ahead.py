"""While what a server said is being stored, it is asked for more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection as database

from accounts.models import User
from integrations.models import Connection, RemoteEvent, SyncRun
from integrations.services.cycling import read_batch
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount, utc_event

PARTS = [50, 100, 20]  # how many events are asked for at a time


@pytest.fixture
def account(icloud: ICloudServer) -> ICloudAccount:
    """One with so many events."""
    account = ICloudAccount(icloud)
    work = account.calendar()
    for number in range(sum(PARTS)):
        start = tomorrow_at(0) + number * timedelta(minutes=5)
        name = f"e{number}"
        icloud.put(f"{work}{name}.ics", utc_event(name, start, start, summary=name))
    return account


def connected(tenant: Tenant, user: User, account: ICloudAccount) -> Connection:
    """Not read yet."""
    work = f"{account.home}work/"
    return account.connect_and_choose(user, tenant.sub_account, conflicts=[work])


@contextmanager
def before_bodies_are_stored(act: Callable[[], None]) -> Iterator[None]:
    def execute(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "integrations_remoteevent"'):
            act()
        return go_on(sql, *arguments)

    with database.execute_wrapper(execute):
        yield


def reports(server: ICloudServer) -> int:
    """How often the server was asked for changes or bodies."""
    return [method for method, _ in server.requests].count("REPORT")


def held_of(connection: Connection) -> int:
    return RemoteEvent.objects.filter(remote_calendar__connection=connection).count()


def run_of(connection: Connection) -> str:
    return SyncRun.objects.get(connection=connection).result


def test_the_next_part_is_asked_for_while_one_is_being_stored_and_no_further_one(
    tenant: Tenant, account: ICloudAccount, icloud: ICloudServer
) -> None:
    large = connected(tenant, tenant.owner, account)
    icloud.clear()
    asked = list[int]()

    def wait() -> None:
        """Until the next part was asked for, and long enough for one more."""
        ends = monotonic() + 5
        while reports(icloud) < min(len(asked) + 3, 4) and monotonic() < ends:
            sleep(0.01)
        sleep(0.2)
        asked.append(reports(icloud))

    with before_bodies_are_stored(wait):
        read_batch([large], seconds=30)

    # The listing, the part being stored, and one more; a part may take several statements.
    assert (asked[0], set(asked)) == (3, {3, 4})
    assert RemoteEvent.objects.count() == sum(PARTS)


def test_what_was_on_its_way_as_a_reading_ended_is_not_taken_for_the_next_ones(
    tenant: Tenant, account: ICloudAccount, icloud: ICloudServer
) -> None:
    failing = connected(tenant, tenant.owner, account)
    well = connected(tenant, tenant.mate, account)
    failures = [ZeroDivisionError]

    def fail_once() -> None:
        if failures:
            sleep(0.5)  # the next part has come by now
            raise failures.pop()

    with before_bodies_are_stored(fail_once):
        read_batch([failing, well], seconds=30)

    assert [run_of(failing), run_of(well)] == [SyncRun.Result.FAILED, SyncRun.Result.DONE]
    assert [held_of(failing), held_of(well)] == [0, sum(PARTS)]
