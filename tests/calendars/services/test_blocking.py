from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from calendars.models import BlockedSlot, BusySource
from calendars.services.blocking import (
    BlockedSpan,
    forget,
    keep_deleted,
    note_on,
    release_reappeared,
    replace_blocked,
    replace_many,
)
from tests.calendars.scenes import MONDAY_NINE, NOW, make_source
from tests.conftest import Tenant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def event(day: int = 0, **fields: object) -> BlockedSpan:
    starts_at = MONDAY_NINE + day * DAY
    return BlockedSpan(starts_at, starts_at + HOUR, title=f"Day {day}", uid="u", **fields)  # type: ignore[arg-type]


@pytest.fixture
def source(tenant: Tenant) -> BusySource:
    return make_source(tenant.owner, tenant.sub_account)


def titles(source: BusySource) -> list[tuple[str, str]]:
    slots = BlockedSlot.objects.filter(source=source).order_by("key", "starts_at")
    return list(slots.values_list("key", "title"))


def test_spans_become_blocked_slots_of_the_feeds_user(tenant: Tenant, source: BusySource) -> None:
    span = BlockedSpan(MONDAY_NINE, MONDAY_NINE + DAY, all_day=True, is_busy=False, title="Trip")

    replace_blocked(source, "a", [span])

    slot = BlockedSlot.objects.get()
    assert (slot.user, slot.sub_account, slot.key) == (tenant.owner, tenant.sub_account, "a")
    assert (slot.starts_at, slot.ends_at) == (MONDAY_NINE, MONDAY_NINE + DAY)
    assert (slot.all_day, slot.is_busy, slot.title) == (True, False, "Trip")


def test_a_keys_slots_are_replaced_and_those_of_other_keys_and_feeds_stay(
    tenant: Tenant, source: BusySource
) -> None:
    other = make_source(tenant.owner, tenant.sub_account)
    replace_many(source, {"a": [event(0), event(1)], "b": [event(0)]})
    replace_many(other, {"a": [event(0)]})

    replace_blocked(source, "a", [event(2)])

    assert titles(source) == [("a", "Day 2"), ("b", "Day 0")]
    assert titles(other) == [("a", "Day 0")]


def test_a_slot_of_its_own_that_changes_keeps_its_address_and_its_note(
    source: BusySource,
) -> None:
    replace_many(source, {"a": [event(0)], "b": [event(0), event(1)]})
    note_on(source, "a", "Being saved")
    [slot] = BlockedSlot.objects.filter(key="a")

    replace_many(source, {"a": [event(2)], "b": [event(1)]})

    [changed] = BlockedSlot.objects.filter(key="a")
    assert (changed.pk, changed.title, changed.note) == (slot.pk, "Day 2", "Being saved")
    assert titles(source) == [("a", "Day 2"), ("b", "Day 1")]


def test_a_note_stands_on_what_has_its_key_until_it_is_taken_away(source: BusySource) -> None:
    replace_many(source, {"a": [event(0), event(1)], "b": [event(0)]})
    notes = BlockedSlot.objects.order_by("key").values_list("key", "note")

    note_on(source, "a", "Being saved")
    assert list(notes.all()) == [("a", "Being saved"), ("a", "Being saved"), ("b", "")]

    note_on(source, "a", "")
    assert list(notes.all()) == [("a", ""), ("a", ""), ("b", "")]


def test_an_empty_list_leaves_nothing_under_the_key(source: BusySource) -> None:
    replace_blocked(source, "a", [event(0)])

    replace_blocked(source, "a", [])

    assert titles(source) == []


