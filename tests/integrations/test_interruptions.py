"""What a sync makes of calendars that fail, changes of mind, and time that runs out."""

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Member, User
from calendars.models import BlockedSlot, BusySource
from calendars.services.offering import slots
from integrations.caldav.errors import Unauthorized
from integrations.caldav.reading import Listed, Page
from integrations.models import Connection, RemoteAccount, RemoteCalendar, RemoteEvent, SyncRun
from integrations.services.applying import apply
from integrations.services.connecting import replace_password
from integrations.services.cycling import read_batch
from integrations.services.pulling import Pull, begin, pull, settle
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, remote, utc_event
from tests.passwords import SECOND

HOUR = timedelta(hours=1)


def fresh(connection: Connection) -> Connection:
    row: Connection = Connection.objects.select_related("remote_account").get(pk=connection.pk)
    return row


def read(connection: Connection) -> Pull:
    reading = pull(fresh(connection))
    assert reading is not None
    return reading


def starts() -> list[datetime]:
    return sorted(BlockedSlot.objects.values_list("starts_at", flat=True))


def put(account: ICloudAccount, path: str, name: str, hour: int) -> None:
    ics = utc_event(name, tomorrow_at(hour), tomorrow_at(hour) + HOUR)
    account.server.put(f"{path}{name}.ics", ics)


def last_read(connection: Connection, path: str) -> datetime | None:
    source = remote(connection, path).busy_source
    assert source is not None
    return source.last_read_at


def nothing() -> None:
    """A guard that lets everything pass."""


def test_a_calendar_that_fails_keeps_no_other_from_its_consequences(
    tenant: Tenant, account: ICloudAccount
) -> None:
    paths = [account.calendar(name) for name in ("one", "two", "three")]
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=paths)
    read(connection)
    before = last_read(connection, paths[1])
    for number, path in enumerate(paths):
        put(account, path, f"e{number}", 9 + number)
    account.server.refuse("REPORT", paths[1], 404)

    run = read(connection).run

    assert starts() == [tomorrow_at(9), tomorrow_at(11)]
    assert last_read(connection, paths[1]) == before
    assert run.result == SyncRun.Result.FAILED
    assert fresh(connection).problem == Connection.Problem.LOST
    assert fresh(connection).next_poll_at - timezone.now() < timedelta(minutes=5)

    account.server.relent()
    read(connection)
    assert starts() == [tomorrow_at(9), tomorrow_at(10), tomorrow_at(11)]
    assert fresh(connection).problem == ""


def test_nothing_counts_as_deleted_while_a_calendar_of_the_account_fails(
    tenant: Tenant, account: ICloudAccount
) -> None:
    one, two = account.calendar("one"), account.calendar("two")
    put(account, one, "a", 9)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[one, two])
    read(connection)
    account.server.delete(f"{one}a.ics")
    put(account, two, "b", 12)
    account.server.refuse("REPORT", two, 404)

    read(connection)
    assert [slot.deleted_remotely_at for slot in BlockedSlot.objects.all()] == [None]

    put(account, one, "a", 9)  # undone, byte for byte
    account.server.relent()
    read(connection)

    assert starts() == [tomorrow_at(9), tomorrow_at(12)]
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    assert RemoteEvent.objects.filter(missing_since=None).count() == 2


