"""Connection health in Django admin, and its actions."""

from typing import Any

from django.db import connection as database
from django.test import Client
from django_q.models import OrmQ

from integrations.models import (
    Connection,
    MirroredEvent,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
    SyncRun,
)
from tests.architecture.admin_pages import page
from tests.architecture.world import World

CONNECTIONS = "/admin/integrations/connection/"


def run(client: Client, action: str, *connections: Connection, **extra: str) -> Any:
    chosen = [connection.pk for connection in connections]
    return client.post(
        CONNECTIONS, {"action": action, "_selected_action": chosen, **extra}, follow=True
    )


def state_of(connection: Connection) -> str:
    return str(Connection.objects.get(pk=connection.pk).state)


def test_connection_health_is_seen_at_a_glance(world: World, admin: Client) -> None:
    Connection.objects.filter(pk=world.rows[Connection].pk).update(
        state=Connection.State.NEEDS_RECONNECT, problem=Connection.Problem.REFUSED
    )

    listed = admin.get(CONNECTIONS).content.decode()
    front = admin.get("/admin/").content.decode()

    assert "Needs reconnecting" in listed
    assert "app-specific password" in listed
    assert "Needs reconnecting: Apple refused" in front
    assert "?state__exact=needs_reconnect&amp;problem__exact=refused" in front
    narrowed = admin.get(f"{CONNECTIONS}?state__exact=needs_reconnect&problem__exact=refused")
    assert [row.pk for row in narrowed.context["cl"].queryset] == [world.rows[Connection].pk]


def test_connections_are_synced_paused_resumed_and_disconnected(
    world: World, admin: Client
) -> None:
    connection = world.rows[Connection]

    run(admin, "sync_now", connection)
    assert OrmQ.objects.count() == 1

    run(admin, "pause", connection)
    assert state_of(connection) == "paused"

    run(admin, "resume", connection)
    assert state_of(connection) == "connected"

    asked = run(admin, "disconnect", connection).content.decode()
    assert "Disconnect these connections?" in asked
    assert state_of(connection) == "connected"

    run(admin, "disconnect", connection, confirmed="yes")
    current = Connection.objects.get(pk=connection.pk)
    assert (current.state, current.secret) == ("disconnected", "")


def test_a_paused_connection_is_not_synced_and_the_page_says_why(
    world: World, admin: Client
) -> None:
    Connection.objects.filter(pk=world.rows[Connection].pk).update(state="paused")

    answer = run(admin, "sync_now", world.rows[Connection])

    assert "This connection is paused" in answer.content.decode()
    assert OrmQ.objects.count() == 0


def test_a_lost_key_breaks_no_page_of_the_admin(world: World, admin: Client) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE integrations_connection SET secret = %s", [b"not to be decrypted"])

    models = (Connection, RemoteAccount, RemoteCalendar, RemoteEvent, SyncRun, MirroredEvent)
    urls = [page(model, "changelist") for model in models]
    urls += [page(model, "change", world.rows[model].pk) for model in models]

    assert {url: admin.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)
