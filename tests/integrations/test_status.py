from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import SubAccount
from calendars.models import BusySource
from integrations.models import Connection, RemoteAccount, RemoteCalendar, RemoteEvent, SyncRun
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import record_listing
from integrations.services.overview import connections_of, panel_of, status_of
from integrations.services.proving import KEY_LOST, REFUSED
from integrations.services.status import (
    ENTERED,
    FETCHED,
    ConnectionStatus,
    Progress,
    Skipped,
    describe,
    describe_calendar,
    why_not_asked,
)
from tests.conftest import Tenant
from tests.integrations.conftest import listing

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
State, Problem = Connection.State, Connection.Problem


def minutes_ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def a_connection(**fields: object) -> Connection:
    return Connection(**{"synced_at": minutes_ago(3), **fields})


def test_connected_says_when_it_was_synced_last() -> None:
    assert describe(a_connection(), NOW) == ConnectionStatus(
        "ok", "Connected", since_label="Last synced", since=minutes_ago(3)
    )


@pytest.mark.parametrize(
    ("connection", "is_running"),
    [(a_connection(), True), (a_connection(synced_at=None), False)],
)
def test_being_read_is_syncing_and_worth_another_look(
    connection: Connection, *, is_running: bool
) -> None:
    status = describe(connection, NOW, is_running=is_running)

    assert (status.kind, status.headline, status.is_moving) == ("busy", "Syncing", True)


@pytest.mark.parametrize(
    ("minutes", "kind", "headline"),
    [(29, "busy", "Trying again"), (30, "warn", "iCloud unreachable")],
)
def test_half_an_hour_without_icloud_is_a_warning(minutes: int, kind: str, headline: str) -> None:
    connection = a_connection(
        problem=Problem.UNREACHABLE, failing_since=minutes_ago(minutes), synced_at=None
    )

    status = describe(connection, NOW)

    assert (status.kind, status.headline) == (kind, headline)
    assert (status.since_label, status.since) == ("since", minutes_ago(minutes))
    assert not status.is_moving


@pytest.mark.parametrize(
    ("problem", "detail"),
    [
        (Problem.REFUSED, REFUSED),
        (Problem.KEY_LOST, KEY_LOST),
        (Problem.LOST, "iCloud no longer shows this account's calendars, or one of them."),
    ],
)
def test_needing_a_new_password_says_why_and_what_to_do(
    problem: Connection.Problem, detail: str
) -> None:
    connection = a_connection(
        state=State.NEEDS_RECONNECT, problem=problem, failing_since=minutes_ago(5)
    )

    status = describe(connection, NOW)

    assert (status.kind, status.headline, status.detail) == ("error", "Needs reconnecting", detail)
    assert "Replace password" in status.remedy


def test_a_first_refusal_warns_at_once_and_says_it_is_tried_once_more() -> None:
    connection = a_connection(problem=Problem.REFUSED, failing_since=NOW)

    status = describe(connection, NOW)

    assert (status.kind, status.headline) == ("warn", "Password refused")
    assert "tries once more within the hour" in status.detail


def test_a_lost_key_needs_reconnecting_whatever_the_state() -> None:
    assert describe(a_connection(problem=Problem.KEY_LOST), NOW).headline == "Needs reconnecting"


@pytest.mark.parametrize(
    ("state", "headline"), [(State.PAUSED, "Paused"), (State.DISCONNECTED, "Disconnected")]
)
def test_rest_is_no_warning(state: Connection.State, headline: str) -> None:
    status = describe(a_connection(state=state, problem=Problem.UNREACHABLE), NOW)

    assert (status.kind, status.headline) == ("muted", headline)


@pytest.mark.parametrize(
    ("fields", "retry_at", "words"),
    [
        ({}, None, ""),
        ({}, minutes_ago(1), ""),
        ({}, NOW + timedelta(minutes=1), "asked Daybook to wait"),
        ({"state": State.PAUSED}, None, "paused"),
        ({"state": State.NEEDS_RECONNECT}, None, "Replace password"),
        ({"problem": Problem.REFUSED}, None, "Replace password"),
    ],
)
def test_icloud_is_not_asked_where_that_does_harm(
    fields: dict[str, object], retry_at: datetime | None, words: str
) -> None:
    connection = a_connection(remote_account=RemoteAccount(retry_at=retry_at), **fields)

    reason = why_not_asked(connection, NOW)

    assert words in reason
    assert bool(words) == bool(reason)


