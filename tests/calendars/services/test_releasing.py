"""Time kept of deleted events, and its release."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Member
from calendars.models import BlockedSlot, BusySource
from calendars.services.releasing import (
    NotDeletedRemotely,
    deleted_note,
    kept_events,
    release,
    release_all,
    release_event,
    release_feeds,
)
from tests.calendars.scenes import MONDAY_NINE, NOW, block, make_source
from tests.conftest import Tenant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def source(tenant: Tenant) -> BusySource:
    return make_source(tenant.owner, tenant.sub_account)


def keep(source: BusySource, key: str, starts_at: datetime, **fields: Any) -> BlockedSlot:
    """An hour that the feed keeps of a deleted event."""
    values = {"source": source, "key": key, "deleted_remotely_at": NOW, **fields}
    return block(source.user, source.sub_account, starts_at, **values)


@pytest.fixture
def owner(tenant: Tenant) -> Member:
    return Member.objects.get(sub_account=tenant.sub_account, user=tenant.owner)


def test_a_kept_slot_can_be_released(tenant: Tenant, source: BusySource) -> None:
    slot = block(
        tenant.owner, tenant.sub_account, NOW, source=source, key="a", deleted_remotely_at=NOW
    )

    release(slot)

    assert not BlockedSlot.objects.exists()


def test_a_slot_whose_event_still_stands_cannot_be_released(
    tenant: Tenant, source: BusySource
) -> None:
    slot = block(tenant.owner, tenant.sub_account, NOW, source=source, key="a")

    with pytest.raises(NotDeletedRemotely):
        release(slot)

    assert BlockedSlot.objects.get() == slot


def test_all_times_of_one_event_can_be_released_together(
    tenant: Tenant, source: BusySource
) -> None:
    for key in ("a", "b"):
        for day in range(3):
            keep(source, key, MONDAY_NINE + day * DAY)
    elsewhere = make_source(tenant.owner, tenant.sub_account)
    keep(elsewhere, "a", MONDAY_NINE)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="a")

    assert release_event(BlockedSlot.objects.filter(source=source, key="a")[0]) == 3

    left = BlockedSlot.objects.kept().values_list("source", "key")
    assert set(left) == {(source.pk, "b"), (elsewhere.pk, "a")}
    assert BlockedSlot.objects.filter(deleted_remotely_at=None).count() == 1


def test_an_event_that_still_stands_is_not_released(tenant: Tenant, source: BusySource) -> None:
    slot = block(tenant.owner, tenant.sub_account, NOW, source=source, key="a")

    with pytest.raises(NotDeletedRemotely):
        release_event(slot)

    assert BlockedSlot.objects.get() == slot


def test_all_that_was_seen_is_released_and_only_ones_own(
    tenant: Tenant, source: BusySource, owner: Member
) -> None:
    keep(source, "a", MONDAY_NINE)
    keep(source, "b", MONDAY_NINE, deleted_remotely_at=NOW + HOUR)
    keep(make_source(tenant.mate, tenant.sub_account), "c", MONDAY_NINE)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="d")

    assert release_all(owner, seen_at=NOW, now=NOW) == 1

    left = BlockedSlot.objects.order_by("key").values_list("key", flat=True)
    assert list(left) == ["b", "c", "d"]


def test_of_feeds_everything_kept_goes_and_what_is_ahead_is_counted(
    tenant: Tenant, source: BusySource
) -> None:
    other = make_source(tenant.owner, tenant.sub_account)
    keep(source, "past", NOW - DAY)
    keep(source, "ahead", MONDAY_NINE)
    keep(other, "other", MONDAY_NINE)

    assert release_feeds([source], now=NOW) == 1

    assert BlockedSlot.objects.get().key == "other"


def test_what_is_kept_is_listed_event_by_event_the_soonest_first(
    tenant: Tenant, source: BusySource, owner: Member
) -> None:
    keep(source, "later", MONDAY_NINE + DAY, title="Later")
    for day in (0, 7, 2):
        keep(source, "series", MONDAY_NINE + day * DAY, title="Series")
    keep(source, "past", NOW - DAY, title="Past")
    keep(source, "untitled", MONDAY_NINE + HOUR)
    keep(make_source(tenant.mate, tenant.sub_account), "theirs", MONDAY_NINE)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="standing")

    events = kept_events(owner, now=NOW)

    assert [(event.title, event.times) for event in events] == [
        ("Series", 3),
        ("Busy", 1),
        ("Later", 1),
    ]
    assert [events[0].first.starts_at, events[0].last.starts_at] == [
        MONDAY_NINE,
        MONDAY_NINE + 7 * DAY,
    ]
    assert {event.note for event in events} == {"Deleted in iCloud on 1 March 2026"}


@pytest.mark.parametrize(
    ("gone_at", "may_have_moved", "note"),
    [
        (None, False, "Deleted in iCloud on 1 March 2026"),
        (None, True, "Deleted in iCloud on 1 March 2026, or moved to a calendar not read here"),
        (NOW, True, "Calendar gone from iCloud on 1 March 2026"),
        (NOW + HOUR, False, "Deleted in iCloud on 1 March 2026"),
    ],
    ids=["deleted", "moved-perhaps", "calendar-gone", "deleted-before-the-calendar-went"],
)
def test_the_label_says_no_more_than_is_known(
    source: BusySource, gone_at: datetime | None, note: str, *, may_have_moved: bool
) -> None:
    source.gone_at = gone_at
    slot = keep(source, "a", MONDAY_NINE, may_have_moved=may_have_moved)

    assert deleted_note(slot, ZoneInfo("Europe/Berlin")) == note


def test_what_still_stands_has_no_label(tenant: Tenant, source: BusySource) -> None:
    slot = block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source)

    assert deleted_note(slot, ZoneInfo("Europe/Berlin")) == ""
