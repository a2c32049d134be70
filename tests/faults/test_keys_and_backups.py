"""Faults 32 and 34: keys that are lost, and a database from yesterday."""

from datetime import timedelta

from django.db import connection as database
from django.db import transaction

from calendars.models import Appointment, BlockedSlot
from integrations.models import Connection
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
