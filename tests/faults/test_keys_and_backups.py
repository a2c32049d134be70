"""Faults 32 and 34: keys that are lost, and a database from yesterday."""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection as database
from django.db import transaction

from calendars.models import Appointment, BlockedSlot
from calendars.services.cancelling import cancel
from integrations.models import Connection, RemoteEvent, SyncRun
from integrations.services.connecting import replace_password
from tests.faults.play import Play, start_of

HOURS = timedelta(hours=1)


def test_fault_32_a_secret_tampered_with_stops_that_connection_only(play: Play) -> None:
    play.they_put("known", 9)
    play.sync()
    path, other = play.another_account()
    play.icloud.put(f"{path}a.ics", play.event("a", 11))
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_connection SET secret = %s WHERE id = %s",
            [b"gAAAAABtampered", play.connection.pk],
        )
    play.icloud.clear()

    for _ in range(3):
        play.time_passes(HOURS)

    assert play.state == ("needs_reconnect", "key_lost")
    assert {entry.user for entry in play.icloud.log} == {other.account_name}
    assert sorted(BlockedSlot.objects.values_list("starts_at__hour", flat=True)) == [9, 11]
    replace_password(Connection.objects.get(pk=play.connection.pk), play.account.password)
    play.settle()
    play.check()


def test_fault_34_a_database_from_yesterday_deletes_nothing_and_writes_nothing_twice(
    play: Play,
) -> None:
    play.they_put("old", 9)
    gone = play.they_put("gone", 11)
    play.book(10)
    play.deliver()
    play.sync()
    yesterday = transaction.savepoint()
    play.they_delete(gone)
    play.they_put("new", 13)
    play.book(14)
    play.deliver()
    play.sync()
    before = play.ours()
    play.icloud.clear()

    transaction.savepoint_rollback(yesterday)
    play.sync()
    play.settle()

    assert play.writes() == []
    assert play.ours() == before
    # What was booked since is known to iCloud alone, and keeps its host from being booked again.
    assert Appointment.objects.count() == 1
    assert sorted(start_of(text).hour for text in before.values()) == [10, 14]
    assert [play.offered(hour) for hour in (9, 10, 13, 14)] == [False] * 4
    play.check_safety_of_theirs()


def test_fault_34_tokens_newer_than_the_database_are_no_trouble(play: Play) -> None:
    play.they_put("old", 9)
    play.sync()
    yesterday = transaction.savepoint()
    play.they_put("new", 11, to=play.home)
    play.sync()
    play.icloud.expire_tokens()

    transaction.savepoint_rollback(yesterday)
    play.settle()

    play.check()
    play.check_blocked()


def test_fault_34_a_write_of_which_only_the_intent_was_kept_is_recognised(play: Play) -> None:
    play.book(10)
    play.icloud.stop_process()
    play.deliver()  # the intent is written, nothing arrives
    play.icloud.restart_process()
    yesterday = transaction.savepoint()
    play.time_passes(HOURS)
    assert play.writes().count("PUT") == 2

    transaction.savepoint_rollback(yesterday)
    play.settle()

    assert [start_of(text).hour for text in play.ours().values()] == [10]
    play.check()


def test_fault_34_a_database_older_than_the_first_write_finds_its_own_event(play: Play) -> None:
    appointment = play.book(10)
    yesterday = transaction.savepoint()
    play.deliver()
    play.sync()
    [before] = play.ours()
    play.icloud.clear()

    transaction.savepoint_rollback(yesterday)
    play.sync()
    play.settle()

    assert list(play.ours()) == [before]
    assert play.copy(appointment) == ("written", "")
    play.check()


def test_fault_34_names_of_later_generations_are_found_again_as_well(play: Play) -> None:
    appointment = play.book(10)
    play.deliver()
    yesterday = transaction.savepoint()
    [first] = play.ours()
    play.icloud.delete(first)
    play.sync()
    play.sync()
    play.rename_and_want(appointment, "Long call")
    play.deliver()
    [second] = play.ours()
    assert first != second

    transaction.savepoint_rollback(yesterday)
    play.rename_and_want(appointment, "Long call")
    play.settle()

    assert list(play.ours()) == [second]
    play.check()


def reconciled() -> list[str]:
    told = StringIO()
    call_command("reconcile", stdout=told)
    return told.getvalue().splitlines()


def test_fault_34_what_differs_after_a_restore_is_listed(play: Play) -> None:
    kept, cancelled = play.book(9), play.book(11)
    play.deliver()
    play.sync()
    [gone] = [path for path, text in play.ours().items() if start_of(text).hour == 11]
    yesterday = transaction.savepoint()
    cancel(cancelled, by=play.tenant.owner)
    play.book(14)
    play.deliver()
    play.they_put("new", 16)
    [lost] = [path for path, text in play.ours().items() if start_of(text).hour == 14]
    before, theirs = play.ours(), dict(play.theirs)
    play.icloud.clear()

    transaction.savepoint_rollback(yesterday)
    first, *rest = reconciled()

    assert first.endswith("2 changed, 1 gone")
    assert rest == [
        f"  of no appointment known here: {start_of(before[lost]):%Y-%m-%d %H:%M} UTC, {lost}",
        f"  an appointment's event is not there: {gone}",
    ]
    play.settle()
    assert (play.writes(), play.ours(), play.theirs) == ([], before, theirs)
    assert play.copy(kept) == ("written", "")
    assert play.copy(cancelled)[0] == "deleted"
    assert not play.offered(14)
    assert reconciled()[1:] == rest


def test_once_a_week_everything_is_compared_whatever_icloud_says(play: Play) -> None:
    path = play.they_put("known", 9, to=play.home)
    play.sync()
    RemoteEvent.objects.filter(href=path).delete()  # a fact that got lost, whoever lost it
    BlockedSlot.objects.all().delete()

    play.time_passes(timedelta(days=6))
    assert play.blocked() == []
    play.time_passes(timedelta(days=2))

    assert play.blocked() == [9]
    assert SyncRun.objects.filter(drift=1).count() == 1
    assert set(SyncRun.objects.values_list("drift", flat=True)) == {0, 1}
