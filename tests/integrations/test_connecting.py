import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections as databases
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from calendars.models import BlockedSlot, BusySource
from integrations.caldav.discovery import CalendarKind
from integrations.caldav.errors import Reason, Unreachable
from integrations.models import (
    CalendarConfiguration,
    ConflictCalendar,
    Connection,
    MirroredEvent,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.services import leasing
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import (
    AlreadyConnected,
    AnotherAccount,
    BeingRead,
    connect,
    record_listing,
    refresh_calendars,
    replace_password,
)
from integrations.services.disconnecting import disconnect, pause, resume
from integrations.services.proving import (
    FOREIGN,
    NO_CALENDARS,
    OTHER_FORM,
    REFUSED,
    WORDS,
    NotProved,
    canonical_password,
    explain,
    is_app_specific,
)
from tests.conftest import Tenant
from tests.fakes.radicale_server import RadicaleServer
from tests.fakes.scripted import Reply, ScriptedServer
from tests.integrations.conftest import MakeAccount, listing, named, play_icloud
from tests.integrations.scripts import WEB_PAGE, WITHOUT_HOME, discovery
from tests.passwords import APPLE_IDS_OWN, PASSWORD, SECOND, WRONG

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def saved() -> tuple[int, int, int, int]:
    return (
        RemoteAccount.objects.count(),
        Connection.objects.count(),
        RemoteCalendar.objects.count(),
        OrmQ.objects.count(),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "qwer-tyui-opas-dfgh",
        " qwer tyui opas dfgh\n",
        "qwertyuiopasdfgh",
        "QWER–TYUI—OPAS‑DFGH",
        "qwer\N{NO-BREAK SPACE}tyui\N{NO-BREAK SPACE}opas−dfgh\N{ZERO WIDTH SPACE}",
    ],
)
def test_an_app_specific_password_is_known_however_it_was_copied(typed: str) -> None:
    assert canonical_password(typed) == PASSWORD
    assert is_app_specific(typed)


@pytest.mark.parametrize("typed", [APPLE_IDS_OWN, "abcd-efgh-ijkl", "abcd-efgh-ijkl-mno1"])
def test_any_other_password_is_left_as_typed(typed: str) -> None:
    assert canonical_password(f" {typed} ") == typed
    assert not is_app_specific(typed)


def test_connecting_takes_three_requests_and_saves_everything_found(
    tenant: Tenant, apple: MakeAccount, icloud: RadicaleServer
) -> None:
    ana = apple("ana")
    ana.read_only_calendar("team", "Team")
    ana.subscription("holidays", "Holidays")
    ana.reminders("tasks", "Reminders")

    connection = connect(
        user=tenant.owner,
        sub_account=tenant.sub_account,
        apple_id=f"  {ana.name.upper()} ",
        password="qwer tyui opas dfgh",
    )

    assert [method for method, _ in icloud.requests] == ["PROPFIND"] * 3
    assert connection.account_name == ana.name
    assert connection.state == Connection.State.CONNECTED
    assert Connection.objects.get(pk=connection.pk).secret == PASSWORD
    facts = connection.calendars.order_by("name").values_list("name", "kind", "can_write")
    assert list(facts) == [
        ("Holidays", "subscribed", True),
        ("Home", "events", True),
        ("Reminders", "reminders", True),
        ("Team", "events", False),
        ("Work", "events", True),
    ]
    assert OrmQ.objects.count() == 1


def test_the_password_lies_encrypted_in_the_database(tenant: Tenant, apple: MakeAccount) -> None:
    connection = apple("ana").connected(tenant.owner, tenant.sub_account)

    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_connection WHERE id = %s", [connection.pk])
        stored = bytes(cursor.fetchone()[0])

    assert stored
    assert PASSWORD.encode() not in stored


@pytest.mark.parametrize(
    ("password", "words"),
    [(WRONG, REFUSED), (APPLE_IDS_OWN, f"{OTHER_FORM} {REFUSED}")],
)
def test_a_refused_password_saves_nothing_and_says_what_to_do(
    tenant: Tenant, apple: MakeAccount, icloud: RadicaleServer, password: str, words: str
) -> None:
    ana = apple("ana")

    with pytest.raises(NotProved) as refusal:
        connect(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            apple_id=ana.name,
            password=password,
        )

    assert str(refusal.value) == words
    assert len(icloud.requests) == 1
    assert saved() == (0, 0, 0, 0)


