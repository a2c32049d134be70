"""Calendars that are gone from their account: what they blocked follows the deletion rule."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from calendars.models import BlockedSlot, Calendar
from calendars.services.offering import slots
from calendars.services.releasing import release
from integrations.models import Connection, RemoteCalendar
from integrations.services.connecting import refresh_calendars
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.deletions import (
    DAY,
    HAPPENINGS,
    blocked,
    note,
    put,
    read,
    rule,
    ten_days_later,
    today,
)


@pytest.fixture
def work(account: ICloudAccount) -> str:
    return account.calendar()


def lose(account: ICloudAccount, path: str, *connections: Connection) -> None:
    """The calendar is deleted, or its share taken back, and that was seen twice."""
    account.server.delete(path)
    read(*connections)
    RemoteCalendar.objects.exclude(missing_since=None).update(
        missing_since=timezone.now() - timedelta(minutes=11)
    )
    read(*connections)


@pytest.fixture
def both(tenant: Tenant, account: ICloudAccount, work: str) -> Connection:
    """The owner's, with two conflict calendars: one stays, one will be lost."""
    return account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[work, account.calendar("lost")]
    )


@pytest.fixture
def lost(account: ICloudAccount, both: Connection) -> str:
    return both.calendars.get(name="Lost").path


def test_time_of_a_calendar_that_is_gone_is_kept_labelled_and_can_be_released(
    tenant: Tenant, account: ICloudAccount, both: Connection, lost: str
) -> None:
    put(account, lost, "busy", 9)
    put(account, lost, "free", 10, "TRANSP:TRANSPARENT")
    read(both)

    lose(account, lost, both)

    assert blocked() == [("busy", True)]
    assert note() == f"Calendar gone from iCloud on {today()}"
    offer = make_calendar(tenant.sub_account, tenant.owner)
    assert offered(offer) == [8, 10, 11]
    release(BlockedSlot.objects.get())
    read(both)
    assert offered(offer) == [8, 9, 10, 11]


def offered(calendar: Calendar) -> list[int]:
    """Of tomorrow's hours from eight to eleven, those that begin with a free slot."""
    free = slots(calendar, first=tomorrow_at(8), last=tomorrow_at(12), now=timezone.now())
    begins = {slot.start for slot in free}
    return [hour for hour in range(8, 12) if int(tomorrow_at(hour).timestamp()) in begins]


@pytest.mark.parametrize("happens", HAPPENINGS)
def test_time_of_a_calendar_that_is_gone_is_frozen(
    tenant: Tenant,
    account: ICloudAccount,
    both: Connection,
    lost: str,
    happens: Callable[[Tenant], None],
) -> None:
    put(account, lost, "daily", 9, "RRULE:FREQ=DAILY")
    read(both)
    lose(account, lost, both)
    release(BlockedSlot.objects.get(starts_at=tomorrow_at(9) + DAY))
    before = list(BlockedSlot.objects.values())

    ten_days_later(tenant, happens)

    assert list(BlockedSlot.objects.values()) == before
    assert len(before) > 50


def test_set_to_free_a_calendar_that_is_gone_blocks_nothing(
    account: ICloudAccount, both: Connection, lost: str
) -> None:
    put(account, lost, "a", 9)
    read(both)
    rule(both, frees=True)

    lose(account, lost, both)

    assert blocked() == []


def test_switching_to_free_frees_what_a_gone_calendar_keeps(
    account: ICloudAccount, both: Connection, lost: str
) -> None:
    put(account, lost, "a", 9)
    read(both)
    lose(account, lost, both)

    assert rule(both, frees=True) == 1
    assert blocked() == []


def test_switching_to_free_counts_a_calendar_that_only_the_list_knows_to_be_gone(
    account: ICloudAccount, both: Connection, lost: str
) -> None:
    put(account, lost, "a", 9)
    read(both)
    account.server.delete(lost)
    for _ in range(2):
        refresh_calendars(Connection.objects.select_related("remote_account").get())
        earlier = timezone.now() - timedelta(minutes=11)
        RemoteCalendar.objects.exclude(missing_since=None).update(missing_since=earlier)
    assert blocked() == [("a", False)]

    assert rule(both, frees=True) == 1
    assert blocked() == []


@pytest.mark.parametrize("frees", [False, True])
def test_a_calendar_that_comes_back_blocks_as_its_events_say(
    account: ICloudAccount, both: Connection, lost: str, *, frees: bool
) -> None:
    rule(both, frees=frees)
    put(account, lost, "a", 9)
    put(account, lost, "b", 10)
    read(both)
    lose(account, lost, both)
    BlockedSlot.objects.filter(title="a").delete()

    account.server.make_calendar(lost, "Lost")
    put(account, lost, "a", 9)
    put(account, lost, "b", 10)
    read(both)

    assert blocked() == [("a", False), ("b", False)]


def test_a_listing_that_lacks_a_calendar_for_a_while_changes_nothing(
    account: ICloudAccount, both: Connection, lost: str
) -> None:
    put(account, lost, "a", 9)
    read(both)
    account.server.delete(lost)

    read(both)
    read(both)

    assert blocked() == [("a", False)]


def test_what_moved_out_of_a_calendar_before_it_went_is_not_kept(
    account: ICloudAccount, work: str, both: Connection, lost: str
) -> None:
    put(account, lost, "moved", 9)
    put(account, lost, "left", 10)
    read(both)
    put(account, work, "moved", 9)

    lose(account, lost, both)

    assert blocked() == [("moved", False), ("left", True)]


def test_what_a_gone_calendar_held_does_not_count_as_standing(
    account: ICloudAccount, work: str, both: Connection, lost: str
) -> None:
    put(account, lost, "moved", 9)
    read(both)
    href = put(account, work, "moved", 9)
    lose(account, lost, both)
    assert blocked() == [("moved", False)]

    account.server.delete(href)
    read(both)

    assert blocked() == [("moved", True)]
