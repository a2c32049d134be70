"""Owners' edits whose writes get lost, refused or answered strangely."""

import pytest

from accounts.models import Member
from calendars.models import BlockedSlot
from integrations.caldav.editing import Said
from integrations.models import OwnerEdit
from integrations.services import revising
from integrations.services.editing import editing_of, want_edit
from tests.fakes.icloud import Misdeed
from tests.faults.play import HOUR, Play, at, start_of


@pytest.fixture
def path(play: Play) -> str:
    """An event of an hour in the linked calendar, read; its owner wants it at 14 instead of 9."""
    path = play.they_put("dentist", 9, title="Dentist")
    play.sync()
    owner = Member.objects.select_related("sub_account", "user").get(user=play.tenant.owner)
    now = editing_of(BlockedSlot.objects.get(), owner)
    assert now.event is not None
    wanted = Said("Dentist", at(14), at(14) + HOUR)
    want_edit(now.event, wanted, owner=owner, version=now.version)
    play.icloud.clear()
    return path


def hour_on(play: Play, path: str) -> int:
    return start_of(play.icloud.get(path)).hour


def is_saved(play: Play, path: str) -> bool:
    return (hour_on(play, path), play.blocked(), OwnerEdit.objects.count()) == (14, [14], 0)


def puts(play: Play) -> list[str]:
    """What was written, or would have been."""
    return [entry.body.decode() for entry in play.icloud.log if entry.method == "PUT"]


@pytest.mark.parametrize("reset", ["before", "during", "after"])
def test_a_connection_that_breaks_anywhere_loses_no_edit_and_opens_no_time(
    play: Play, path: str, reset: str
) -> None:
    play.icloud.faults.add(Misdeed(reset=reset), method="PUT")  # type: ignore[arg-type]

    play.deliver()

    assert play.blocked() == [9, 14]
    assert (play.offered(9), play.offered(14)) == (False, False)
    play.settle()
    assert is_saved(play, path)
    assert len(puts(play)) == (2 if reset == "before" else 1)


def test_an_edit_that_is_busy_away_waits_and_is_written_later(play: Play, path: str) -> None:
    play.icloud.refuse("PUT", path, 503)

    play.deliver()

    assert OwnerEdit.objects.get().problem == "iCloud asked to wait"
    assert play.blocked() == [9, 14]
    play.settle()
    assert is_saved(play, path)


def test_a_precondition_that_fails_is_looked_into_and_the_edit_written_over_that(
    play: Play, path: str
) -> None:
    play.icloud.faults.add(Misdeed(412), method="PUT")

    play.deliver()

    assert [entry.method for entry in play.icloud.log] == ["GET", "PUT", "GET", "PUT"]
    assert is_saved(play, path)


def test_a_precondition_that_goes_on_failing_is_not_asked_for_ever(play: Play, path: str) -> None:
    play.icloud.refuse("PUT", path, 412)

    play.deliver()

    assert len(puts(play)) == revising.MOST_TRIES
    assert OwnerEdit.objects.get().problem == revising.KEEPS_CHANGING
    assert play.blocked() == [9, 14]
    play.settle()
    assert is_saved(play, path)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, revising.FORBIDDEN),
        (404, revising.GONE),
        (400, revising.REFUSED),
    ],
)
def test_a_write_that_is_refused_ends_the_edit_and_the_event_stays(
    play: Play, path: str, status: int, words: str
) -> None:
    play.icloud.refuse("PUT", path, status)

    play.deliver()

    edit = OwnerEdit.objects.get()
    assert (edit.state, edit.problem) == ("given_up", words)
    assert play.blocked() == [9]
    play.settle()
    play.check_safety_of_theirs()


def test_a_server_that_names_no_version_of_what_it_stored_is_asked(play: Play, path: str) -> None:
    play.icloud.quirks.put_etag = "none"

    play.deliver()

    assert [entry.method for entry in play.icloud.log] == ["GET", "PUT", "GET"]
    assert is_saved(play, path)


def test_another_event_at_the_address_is_left_alone(play: Play, path: str) -> None:
    play.icloud.delete(path)
    play.theirs[path] = play.event("another", 11)
    play.icloud.put(path, play.theirs[path])

    play.deliver()

    assert OwnerEdit.objects.get().problem == revising.GONE
    play.check_safety_of_theirs()


def test_an_edit_changes_no_other_event_and_invites_nobody(play: Play, path: str) -> None:
    other = play.they_put("other", 11)
    before = play.icloud.get(path)

    play.deliver()

    assert play.icloud.get(other) == play.theirs[other]
    assert play.icloud.invited == []
    [sent] = puts(play)
    changed = {"DTSTART", "DTEND", "DTSTAMP", "SEQUENCE"}
    assert left(sent, changed) == left(before, changed)
    assert (len(left(sent, set())), start_of(sent)) == (len(left(before, set())) + 1, at(14))


def left(ics: str, names: set[str]) -> list[str]:
    lines = ics.split("\r\n")
    return [line for line in lines if line.partition(":")[0].partition(";")[0] not in names]