FOREIGN_REDIRECT = Reply(301, b"", {"Location": "https://icloud.example.com/"})


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ([WEB_PAGE], WORDS[Reason.NOT_CALDAV]),
        ([FOREIGN_REDIRECT], FOREIGN),
        (WITHOUT_HOME, NO_CALENDARS),
        ([Reply(403)], NO_CALENDARS),
        ([Reply(500)], WORDS[Reason.SERVER_ERROR]),
        ([Reply(reset="after")], WORDS[Reason.CONNECTION]),
        (
            [Reply(503, b"", {"Retry-After": "600"})],
            "iCloud is busy and asks to wait. Try again in 10 minutes.",
        ),
        (
            [Reply(429)],
            "iCloud is busy and asks to wait. Try again in a minute or two.",
        ),
    ],
)
def test_each_failure_saves_nothing_and_has_its_own_words(
    tenant: Tenant, settings: Settings, replies: list[Reply], words: str
) -> None:
    with ScriptedServer(*replies) as server:
        play_icloud(settings, server.origin)
        with pytest.raises(NotProved) as refusal:
            connect(
                user=tenant.owner,
                sub_account=tenant.sub_account,
                apple_id="ana@icloud.com",
                password=PASSWORD,
            )

    assert str(refusal.value) == words
    assert saved() == (0, 0, 0, 0)


def test_a_server_that_drips_is_given_up_in_time(tenant: Tenant, settings: Settings) -> None:
    begun = time.monotonic()

    with ScriptedServer(Reply(207, b"<" * 500, drip=0.1)) as server:
        play_icloud(settings, server.origin)
        with pytest.raises(NotProved) as refusal:
            connect(
                user=tenant.owner,
                sub_account=tenant.sub_account,
                apple_id="ana@icloud.com",
                password=PASSWORD,
            )

    assert str(refusal.value) == WORDS[Reason.TIMEOUT]
    assert time.monotonic() - begun < 10
    assert saved() == (0, 0, 0, 0)


def test_an_unproved_server_is_said_not_to_have_got_the_password() -> None:
    assert "the password was not sent" in explain(Unreachable(Reason.TLS), PASSWORD)


def test_nobody_listening_is_said_so(tenant: Tenant, settings: Settings) -> None:
    play_icloud(settings, "http://127.0.0.1:9")

    with pytest.raises(NotProved) as refusal:
        connect(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            apple_id="ana@icloud.com",
            password="pässword ünicode 密码",
        )

    assert str(refusal.value) == WORDS[Reason.CONNECTION]
    assert saved() == (0, 0, 0, 0)


def test_the_same_account_by_another_address_is_refused(tenant: Tenant, settings: Settings) -> None:
    with ScriptedServer(*discovery(), *discovery()) as server:
        play_icloud(settings, server.origin)
        first = connect(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            apple_id="ana@icloud.com",
            password=PASSWORD,
        )
        with pytest.raises(AlreadyConnected) as refusal:
            connect(
                user=tenant.owner,
                sub_account=tenant.sub_account,
                apple_id="ana@me.com",
                password=PASSWORD,
            )

    assert "as ana@icloud.com" in str(refusal.value)
    assert list(Connection.objects.all()) == [first]
    assert first.remote_account.addresses == ["mailto:ana@icloud.com", "mailto:ana@me.com"]


