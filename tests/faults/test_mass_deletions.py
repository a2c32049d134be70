"""Fault 12: many events vanish at once. They are believed to be deleted at a second look only."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from calendars.models import BlockedSlot, MeetingHost
from integrations.models import RemoteEvent
from integrations.services.doubting import is_too_much
from integrations.services.overview import panel_of
from tests.faults.play import Play

MINUTE = timedelta(minutes=1)


def test_five_and_more_than_half_are_too_much() -> None:
    cases = [(4, 4), (5, 10), (5, 9), (5, 5), (6, 11), (50, 100), (51, 100)]

    too_much = [case for case in cases if is_too_much(case[0], known=case[1])]

    assert too_much == [(5, 9), (5, 5), (6, 11), (51, 100)]


def of_eight(play: Play, *, are_gone: int) -> list[str]:
    """Eight events that Daybook has read; so many of them are deleted on a device then."""
    paths = [play.they_put(f"e{number}", 9 + number, to=play.home) for number in range(8)]
    play.sync()
    for path in paths[:are_gone]:
        play.they_delete(path)
    return paths


def labelled() -> list[int]:
    rows = BlockedSlot.objects.exclude(deleted_remotely_at=None)
    return sorted(row.starts_at.hour for row in rows)


def doubted() -> int:
    return RemoteEvent.objects.filter(is_doubted=True).count()


def words(play: Play) -> Sequence[str]:
    """What the panel says of Home and of Work."""
    panel = panel_of(play.tenant.owner, play.tenant.sub_account, timezone.now())
    return [status.text for status in panel.conflicts]


def test_what_vanishes_at_once_is_believed_at_a_second_full_read_ten_minutes_later(
    play: Play,
) -> None:
    of_eight(play, are_gone=6)

    play.sync()
    assert (labelled(), doubted(), play.blocked()) == ([], 6, list(range(9, 17)))
    assert words(play) == ["Many events vanished", "Read"]

    play.clock.shift(9 * MINUTE)
    play.sync()  # too soon
    assert (labelled(), doubted()) == ([], 6)

    play.icloud.clear()
    play.clock.shift(2 * MINUTE)
    play.sync()
    assert (labelled(), doubted()) == (list(range(9, 15)), 0)
    assert words(play) == ["Read", "Read"]
    [listing] = [entry for entry in play.icloud.log if b"sync-collection" in entry.body]
    assert b"<d:sync-token></d:sync-token>" in listing.body  # of all there is
    play.check()


def test_few_of_many_are_believed_at_once(play: Play) -> None:
    of_eight(play, are_gone=4)

    play.sync()

    assert (labelled(), doubted()) == ([9, 10, 11, 12], 0)


def test_new_events_in_the_same_read_do_not_hide_that_most_vanished(play: Play) -> None:
    of_eight(play, are_gone=6)
    for number in range(10):
        play.they_put(f"new{number}", number % 8, to=play.home)

    play.sync()

    assert (labelled(), doubted()) == ([], 6)


def test_events_that_come_back_meanwhile_are_as_they_were(play: Play) -> None:
    paths = of_eight(play, are_gone=0)
    for path in paths:
        play.icloud.hide(path)
    play.icloud.expire_tokens()
    play.sync()
    assert doubted() == 8

    for path in paths:
        play.icloud.show(path)
    play.icloud.expire_tokens()
    play.settle()

    assert (labelled(), doubted(), play.blocked()) == ([], 0, list(range(9, 17)))
    assert words(play) == ["Read", "Read"]
    play.check()


def test_while_in_doubt_whatever_else_vanishes_waits_as_well(play: Play) -> None:
    paths = of_eight(play, are_gone=6)
    play.sync()
    play.they_delete(paths[6])

    play.clock.shift(MINUTE)
    play.sync()
    assert (labelled(), doubted()) == ([], 7)

    play.settle()
    assert (labelled(), doubted()) == (list(range(9, 16)), 0)


def test_the_second_look_waits_for_the_whole_account_to_be_read(play: Play) -> None:
    of_eight(play, are_gone=6)
    play.sync()
    play.clock.shift(11 * MINUTE)
    play.icloud.refuse("REPORT", play.home, 500)

    play.sync()
    assert (labelled(), doubted()) == ([], 6)

    play.settle()
    assert (labelled(), doubted()) == (list(range(9, 15)), 0)


def test_own_events_that_vanish_with_them_leave_their_appointments_until_then(play: Play) -> None:
    appointments = [play.book(9 + number) for number in range(6)]
    play.deliver()
    play.sync()
    for path in list(play.ours()):
        play.icloud.delete(path)

    for _ in range(3):
        play.sync()
    copies = MeetingHost.objects.order_by("pk").values_list("copy", flat=True)
    assert list(copies) == ["written"] * len(appointments)

    play.clock.shift(11 * MINUTE)
    play.sync()
    play.sync()
    assert list(copies.all()) == ["deleted"] * len(appointments)
