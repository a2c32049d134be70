"""Owners change their own events here, and iCloud has it: over a real CalDAV server."""

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from calendars.models import BlockedSlot, OutboxItem
from integrations.caldav.editing import GUESTS, NotEditable, Said, said
from integrations.models import CalendarConfiguration, Connection, OwnerEdit, RemoteCalendar
from integrations.services import editing as service
from integrations.services import revising
from integrations.services.clients import client_of
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.delivering import deliver_due
from integrations.services.editing import ChangedMeanwhile, editing_of, take_back, want_edit
from integrations.services.revising import Revision
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, remote, utc_event
from tests.integrations.following import deliver, stored, sync

HOUR = timedelta(hours=1)


def span(hour: int) -> tuple[datetime, datetime]:
    return tomorrow_at(hour), tomorrow_at(hour) + HOUR


def at(hour: int, title: str = "Dentist") -> Said:
    return Said(title, *span(hour))


def blocked() -> list[tuple[int, str]]:
    """The hours that are blocked, each with what its owner reads on it."""
    rows = BlockedSlot.objects.filter(is_busy=True).order_by("starts_at")
    return [(row.starts_at.hour, row.note) for row in rows]


@pytest.fixture
def owner(tenant: Tenant) -> Member:
    return Member.objects.select_related("sub_account", "user").get(user=tenant.owner)


@pytest.fixture
def dentist(account: ICloudAccount, linked: str) -> str:
    """An event of the owner's in their linked calendar, read once; its path."""
    path = f"{linked}dentist.ics"
    account.server.put(path, utc_event("dentist", *span(9), "X-KEPT:as it is", summary="Dentist"))
    sync()
    return path


def slot() -> BlockedSlot:
    return BlockedSlot.objects.order_by("pk").first()  # type: ignore[return-value]


def want(owner: Member, wanted: Said) -> bool:
    """As the page does: what it shows, then what was entered."""
    now = editing_of(slot(), owner)
    assert now.event is not None
    return want_edit(now.event, wanted, owner=owner, version=now.version)


def standing(account: ICloudAccount, path: str, owner: Member) -> Said:
    return said(account.server.get(path), zone=owner.zone)


def drag(account: ICloudAccount, path: str, hour: int, title: str = "Dentist") -> None:
    """Somebody changes the event in Apple Calendar."""
    account.server.put(path, utc_event("dentist", *span(hour), summary=title))


def outcome() -> tuple[str, str]:
    """How the edit stands, and why."""
    edit = OwnerEdit.objects.get()
    return edit.state, edit.problem


def test_an_edit_is_written_and_the_slot_follows(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    before, address = account.server.get(dentist), slot().pk

    assert want(owner, at(14, "Dentist, upstairs"))
    deliver_due(seconds=10)

    assert standing(account, dentist, owner) == at(14, "Dentist, upstairs")
    assert "X-KEPT:as it is" in account.server.get(dentist)
    assert account.server.get(dentist) != before
    assert [(row.pk, row.starts_at, row.title) for row in BlockedSlot.objects.all()] == [
        (address, tomorrow_at(14), "Dentist, upstairs")
    ]
    assert blocked() == [(14, "")]
    assert not OwnerEdit.objects.exists()
    assert not OutboxItem.objects.due(timezone.now()).exists()


def test_an_edit_is_written_over_the_version_that_was_read(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == [("GET", dentist), ("PUT", dentist)]


def test_the_next_sync_does_not_fetch_what_was_just_written(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    deliver_due(seconds=10)
    account.server.clear()

    sync()

    # The delta names what is held already: the list is compared once, and no body asked for.
    methods = [method for method, _ in account.server.requests]
    assert methods == ["PROPFIND", "REPORT", "REPORT"]
    assert blocked() == [(14, "")]


def test_until_icloud_has_it_both_times_block(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))

    assert blocked() == [
        (9, "Blocked until iCloud has the new time"),
        (14, "Being saved to iCloud"),
    ]
    sync()
    assert [hour for hour, _ in blocked()] == [9, 14]


def test_another_title_alone_takes_no_second_time(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(9, "Vet"))

    assert blocked() == [(9, "Being saved to iCloud")]


def test_of_two_edits_in_a_row_the_last_one_wins(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))
    want(owner, at(14))
    assert [hour for hour, _ in blocked()] == [9, 14]
    account.server.clear()

    deliver_due(seconds=10)

    assert standing(account, dentist, owner) == at(14)
    assert [method for method, _ in account.server.requests] == ["GET", "PUT"]
    assert blocked() == [(14, "")]


def test_what_is_wanted_back_before_it_was_written_is_no_edit(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))

    assert not want(owner, at(9))

    assert blocked() == [(9, "")]
    assert not OwnerEdit.objects.exists()
    account.server.clear()
    deliver_due(seconds=10)
    assert account.server.requests == []


