"""Faults 6, 14–16: jobs that always fail, passwords refused, calendars that go."""

from datetime import timedelta

import pytest

from calendars.models import Appointment, BlockedSlot, OutboxItem
from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import replace_password
from tests.fakes.icloud.faults import EVER, answering
from tests.faults.play import Play, start_of
from tests.icloud import remote

HOUR = timedelta(hours=1)


def chosen(play: Play) -> tuple[str, list[str]]:
    """The linked calendar and the conflict calendars, by path."""
    configuration = configuration_of(play.tenant.owner, play.tenant.sub_account)
    assert configuration.linked_calendar is not None
    conflicts = configuration.conflict_calendars.values_list("path", flat=True)
    return configuration.linked_calendar.path, sorted(conflicts)


def refusals(play: Play) -> int:
    return sum(entry.status == 401 for entry in play.icloud.log)


# 6


def test_fault_6_a_write_that_always_fails_is_tried_a_few_times_and_shown(play: Play) -> None:
    refused, well = play.book(10), play.book(12)
    first = OutboxItem.objects.filter(effect="write").order_by("pk")[0]
    host = refused.meeting.hosts.get()
    play.icloud.faults.add(answering(403), containing="T100000Z", method="PUT", times=EVER)

    for _ in range(12):
        play.time_passes(HOUR)

    copy, words = play.copy(refused)
    first.refresh_from_db()
    assert (copy, first.parked_at is not None, first.attempts) == ("refused", True, 4)
    assert words.startswith("iCloud refused the event.")
    assert host.pk == first.subject
    assert play.copy(well) == ("written", "")
    puts = [entry for entry in play.icloud.log if entry.method == "PUT"]
    assert len(puts) == 5
    play.check_safety()


def test_fault_6_an_account_that_always_fails_is_asked_ever_less(play: Play) -> None:
    play.icloud.faults.add(answering(502), path=play.account.home, times=EVER)
    play.they_put("a", 9)
    path, other = play.another_account()

    for _ in range(24 * 6):
        play.time_passes(timedelta(minutes=10))

    polls = [entry for entry in play.icloud.log if entry.path == play.account.home]
    assert 20 <= len(polls) <= 40
    row = play.reloaded()
    assert (row.state, row.problem) == ("connected", "unreachable")
    assert row.failing_since is not None
    other.refresh_from_db()
    assert (other.problem, play.icloud.has(f"{path}x.ics")) == ("", False)


# 14


def test_fault_14_a_password_revoked_is_tried_once_more_and_then_never(play: Play) -> None:
    play.they_put("a", 9)
    play.sync()
    play.icloud.change_main_password(play.account.apple_id, "a new main password")
    play.icloud.clear()

    play.sync()
    assert play.state == ("connected", "refused")
    for _ in range(30):
        play.time_passes(HOUR)

    assert play.state == ("needs_reconnect", "refused")
    assert refusals(play) == len(play.icloud.log) == 2
    assert play.blocked() == [9]


def test_fault_14_a_password_refused_a_day_after_the_last_success_is_tried_once(
    play: Play,
) -> None:
    play.sync()
    play.icloud.revoke(play.account.apple_id)
    play.clock.shift(25 * HOUR)
    play.icloud.clear()

    for _ in range(5):
        play.time_passes(HOUR)

    assert play.state == ("needs_reconnect", "refused")
    assert refusals(play) == len(play.icloud.log) == 1


def test_fault_14_a_refusal_in_the_middle_of_reading_keeps_what_was_known(play: Play) -> None:
    play.they_put("a", 9)
    play.sync()
    play.they_put("b", 11)
    play.icloud.faults.add(answering(401), method="REPORT", times=EVER)

    play.sync()

    assert (play.blocked(), play.offered(9), refusals(play)) == ([9], False, 1)
    assert play.state == ("connected", "refused")


def test_fault_14_at_a_write_the_appointment_stands_and_nobody_tries_again(play: Play) -> None:
    play.icloud.revoke(play.account.apple_id)
    appointment = play.book(10)

    play.deliver()
    play.book(12)
    play.deliver()
    for _ in range(10):
        play.time_passes(HOUR)

    assert refusals(play) <= 2
    assert play.state == ("needs_reconnect", "refused")
    copy, words = play.copy(appointment)
    assert (copy, bool(words)) == ("waiting", True)
    assert Appointment.objects.live().count() == 2


