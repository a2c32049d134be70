from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client

from accounts.models import User
from integrations.models import Connection, SyncRun
from integrations.services.past_syncs import PastSync, history_of
from tests.conftest import Tenant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Result = SyncRun.Result


def ran(connection: Connection, minute: int, **fields: object) -> datetime:
    began = NOON + timedelta(minutes=minute)
    values = {"result": Result.DONE, "finished_at": began + timedelta(seconds=2.5), "requests": 1}
    SyncRun.objects.create(connection=connection, started_at=began, **{**values, **fields})
    return began


def test_past_syncs_are_told_newest_first_without_those_that_found_nothing(
    connection: Connection,
) -> None:
    first = ran(connection, 0, events_changed=3, events_gone=1, requests=4)
    ran(connection, 3)
    failed = ran(connection, 6, result=Result.FAILED, problem="iCloud could not be reached.")
    compared = ran(connection, 9, events_changed=1, drift=1)
    running = ran(connection, 12, result=Result.RUNNING, finished_at=None, requests=0)

    assert history_of(connection) == [
        PastSync(running, "busy", "Under way", 0, None),
        PastSync(
            compared,
            "ok",
            "1 event new or changed, 1 of these found only by comparing everything",
            1,
            2.5,
        ),
        PastSync(failed, "error", "iCloud could not be reached.", 1, 2.5),
        PastSync(first, "ok", "3 events new or changed, 1 event gone", 4, 2.5),
    ]


def test_all_of_them_are_told_on_request(connection: Connection) -> None:
    quiet = ran(connection, 3)

    assert history_of(connection) == []
    assert history_of(connection, everything=True) == [
        PastSync(quiet, "muted", "Nothing new", 1, 2.5)
    ]


def test_the_page_says_when_in_the_readers_zone_and_what_is_empty(
    tenant: Tenant, connection: Connection, signed_in: Callable[[User], Client]
) -> None:
    page = f"/s/riverside/settings/calendars/connections/{connection.pk}/history/"
    owner = signed_in(tenant.owner)

    assert "Nothing has been synced yet" in owner.get(f"{page}?all").content.decode()

    ran(connection, 0)
    assert "No changes and no problems" in owner.get(page).content.decode()

    ran(connection, 1, events_changed=2)
    shown = owner.get(page).content.decode()
    assert "2 Mar, 13:01:00" in shown
    assert "2 events new or changed" in shown