def test_an_edit_can_be_taken_back(owner: Member, account: ICloudAccount, dentist: str) -> None:
    want(owner, at(12))
    event = editing_of(slot(), owner).event
    assert event is not None

    take_back(event, owner=owner)
    account.server.clear()
    deliver_due(seconds=10)

    assert blocked() == [(9, "")]
    assert account.server.requests == []


def test_what_may_have_arrived_is_written_back_when_it_is_taken_back(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))
    account.server.lose("PUT", dentist)
    deliver_due(seconds=10)
    event = editing_of(slot(), owner).event
    assert event is not None
    assert standing(account, dentist, owner) == at(12)

    take_back(event, owner=owner)

    assert [hour for hour, _ in blocked()] == [9, 12]
    deliver()
    assert standing(account, dentist, owner) == at(9)
    assert blocked() == [(9, "")]


def test_a_change_of_something_else_in_icloud_and_the_edit_come_together(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    drag(account, dentist, 9, "Dentist upstairs")

    deliver_due(seconds=10)

    assert standing(account, dentist, owner) == at(14, "Dentist upstairs")
    assert blocked() == [(14, "")]


@pytest.mark.parametrize("is_read_first", [False, True])
def test_where_both_changed_the_time_icloud_counts_and_the_owner_is_told(
    owner: Member, account: ICloudAccount, dentist: str, *, is_read_first: bool
) -> None:
    want(owner, at(14))
    drag(account, dentist, 11)
    if is_read_first:
        sync()

    deliver_due(seconds=10)

    assert standing(account, dentist, owner) == at(11)
    assert outcome() == ("given_up", revising.BOTH_CHANGED)
    assert blocked() == [(11, "Your change was not saved")]


def test_a_given_up_edit_can_be_wanted_again(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    drag(account, dentist, 11)
    deliver_due(seconds=10)

    want(owner, at(14))
    deliver_due(seconds=10)

    assert standing(account, dentist, owner) == at(14)
    assert blocked() == [(14, "")]


def test_an_event_that_got_guests_meanwhile_is_left_alone(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    invitation = utc_event("dentist", *span(9), "ATTENDEE:mailto:gwen@guest.test")
    account.server.put(dentist, invitation)

    deliver_due(seconds=10)

    assert standing_hour(account, dentist) == stored(tomorrow_at(9))
    assert outcome() == ("given_up", GUESTS)


def standing_hour(account: ICloudAccount, path: str) -> str:
    [line] = [line for line in account.server.get(path).split() if line.startswith("DTSTART:")]
    return line.partition(":")[2]


def test_an_event_that_is_gone_takes_the_edit_with_it_and_the_owner_is_told(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.delete(dentist)

    deliver_due(seconds=10)

    assert outcome() == ("given_up", revising.GONE)
    assert blocked() == [(9, "Your change was not saved")]
    sync()
    kept = BlockedSlot.objects.get()
    assert (kept.deleted_remotely_at is not None, kept.note) == (True, "Your change was not saved")
    assert not OwnerEdit.objects.exists()


def test_a_sync_that_finds_the_event_gone_first_ends_the_edit(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.delete(dentist)

    sync()

    assert blocked() == [(9, "Your change was not saved")]
    assert deliver_due(seconds=10) == 1
    assert not account.server.has(dentist)


def test_an_event_dragged_to_another_calendar_says_that_the_edit_was_not_saved(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    text = account.server.get(dentist)
    account.server.delete(dentist)
    account.server.put(f"{account.home}home/dentist.ics", text)

    sync()

    assert blocked() == [(9, "Your change was not saved")]


def test_a_calendar_that_became_read_only_ends_the_edit_with_the_reason(
    owner: Member, account: ICloudAccount, linked: str, dentist: str
) -> None:
    want(owner, at(14))
    account.server.refuse("PUT", dentist, 403)

    deliver_due(seconds=10)

    assert outcome() == ("given_up", revising.FORBIDDEN)
    assert blocked() == [(9, "Your change was not saved")]


def test_what_may_have_arrived_blocks_until_it_can_be_read_again(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.lose("PUT", dentist)
    deliver_due(seconds=10)
    account.server.refuse("GET", dentist, 403)

    deliver()

    assert outcome() == ("waiting", revising.FORBIDDEN)
    assert [hour for hour, _ in blocked()] == [9, 14]
    account.server.relent()
    deliver()
    assert blocked() == [(14, "")]
    assert not OwnerEdit.objects.exists()


def test_an_edit_that_is_refused_again_and_again_ends(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.lose("PUT", dentist)
    deliver_due(seconds=10)
    account.server.refuse("GET", dentist, 403)

    for _ in range(revising.MOST_REFUSALS):
        deliver()

    assert outcome() == ("given_up", revising.FORBIDDEN)


def test_a_calendar_that_is_not_linked_any_more_ends_the_edit(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    home = remote(Connection.objects.get(), f"{account.home}home/")
    choose_linked(configuration_of(owner.user, owner.sub_account), home)
    account.server.clear()

    deliver_due(seconds=10)

    assert ("PUT", dentist) not in account.server.requests
    assert outcome() == ("given_up", service.NOT_LINKED)


def test_while_the_account_is_paused_the_edit_waits_and_both_times_block(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    Connection.objects.update(state=Connection.State.PAUSED)
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == []
    assert outcome() == ("waiting", "The linked calendar's connection is paused.")
    assert [hour for hour, _ in blocked()] == [9, 14]

    Connection.objects.update(state=Connection.State.CONNECTED)
    deliver()
    assert standing(account, dentist, owner) == at(14)


def test_a_refused_password_stops_the_edit_after_one_request(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    account.server.add_user(account.apple_id, "another-password")
    account.server.clear()

    deliver_due(seconds=10)

    assert account.server.requests == [("GET", dentist)]
    assert outcome()[0] == "waiting"
    assert Connection.objects.get().problem == Connection.Problem.REFUSED


def test_an_edit_of_what_has_changed_since_it_was_shown_is_refused(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    shown = editing_of(slot(), owner)
    assert shown.event is not None
    drag(account, dentist, 11)
    sync()

    with pytest.raises(ChangedMeanwhile):
        want_edit(shown.event, at(14), owner=owner, version=shown.version)

    assert blocked() == [(11, "")]


def test_the_same_edit_sent_twice_is_one(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    shown = editing_of(slot(), owner)
    assert shown.event is not None

    for _ in range(2):
        assert want_edit(shown.event, at(14), owner=owner, version=shown.version)

    deliver_due(seconds=10)
    assert standing(account, dentist, owner) == at(14)
    assert not want_edit(shown.event, at(14), owner=owner, version=shown.version)


def test_an_edit_wanted_while_the_last_one_is_written_goes_over_it(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))
    account.server.lose("PUT", dentist)
    deliver_due(seconds=10)
    assert standing(account, dentist, owner) == at(12)

    want(owner, at(14))

    assert [hour for hour, _ in blocked()] == [9, 12, 14]
    deliver()
    assert standing(account, dentist, owner) == at(14)
    assert blocked() == [(14, "")]


def test_a_change_that_comes_between_reading_and_writing_is_not_overwritten(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(14))
    gate = account.stop_next("PUT")

    def somebody() -> None:
        assert gate.reached.wait(20)
        drag(account, dentist, 11)
        gate.open()

    dragging = threading.Thread(target=somebody)
    dragging.start()
    deliver_due(seconds=10)
    dragging.join()

    assert standing(account, dentist, owner) == at(11)
    assert outcome() == ("given_up", revising.BOTH_CHANGED)


def test_what_is_not_wanted_any_more_as_it_is_about_to_be_written_is_not(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))
    with client_of(Connection.objects.get()) as client:
        revision = Revision(client, OwnerEdit.objects.get())
        want(owner, at(14))
        account.server.clear()

        revision.carry()

    assert account.server.requests == [("GET", dentist)]
    deliver_due(seconds=10)
    assert standing(account, dentist, owner) == at(14)


def test_what_is_wanted_while_the_last_edit_arrives_is_written_over_that(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    want(owner, at(12))
    account.server.lose("PUT", dentist)
    deliver_due(seconds=10)
    with client_of(Connection.objects.get()) as client:
        revision = Revision(client, OwnerEdit.objects.get())
        want(owner, at(14))

        revision.carry()

    assert [hour for hour, _ in blocked()] == [12, 14]
    deliver()
    assert standing(account, dentist, owner) == at(14)
    assert blocked() == [(14, "")]


def test_travel_time_blocks_at_the_new_time_too(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    travel = "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M"
    account.server.put(dentist, utc_event("dentist", *span(9), travel, summary="Dentist"))
    sync()

    want(owner, at(14))

    starts = [row.starts_at for row in BlockedSlot.objects.order_by("starts_at")]
    assert starts == [tomorrow_at(9) - HOUR / 2, tomorrow_at(14) - HOUR / 2]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["RRULE:FREQ=DAILY;COUNT=2"], "It repeats."),
        (["ORGANIZER:mailto:gwen@guest.test"], GUESTS),
    ],
)
def test_what_is_more_than_one_event_of_ones_own_is_not_changed(
    owner: Member, account: ICloudAccount, dentist: str, lines: list[str], reason: str
) -> None:
    account.server.put(dentist, utc_event("dentist", *span(9), *lines))
    sync()

    assert editing_of(slot(), owner).reason == reason
    with pytest.raises(NotEditable):
        want(owner, at(14))
    assert not OutboxItem.objects.exists()


def test_events_of_conflict_calendars_are_read_only(
    owner: Member, account: ICloudAccount, linked: str
) -> None:
    account.server.put(f"{account.home}home/tea.ics", utc_event("tea", *span(9)))
    sync()

    assert editing_of(slot(), owner).reason == service.NOT_LINKED
    with pytest.raises(NotEditable):
        want(owner, at(14))


@pytest.mark.parametrize("can_write", [False, None])
def test_events_of_a_calendar_that_may_not_be_written_are_read_only(
    owner: Member, dentist: str, *, can_write: bool | None
) -> None:
    RemoteCalendar.objects.update(can_write=can_write)

    assert editing_of(slot(), owner).reason == service.READ_ONLY


def test_without_a_linked_calendar_nothing_can_be_changed(owner: Member, dentist: str) -> None:
    CalendarConfiguration.objects.update(linked_calendar=None)

    assert editing_of(slot(), owner).reason == service.NOT_LINKED


def test_an_appointments_own_event_is_never_a_slot_to_edit(
    owner: Member, tenant: Tenant, account: ICloudAccount, dentist: str
) -> None:
    book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    deliver()
    sync()

    assert [hour for hour, _ in blocked()] == [9]


def test_an_event_that_is_not_handed_out_any_more_is_not_changed(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    event = editing_of(slot(), owner).event
    assert event is not None
    event.withheld = 1
    event.save()

    assert editing_of(slot(), owner).reason == service.NOT_HANDED_OUT


def test_what_waits_is_busy_or_free_as_its_event_is_by_now(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    assert want(owner, at(14))
    free = utc_event("dentist", *span(9), "TRANSP:TRANSPARENT", summary="Dentist")
    account.server.put(dentist, free)
    sync()
    assert blocked() == []

    drag(account, dentist, 9)
    sync()

    assert blocked() == [
        (9, "Blocked until iCloud has the new time"),
        (14, "Being saved to iCloud"),
    ]


def test_what_waits_belongs_to_its_event_though_that_is_a_series_by_now(
    owner: Member, account: ICloudAccount, dentist: str
) -> None:
    assert want(owner, at(14))
    uid = slot().uid

    series = utc_event("dentist", *span(9), "RRULE:FREQ=DAILY;COUNT=1", summary="Dentist")
    account.server.put(dentist, series)
    sync()

    assert blocked() == [
        (9, "Blocked until iCloud has the new time"),
        (14, "Being saved to iCloud"),
    ]
    assert {each.uid for each in BlockedSlot.objects.all()} == {uid}

    deliver()

    assert blocked() == [(9, "Your change was not saved")]