def test_several_accounts_and_several_people_and_sub_accounts_are_fine(
    tenant: Tenant, other_tenant: Tenant, apple: MakeAccount
) -> None:
    ana, bea = apple("ana"), apple("bea")

    ana.connected(tenant.owner, tenant.sub_account)
    bea.connected(tenant.owner, tenant.sub_account)
    ana.connected(tenant.mate, tenant.sub_account)
    ana.connected(other_tenant.owner, other_tenant.sub_account)

    assert Connection.objects.count() == 4
    assert RemoteAccount.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_connecting_twice_at_the_same_moment_leaves_one_connection(
    tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    together = Barrier(2)
    outcomes: list[str] = []

    def try_it() -> None:
        together.wait()
        try:
            ana.connected(tenant.owner, tenant.sub_account)
            outcomes.append("connected")
        except AlreadyConnected:
            outcomes.append("refused")
        finally:
            databases.close_all()

    threads = [Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["connected", "refused"]
    assert Connection.objects.count() == 1


def test_connecting_again_after_disconnecting_brings_the_same_rows_back(
    tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    before = ana.connected(tenant.owner, tenant.sub_account)
    calendars = set(before.calendars.values_list("pk", flat=True))
    disconnect(before)

    after = ana.connected(tenant.owner, tenant.sub_account)

    assert after.pk == before.pk
    assert after.state == Connection.State.CONNECTED
    assert set(after.calendars.values_list("pk", flat=True)) == calendars


def test_a_new_password_keeps_every_choice(tenant: Tenant, apple: MakeAccount) -> None:
    ana = apple("ana")
    connection = ana.connected(tenant.owner, tenant.sub_account)
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    choose_linked(configuration, named(connection, "Work"))
    Connection.objects.update(
        state=Connection.State.NEEDS_RECONNECT,
        problem=Connection.Problem.REFUSED,
        failing_since=NOW,
        failures=2,
    )
    ana.server.add_user(ana.name, SECOND)
    OrmQ.objects.all().delete()

    replace_password(connection, SECOND.replace("-", ""))

    now = Connection.objects.get(pk=connection.pk)
    assert (now.state, now.problem, now.failing_since, now.failures) == ("connected", "", None, 0)
    assert now.secret == SECOND
    configuration.refresh_from_db()
    assert configuration.linked_calendar == named(connection, "Work")
    assert ConflictCalendar.objects.count() == 1
    assert OrmQ.objects.count() == 1


def test_a_refused_new_password_changes_nothing(tenant: Tenant, apple: MakeAccount) -> None:
    connection = apple("ana").connected(tenant.owner, tenant.sub_account)

    with pytest.raises(NotProved):
        replace_password(connection, WRONG)

    assert Connection.objects.get(pk=connection.pk).secret == PASSWORD


def test_a_new_password_can_come_with_another_address_of_the_account(
    tenant: Tenant, settings: Settings
) -> None:
    with ScriptedServer(*discovery(), *discovery()) as server:
        play_icloud(settings, server.origin)
        connection = connect(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            apple_id="ana@icloud.com",
            password=PASSWORD,
        )
        replace_password(connection, SECOND, apple_id=" Ana@Me.com\u200b")

    row = Connection.objects.get()
    assert (row.account_name, row.secret) == ("ana@me.com", SECOND)


def test_the_password_of_another_account_is_not_taken(
    connection: Connection, settings: Settings
) -> None:
    with ScriptedServer(*discovery("999")) as server:
        play_icloud(settings, server.origin)
        with pytest.raises(AnotherAccount):
            replace_password(connection, SECOND)

    assert Connection.objects.get(pk=connection.pk).secret == PASSWORD


def test_refreshing_finds_new_calendars_and_notes_missing_ones(
    tenant: Tenant, apple: MakeAccount
) -> None:
    ana = apple("ana")
    connection = ana.connected(tenant.owner, tenant.sub_account)
    ana.calendar("gym", "Gym")
    ana.server.delete(f"{ana.home}home/")

    refresh_calendars(Connection.objects.get(pk=connection.pk))

    missing = {row.name: row.missing_since is not None for row in connection.calendars.all()}
    assert missing == {"Gym": False, "Home": True, "Work": False}


def test_refreshing_waits_its_turn(tenant: Tenant, apple: MakeAccount) -> None:
    connection = apple("ana").connected(tenant.owner, tenant.sub_account)
    leasing.take(connection.remote_account)

    with pytest.raises(BeingRead):
        refresh_calendars(connection)


def test_a_refusal_while_refreshing_is_remembered(
    tenant: Tenant, apple: MakeAccount, icloud: RadicaleServer
) -> None:
    ana = apple("ana")
    connection = ana.connected(tenant.owner, tenant.sub_account)
    ana.server.add_user(ana.name, SECOND)

    with pytest.raises(NotProved):
        refresh_calendars(connection)

    connection.refresh_from_db()
    assert connection.problem == Connection.Problem.REFUSED
    assert connection.state == Connection.State.CONNECTED
    assert leasing.take(connection.remote_account) is not None


def test_a_listing_is_recorded_by_path(connection: Connection) -> None:
    record_listing(connection, [listing("/1/a/"), listing("/1/b/", "Work")], now=NOW)
    first = connection.calendars.get(path="/1/a/")

    record_listing(
        connection,
        [listing("/1/b/", "Job", can_write=None, kind=CalendarKind.SUBSCRIBED, is_shared=True)],
        now=NOW,
    )
    first.refresh_from_db()
    second = connection.calendars.get(path="/1/b/")

    assert first.missing_since == NOW
    assert (second.name, second.can_write, second.kind) == ("Job", None, "subscribed")
    assert second.is_shared


def test_a_calendar_that_comes_back_is_the_one_it_was(connection: Connection) -> None:
    record_listing(connection, [listing("/1/a/")], now=NOW)
    before = connection.calendars.get()
    record_listing(connection, [], now=NOW)

    record_listing(connection, [listing("/1/a/")], now=timezone.now())

    assert connection.calendars.get() == before
    assert connection.calendars.get().missing_since is None


def test_missing_since_is_when_it_was_first_missed(connection: Connection) -> None:
    record_listing(connection, [listing("/1/a/")], now=NOW)
    record_listing(connection, [], now=NOW)

    record_listing(connection, [], now=timezone.now())

    assert connection.calendars.get().missing_since == NOW


def test_a_renamed_calendar_renames_its_feed(connection: Connection, tenant: Tenant) -> None:
    record_listing(connection, [listing("/1/a/", "Work")], now=NOW)
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), connection.calendars.get())

    record_listing(connection, [listing("/1/a/", "Job")], now=NOW)

    assert BusySource.objects.get().name == "Job"


def test_recording_an_unchanged_listing_writes_nothing(
    connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    calendars = [listing(f"/1/{number}/") for number in range(5)]
    record_listing(connection, calendars, now=NOW)

    with django_assert_num_queries(3):  # begin, read, commit
        record_listing(connection, calendars, now=NOW)


def test_pausing_asks_nothing_more(connection: Connection) -> None:
    pause(connection)

    assert Connection.objects.get().state == Connection.State.PAUSED
    assert OrmQ.objects.count() == 0


def test_resuming_goes_on_at_once(connection: Connection) -> None:
    pause(connection)

    resume(connection)

    assert Connection.objects.get().state == Connection.State.CONNECTED
    assert OrmQ.objects.count() == 1


def test_resuming_asks_no_sooner_where_apple_refused_the_password(connection: Connection) -> None:
    asked_again = timezone.now() + timedelta(minutes=50)
    Connection.objects.update(problem=Connection.Problem.REFUSED, next_poll_at=asked_again)
    pause(connection)

    resume(connection)

    row = Connection.objects.get()
    assert (row.state, row.next_poll_at) == (Connection.State.CONNECTED, asked_again)
    assert OrmQ.objects.count() == 0


def test_resuming_does_not_revive_what_needs_a_password(connection: Connection) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)

    resume(connection)

    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT


def test_disconnecting_erases_the_secret_the_choices_and_what_was_read(
    tenant: Tenant, connection: Connection
) -> None:
    record_listing(connection, [listing("/1/a/"), listing("/1/b/", "Work")], now=NOW)
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    choose_linked(configuration, named(connection, "Work"))
    read = named(connection, "Work")
    RemoteCalendar.objects.filter(pk=read.pk).update(sync_token="token", poll_marker="1")
    RemoteEvent.objects.create(remote_calendar=read, href="/1/b/1.ics", etag='"1"')
    for source in (read.busy_source, None):
        BlockedSlot.objects.create(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            source=source,
            starts_at=NOW,
            ends_at=NOW.replace(hour=13),
        )

    disconnect(connection)

    gone = Connection.objects.get(pk=connection.pk)
    assert (gone.secret, gone.state) == ("", "disconnected")
    assert CalendarConfiguration.objects.get().linked_calendar is None
    assert ConflictCalendar.objects.count() == 0
    assert BusySource.objects.count() == 0
    assert RemoteEvent.objects.count() == 0
    assert set(gone.calendars.values_list("sync_token", "poll_marker")) == {("", "")}
    assert BlockedSlot.objects.get().source is None
    assert MirroredEvent.objects.count() == 0