def test_one_event_that_cannot_be_fetched_leaves_its_neighbours_read(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    for number in range(9):
        put(account, work, f"e{number}", 9 + number)
    account.server.refuse("REPORT", work, 500, containing="e5.ics")
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    read(connection)

    assert starts() == [tomorrow_at(9 + number) for number in range(9) if number != 5]
    odd = RemoteEvent.objects.exclude(problem="").get()
    assert (odd.href, odd.parse_state) == (f"{work}e5.ics", RemoteEvent.Parse.UNREADABLE)


def withhold(connection: Connection, path: str, href: str) -> None:
    """A sync in which the server lists a change and does not hand out its body."""
    reading = begin(fresh(connection))
    assert reading is not None
    talk = reading.conversation()
    reply = reading.receive(talk.send(None))
    assert reply
    with contextlib.suppress(StopIteration):
        while True:
            message = talk.send(reply)
            if isinstance(message, Page):
                held_back = frozenset({href}) if message.found or message.withheld else frozenset()
                message = replace(message, found=(), withheld=held_back)
            reply = reading.receive(message)
    reading.finish()


def test_a_change_whose_body_was_withheld_once_is_fetched_the_next_time(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    put(account, work, "a", 14)

    withhold(connection, work, f"{work}a.ics")
    assert starts() == [tomorrow_at(9)]

    read(connection)
    assert starts() == [tomorrow_at(14)]
    assert RemoteEvent.objects.get().withheld == 0
    assert read(connection).run.requests == 1


def test_what_is_withheld_again_and_again_is_left_alone_after_three_tries(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    account.server.refuse("REPORT", work, 500, containing="a.ics")
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    requests = [read(connection).run.requests for _ in range(5)]

    assert requests == [3, 3, 3, 1, 1]
    account.server.relent()
    put(account, work, "a", 14)
    read(connection)
    assert starts() == [tomorrow_at(14)]


def test_a_newer_body_stored_meanwhile_is_not_overwritten_by_an_older_reading(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    RemoteEvent.objects.update(is_applied=False)
    calendar = RemoteCalendar.objects.select_related("busy_source", "connection__remote_account")

    def newer_body() -> None:
        ics = utc_event("a", tomorrow_at(14), tomorrow_at(15))
        RemoteEvent.objects.update(raw=ics, etag="newer", is_applied=False)

    apply(calendar.get(), now=timezone.now(), guard=newer_body)
    assert not RemoteEvent.objects.get().is_applied
    apply(calendar.get(), now=timezone.now(), guard=nothing)

    assert starts() == [tomorrow_at(14)]


def test_a_lease_lost_before_the_consequences_leaves_them_to_whoever_has_it(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    interrupt(connection, lambda: RemoteAccount.objects.update(lease_token=uuid.uuid4()))

    assert starts() == []
    assert BusySource.objects.get().last_read_at is None
    assert not SyncRun.objects.filter(result=SyncRun.Result.RUNNING).exists()

    RemoteAccount.objects.update(lease_until=None)
    read(connection)
    assert starts() == [tomorrow_at(9)]


def interrupt(connection: Connection, act: Callable[[], object]) -> None:
    """A whole reading in which something happens after the last word of the server."""
    reading = begin(fresh(connection))
    assert reading is not None
    talk, reply = reading.conversation(), None
    with contextlib.suppress(StopIteration):
        while True:
            reply = reading.receive(talk.send(reply))
    act()
    settle(reading, reading.finish)


def test_time_that_runs_out_leaves_the_rest_for_the_next_time(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    reading = begin(fresh(connection), ends=0.0)
    assert reading is not None
    reading.close(SyncRun.Result.DONE, "")

    read_batch([fresh(connection)], seconds=0.0)
    assert starts() == []

    read_batch([fresh(connection)], seconds=20)
    assert starts() == [tomorrow_at(9)]


def test_a_late_refusal_of_the_old_password_does_not_touch_the_new_one(
    tenant: Tenant, account: ICloudAccount
) -> None:
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[account.calendar()]
    )
    old = begin(fresh(connection))
    assert old is not None
    account.server.add_user(account.apple_id, SECOND)
    replace_password(fresh(connection), SECOND)

    old.fail(Unauthorized())

    now = fresh(connection)
    assert (now.state, now.problem, now.failures) == ("connected", "", 0)


def test_connections_to_one_account_are_all_read_in_one_batch(
    tenant: Tenant, other_tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    put(account, work, "a", 9)
    places: list[tuple[User, Tenant]] = [
        (getattr(place, name), place)
        for place in (tenant, other_tenant)
        for name in ("admin", "owner", "mate")
    ]
    for user, place in places:
        account.connect_and_choose(user, place.sub_account, conflicts=[work])

    read_batch(list(Connection.objects.select_related("remote_account")), seconds=30)

    assert BlockedSlot.objects.count() == len(places)
    assert not Connection.objects.filter(synced_at=None).exists()


def test_whole_days_follow_their_owner_to_another_time_zone(
    tenant: Tenant, account: ICloudAccount
) -> None:
    day = tomorrow_at(0).date()
    work = account.calendar()
    whole = event("a", f";VALUE=DATE:{day:%Y%m%d}", f";VALUE=DATE:{day + timedelta(1):%Y%m%d}")
    account.server.put(f"{work}a.ics", whole)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)

    Member.objects.filter(user=tenant.owner).update(time_zone="America/Los_Angeles")
    read(connection)

    slot = BlockedSlot.objects.get()
    there = slot.starts_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (there.date(), there.hour) == (day, 0)


def test_the_host_of_a_calendar_that_is_gone_stays_bookable_and_its_time_blocked(
    tenant: Tenant, account: ICloudAccount
) -> None:
    kept, gone = account.calendar("kept"), account.calendar("gone")
    put(account, gone, "a", 9)
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[kept, gone]
    )
    read(connection)
    offer = make_calendar(tenant.sub_account, tenant.owner)
    account.server.delete(gone)

    read(connection)
    RemoteCalendar.objects.filter(path=gone).update(
        missing_since=timezone.now() - timedelta(minutes=11)
    )
    read(connection)
    BusySource.objects.exclude(gone_at=None).update(last_read_at=timezone.now() - timedelta(days=3))

    free = slots(offer, first=tomorrow_at(8), last=tomorrow_at(11), now=timezone.now())
    assert [slot.start for slot in free] == [
        int(tomorrow_at(8).timestamp()) + minutes * 60 for minutes in (0, 30, 120, 150)
    ]

    account.calendar("gone")
    read(connection)
    assert not BusySource.objects.exclude(gone_at=None).exists()


def test_listed_is_what_a_poll_hears_first(tenant: Tenant, account: ICloudAccount) -> None:
    connection = account.connect(tenant.owner, tenant.sub_account)
    reading = begin(fresh(connection))
    assert reading is not None

    assert isinstance(reading.conversation().send(None), Listed)

    reading.suspend()
    assert SyncRun.objects.get(pk=reading.run.pk).problem.startswith("To be continued")