def a_calendar(
    read_at: datetime | None, state: str = "connected", **fields: object
) -> RemoteCalendar:
    sub_account = SubAccount(stale_after=timedelta(hours=24))
    connection = a_connection(sub_account=sub_account, state=state)
    source = BusySource(last_read_at=read_at)
    return RemoteCalendar(**{"connection": connection, "busy_source": source, **fields})


@pytest.mark.parametrize(
    ("calendar", "kind", "text"),
    [
        (a_calendar(minutes_ago(24 * 60)), "ok", "Read"),
        (a_calendar(minutes_ago(24 * 60 + 1)), "warn", "Out of date"),
        (a_calendar(None), "busy", "Being read, not bookable yet"),
        (a_calendar(NOW, missing_since=NOW), "warn", "Gone from iCloud"),
        (a_calendar(NOW, doubted_since=NOW), "warn", "Many events vanished"),
        (a_calendar(NOW, kind=RemoteCalendar.Kind.SUBSCRIBED), "error", "Not readable"),
        (a_calendar(NOW, busy_source=None), "muted", "Not read"),
        (a_calendar(None, state="paused"), "warn", "Not read yet"),
        (a_calendar(None, state="needs_reconnect"), "warn", "Not read yet"),
        (a_calendar(NOW, state="paused"), "ok", "Read"),
    ],
)
def test_a_calendar_says_how_well_it_is_read(
    calendar: RemoteCalendar, kind: str, text: str
) -> None:
    status = describe_calendar(calendar, NOW)

    assert (status.kind, status.text) == (kind, text)


def test_the_panel_counts_events_and_says_what_was_skipped_and_why(
    tenant: Tenant, connection: Connection
) -> None:
    record_listing(connection, [listing("/1/work/", "Work")], now=NOW)
    calendar = connection.calendars.get()
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), calendar)
    parses = [("ok", ""), ("ok", ""), ("partial", "Odd zone."), ("unreadable", "")]
    for number, (state, problem) in enumerate([*parses, ("partial", "Odd zone.")]):
        RemoteEvent.objects.create(
            remote_calendar=calendar,
            href=f"/1/work/{number}.ics",
            etag='"1"',
            parse_state=state,
            problem=problem,
        )

    panel = panel_of(tenant.owner, tenant.sub_account, NOW)

    assert panel.linked is not None
    assert panel.linked.events == 5
    assert panel.linked.skipped == (Skipped(2, "Odd zone."), Skipped(1, "Not readable"))
    assert panel.linked_blocks
    assert panel.conflicts == (panel.linked,)


@pytest.mark.parametrize(
    ("fetched", "left", "progress"),
    [
        (0, 0, None),
        (2, 3, Progress(2, 5, FETCHED)),
        (3, 0, Progress(1, 3, ENTERED)),
    ],
)
def test_a_first_reading_says_how_far_it_has_come(
    tenant: Tenant,
    connection: Connection,
    fetched: int,
    left: int,
    progress: Progress | None,
) -> None:
    record_listing(connection, [listing("/1/work/", "Work")], now=NOW)
    RemoteCalendar.objects.update(unread=left)
    for number in range(fetched):
        RemoteEvent.objects.create(
            remote_calendar=connection.calendars.get(),
            href=f"/1/work/{number}.ics",
            etag='"1"',
            is_applied=number == 0,
        )

    assert status_of(connection, NOW).progress == progress

    Connection.objects.update(synced_at=NOW)
    connection.refresh_from_db()
    assert status_of(connection, NOW).progress is None


@pytest.mark.parametrize(("minutes", "headline"), [(1, "Syncing"), (3, "Connected")])
def test_a_sync_that_never_ended_is_not_taken_for_one_under_way(
    tenant: Tenant, connection: Connection, minutes: int, headline: str
) -> None:
    Connection.objects.update(synced_at=minutes_ago(10))
    SyncRun.objects.create(connection=connection, started_at=minutes_ago(minutes))

    (overview,) = connections_of(tenant.owner, tenant.sub_account, NOW)

    assert overview.status.headline == headline


def test_the_lists_take_the_same_number_of_queries_however_long(
    tenant: Tenant, connection: Connection, django_assert_num_queries: object
) -> None:
    names = ["a", "b", "c"]
    for count in (1, 3):
        record_listing(connection, [listing(f"/1/{name}/") for name in names[:count]], now=NOW)
        with django_assert_num_queries(5):  # type: ignore[operator]
            connections_of(tenant.owner, tenant.sub_account, NOW)