def test_fault_14_a_new_password_goes_on_with_every_choice_and_every_write(play: Play) -> None:
    before = chosen(play)
    play.they_put("a", 9)
    play.sync()
    play.icloud.revoke(play.account.apple_id)
    play.book(10)
    for _ in range(4):
        play.time_passes(HOUR)
    play.they_put("b", 13)
    password = play.icloud.make_password(play.account.apple_id)

    replace_password(play.reloaded(), password)
    play.settle()

    assert chosen(play) == before
    assert play.blocked() == [9, 13]
    play.check()
    play.check_blocked()


# 15


@pytest.mark.parametrize(("status", "problem"), [(401, "refused"), (403, "lost"), (404, "lost")])
def test_fault_15_one_refusal_is_not_the_end_of_a_connection(
    play: Play, status: int, problem: str
) -> None:
    play.they_put("a", 9)
    play.sync()
    play.icloud.faults.add(answering(status), path=play.account.home)

    play.sync()
    assert play.state == ("connected", problem)
    assert play.blocked() == [9]

    play.settle()
    play.check()
    play.check_blocked()


# 16


def test_fault_16_a_conflict_calendar_deleted_goes_on_blocking(play: Play) -> None:
    play.they_put("a", 9, to=play.home)
    play.sync()
    del play.theirs[f"{play.home}a.ics"]
    play.icloud.delete(play.home)

    for _ in range(6):
        play.time_passes(timedelta(minutes=15))

    gone = remote(play.connection, play.home)
    assert gone.missing_since is not None
    assert gone.busy_source is not None
    assert gone.busy_source.gone_at is not None
    assert (play.blocked(), play.offered(9), play.offered(10)) == ([9], False, True)
    assert play.state == ("connected", "")


def test_fault_16_the_linked_calendar_deleted_keeps_appointments_and_says_so(play: Play) -> None:
    written = play.book(10)
    play.deliver()
    play.icloud.delete(play.work)
    for _ in range(3):
        play.time_passes(timedelta(minutes=15))

    late = play.book(12)
    for _ in range(8):
        play.time_passes(HOUR)

    copy, words = play.copy(late)
    assert (copy, bool(words)) == ("refused", True)
    assert [written.status, late.status] == ["confirmed", "confirmed"]
    assert [play.offered(hour) for hour in (10, 12)] == [False, False]
    assert RemoteCalendar.objects.get(path=play.work).missing_since is not None


def test_fault_16_the_next_appointments_go_to_another_linked_calendar(play: Play) -> None:
    play.icloud.delete(play.work)
    play.time_passes(timedelta(minutes=15))
    configuration = configuration_of(play.tenant.owner, play.tenant.sub_account)

    choose_linked(configuration, remote(play.connection, play.home))
    play.book(12)
    play.deliver()

    assert [start_of(text).hour for text in play.ours(play.home).values()] == [12]


def test_fault_16_a_calendar_that_comes_back_is_read_again(play: Play) -> None:
    kept = play.icloud.calendar(play.home)
    play.they_put("a", 9, to=play.home)
    play.sync()
    del play.icloud.account(play.account.apple_id).calendars[play.home]
    for _ in range(3):
        play.time_passes(timedelta(minutes=15))

    play.icloud.account(play.account.apple_id).calendars[play.home] = kept
    play.they_put("b", 11, to=play.home)
    play.settle()

    assert play.blocked() == [9, 11]
    assert not BlockedSlot.objects.exclude(deleted_remotely_at=None).exists()
    assert remote(play.connection, play.home).missing_since is None
    play.check_blocked()


def test_fault_16_a_calendar_that_turned_into_a_subscription_is_not_emptied(play: Play) -> None:
    play.they_put("a", 9, to=play.home)
    play.sync()
    del play.theirs[f"{play.home}a.ics"]
    play.icloud.become_subscribed(play.home, "https://example.test/h.ics")

    for _ in range(4):
        play.time_passes(timedelta(minutes=15))

    assert (play.blocked(), play.offered(9)) == ([9], False)
    assert remote(play.connection, play.home).kind == RemoteCalendar.Kind.SUBSCRIBED


def test_fault_16_the_partition_changes_and_nobody_notices(play: Play) -> None:
    play.they_put("a", 9)
    play.icloud.change_partition()

    play.sync()
    play.book(12)
    play.settle()

    assert play.blocked() == [9]
    assert play.reloaded().state == Connection.State.CONNECTED
    play.check()
    play.check_blocked()