def test_unchanged_rows_are_left_alone(
    source: BusySource, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    replace_many(source, {"a": [event(0), event(1)], "b": [event(0)]})
    before = dict(BlockedSlot.objects.values_list("title", "pk").filter(key="a"))

    replace_blocked(source, "a", [event(1), event(2)])
    after = dict(BlockedSlot.objects.values_list("title", "pk").filter(key="a"))

    assert after["Day 1"] == before["Day 1"]
    assert set(after) == {"Day 1", "Day 2"}
    with django_assert_num_queries(3):  # look, inside a savepoint
        replace_many(source, {"a": [event(1), event(2)], "b": [event(0)]})


def test_a_changed_title_or_freedom_is_taken_over(source: BusySource) -> None:
    replace_blocked(source, "a", [event(0)])

    replace_blocked(source, "a", [event(0, is_busy=False)])

    assert BlockedSlot.objects.get().is_busy is False


def test_a_span_given_twice_blocks_once_and_one_without_length_not_at_all(
    source: BusySource,
) -> None:
    instant = BlockedSpan(MONDAY_NINE, MONDAY_NINE, title="Moment")

    replace_blocked(source, "a", [event(0), event(0), instant])

    assert titles(source) == [("a", "Day 0")]


def test_texts_too_long_or_with_a_nul_are_made_storable(source: BusySource) -> None:
    span = BlockedSpan(MONDAY_NINE, MONDAY_NINE + HOUR, title="x\0" * 400, uid="u" * 400)

    replace_blocked(source, "a", [span])
    first = BlockedSlot.objects.get()
    replace_blocked(source, "a", [span])

    assert (first.title, first.uid) == ("x" * 400, "u" * 300)
    assert BlockedSlot.objects.get().pk == first.pk


@pytest.mark.parametrize("events", [20, 400])
def test_a_first_sync_takes_queries_by_the_batch_not_by_the_event(
    source: BusySource, django_assert_max_num_queries: DjangoAssertNumQueries, events: int
) -> None:
    spans = {str(number): [event(number % 50)] for number in range(events)}

    with django_assert_max_num_queries(3 + 5 + 2):  # SQLite inserts 83 rows at a time
        replace_many(source, spans)

    assert BlockedSlot.objects.count() == events


def test_more_events_than_one_batch_are_all_written(source: BusySource) -> None:
    replace_many(source, {str(number): [event(0)] for number in range(1100)})
    replace_many(source, {str(number): [event(1)] for number in range(1100)})

    assert BlockedSlot.objects.filter(title="Day 1").count() == 1100
    assert BlockedSlot.objects.count() == 1100


def test_of_a_deleted_event_future_busy_time_is_kept_and_labelled(source: BusySource) -> None:
    past = BlockedSpan(NOW - HOUR, NOW, title="Past")
    running = BlockedSpan(NOW - HOUR, NOW + HOUR, title="Running")
    replace_many(source, {"a": [past, running, event(1), event(2, is_busy=False)], "b": [event(0)]})

    keep_deleted(source, ["a"], now=NOW)

    kept = BlockedSlot.objects.filter(deleted_remotely_at=NOW).order_by("starts_at")
    assert list(kept.values_list("title", flat=True)) == ["Running", "Day 1"]
    assert titles(source) == [("a", "Running"), ("a", "Day 1"), ("b", "Day 0")]


def test_the_label_tells_when_it_was_deleted_first(source: BusySource) -> None:
    replace_blocked(source, "a", [event(1)])

    keep_deleted(source, ["a"], now=NOW)
    keep_deleted(source, ["a"], now=NOW + HOUR)

    assert BlockedSlot.objects.get().deleted_remotely_at == NOW


def test_an_event_that_comes_back_loses_its_label(source: BusySource) -> None:
    replace_blocked(source, "a", [event(1)])
    keep_deleted(source, ["a"], now=NOW)

    replace_blocked(source, "a", [event(1)])

    assert BlockedSlot.objects.get().deleted_remotely_at is None


def test_what_was_kept_of_an_event_goes_when_it_reappears_in_any_calendar_of_its_user(
    tenant: Tenant, source: BusySource
) -> None:
    for user, key in ((tenant.owner, "a"), (tenant.mate, "b")):
        feed = source if user == tenant.owner else make_source(user, tenant.sub_account)
        replace_blocked(feed, key, [event(1)])
        keep_deleted(feed, [key], now=NOW)
    other_calendar = make_source(tenant.owner, tenant.sub_account)
    replace_blocked(other_calendar, "c", [event(2)])

    release_reappeared(other_calendar, ["u", ""])

    left = BlockedSlot.objects.order_by("key").values_list("key", flat=True)
    assert list(left) == ["b", "c"]


def test_forgotten_keys_leave_nothing(source: BusySource) -> None:
    replace_many(source, {"a": [event(0)], "b": [event(0)], "c": [event(0)]})

    forget(source, ["a", "b"])

    assert titles(source) == [("c", "Day 0")]
