"""What is left open by lost answers, stale listings, copies, and accounts that change."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from calendars.models import Appointment, Calendar, Mail, MeetingHost, OutboxItem
from calendars.services.cancelling import cancel
from calendars.services.moving import reschedule
from calendars.services.outbox import want
from integrations.models import Connection, RemoteCalendar, RemoteEvent
from integrations.services.claiming import claim_next, wait_without_trying
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import refresh_calendars
from integrations.services.disconnecting import disconnect
from integrations.services.pulling import pull
from integrations.services.rewriting import write_again
from tests.bookings import book_at, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, remote
from tests.integrations.events import events_on, starts_on
from tests.integrations.following import (
    HALF_HOUR,
    all_day,
    booked,
    deliver,
    drag,
    edit,
    href_of,
    notes,
    part_of,
    stored,
    sync,
    when,
)


def lose_the_answer(account: ICloudAccount, method: str) -> None:
    account.stop_next(method, is_after=True).open(drop=True)


def write_anew() -> None:
    """The meeting says something else, without having moved."""
    Appointment.objects.update(guest_name="Gwen Married")
    OutboxItem.objects.filter(effect="write").update(settled_revision=0)


def sources(appointment: Appointment) -> list[str]:
    return [source for _, source, _ in notes(appointment)]


def another_account(tenant: Tenant, account: ICloudAccount) -> tuple[ICloudAccount, str]:
    """The owner connects another Apple ID and links a calendar of it."""
    other = ICloudAccount(account.server)
    path = other.calendar()
    new = other.connect_and_choose(tenant.owner, tenant.sub_account, linked=path, conflicts=[path])
    assert pull(new) is not None
    return other, path


def link_another_calendar(tenant: Tenant, account: ICloudAccount) -> str:
    path = account.calendar("other")
    connection = Connection.objects.get()
    refresh_calendars(connection)
    choose_linked(configuration_of(tenant.owner, tenant.sub_account), remote(connection, path))
    return path


@pytest.mark.parametrize("first", [deliver, sync], ids=["outbox-first", "sync-first"])
def test_a_move_taken_back_after_a_lost_answer_is_not_taken_for_the_hosts(
    account: ICloudAccount, linked: str, calendar: Calendar, first: Callable[[], None]
) -> None:
    appointment = booked(calendar, 10)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    lose_the_answer(account, "PUT")
    deliver()
    reschedule(appointment, tomorrow_at(10), now=timezone.now())

    first()
    deliver()

    assert when(appointment) == tomorrow_at(10)
    assert starts_on(account, linked) == [tomorrow_at(10)]
    assert sources(appointment) == ["guest", "guest"]


def test_a_second_move_after_a_lost_answer_is_not_blamed_on_icloud(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    lose_the_answer(account, "PUT")
    deliver()
    reschedule(appointment, tomorrow_at(16), now=timezone.now())

    deliver()

    assert sources(appointment) == ["guest", "guest"]
    assert starts_on(account, linked) == [tomorrow_at(16)]


def test_a_move_by_the_host_after_a_lost_first_answer_is_followed(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = book_at(calendar, tomorrow_at(10))
    lose_the_answer(account, "PUT")
    deliver()
    drag(account, appointment, tomorrow_at(14))

    deliver()
    sync()

    assert (when(appointment), notes(appointment)) == (
        tomorrow_at(14),
        [("moved", "icloud", "")],
    )


def test_an_event_shown_as_free_and_dragged_later_moves_its_appointment(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, TRANSP=":TRANSPARENT")
    sync()
    drag(account, appointment, tomorrow_at(14))

    sync()
    deliver()

    assert starts_on(account, linked) == [tomorrow_at(14)]
    assert (when(appointment), part_of(appointment).copy) == (tomorrow_at(14), "written")


def test_an_event_made_all_day_and_then_timed_again_elsewhere_is_followed(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, **all_day())
    sync()
    drag(account, appointment, tomorrow_at(14))

    sync()
    deliver()

    assert (when(appointment), part_of(appointment).copy) == (tomorrow_at(14), "written")


def test_an_event_made_all_day_that_is_touched_again_stays_flagged(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, **all_day())
    sync()
    edit(account, appointment, SUMMARY=":Call Gwen")

    sync()

    assert part_of(appointment).copy == MeetingHost.Copy.CHANGED


def test_an_event_cancelled_in_icloud_is_called_so(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, STATUS=":CANCELLED")

    sync()

    [(_, _, note)] = notes(appointment)
    assert "cancelled" in note
    assert when(appointment) == tomorrow_at(10)


def test_a_copy_beside_the_original_moves_nothing(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    copied = account.server.get(href_of(appointment))
    for old in (tomorrow_at(10), tomorrow_at(10) + HALF_HOUR):
        copied = copied.replace(stored(old), stored(old + timedelta(hours=2)))
    account.server.put(f"{account.home}home/copy.ics", copied)

    moves = []
    for _ in range(4):
        sync()
        deliver()
        moves.append((when(appointment), Mail.objects.filter(kind="moved").count()))

    assert moves == [(tomorrow_at(10), 0)] * 4


def test_a_copy_of_what_is_cancelled_goes_as_well(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    copied = account.server.get(href_of(appointment))
    account.server.put(f"{account.home}home/copy.ics", copied)
    sync()
    cancel(appointment, by=tenant.admin)

    for _ in range(2):
        deliver()
        sync()

    assert events_on(account, linked) == []
    assert events_on(account, f"{account.home}home/") == []


def test_a_host_who_drags_twice_while_the_event_is_written_is_followed(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))
    write_anew()
    href = href_of(appointment)
    later = account.server.get(href)
    for old in (tomorrow_at(14), tomorrow_at(14) + HALF_HOUR):
        later = later.replace(stored(old), stored(old + timedelta(hours=3)))
    first = account.stop_next("PUT")

    def host() -> None:
        assert first.reached.wait(20)
        second = account.stop_next("PUT")
        first.open()
        assert second.reached.wait(20)
        account.server.put(href, later)
        second.open()

    dragging = threading.Thread(target=host)
    dragging.start()
    deliver()
    dragging.join()
    sync()

    assert when(appointment) == tomorrow_at(17)


def test_a_withheld_body_does_not_let_a_write_overrule_the_host_unseen(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))
    account.server.refuse("REPORT", linked, 400, containing="calendar-multiget")
    sync()
    account.server.relent()
    write_anew()

    deliver()
    sync()

    assert when(appointment) == tomorrow_at(14)
    assert starts_on(account, linked) == [tomorrow_at(14)]


@pytest.mark.parametrize("moment", ["00010101T0{}0000Z", "99991231T2{}0000Z"])
def test_an_event_moved_to_the_end_of_time_is_flagged_and_harms_nothing(
    account: ICloudAccount, linked: str, calendar: Calendar, moment: str
) -> None:
    appointment = booked(calendar, 10)
    times = {"DTSTART": f":{moment.format(1)}", "DTEND": f":{moment.format(2)}"}
    edit(account, appointment, **times)

    sync()

    assert Connection.objects.get().problem == Connection.Problem.NONE
    assert (when(appointment), part_of(appointment).copy) == (tomorrow_at(10), "changed")


def test_an_event_dragged_away_and_cancelled_before_it_was_seen_goes_all_the_same(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    body = account.server.get(href)
    account.server.delete(href)
    account.server.put(f"{account.home}home/moved.ics", body)
    cancel(appointment, by=tenant.admin)

    deliver()
    sync()
    deliver()

    assert events_on(account, f"{account.home}home/") == []


def test_a_removed_event_that_is_brought_back_goes_again(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    body = account.server.get(href)
    cancel(appointment, by=tenant.admin)
    deliver()
    sync()
    account.server.put(href, body)

    sync()
    deliver()

    assert events_on(account, linked) == []


def test_an_event_missing_from_one_stale_listing_is_not_taken_for_deleted(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    # What a listing that lags behind leaves.
    RemoteEvent.objects.update(missing_since=timezone.now(), is_applied=False)
    sync()
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN

    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    deliver()
    for _ in range(3):
        sync()
        deliver()

    assert starts_on(account, linked) == [tomorrow_at(15)]


def test_an_old_event_that_comes_and_goes_says_nothing_of_the_one_that_stands(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    body = account.server.get(href)
    account.server.delete(href)
    for _ in range(2):
        sync()
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    deliver()
    account.server.put(href, body)
    sync()
    account.server.delete(href)

    for _ in range(2):
        sync()
    deliver()

    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN
    assert [kind for kind, _, _ in notes(appointment)] == ["noted", "moved"]
    assert starts_on(account, linked) == [tomorrow_at(15)]


def test_an_event_deleted_while_the_account_was_disconnected_is_seen_as_deleted(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnect(Connection.objects.get())
    account.server.delete(href_of(appointment))
    account.connect_and_choose(tenant.owner, tenant.sub_account, linked=linked, conflicts=[linked])

    for _ in range(2):
        sync()

    assert part_of(appointment).copy == MeetingHost.Copy.DELETED


def test_an_event_that_is_still_there_after_a_time_without_reading_is_not_called_deleted(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnect(Connection.objects.get())
    account.connect_and_choose(tenant.owner, tenant.sub_account, linked=linked, conflicts=[linked])

    for _ in range(3):
        sync()

    assert (part_of(appointment).copy, notes(appointment)) == ("written", [])


def test_the_copies_in_a_calendar_that_is_gone_are_not_called_on_icloud(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.delete(linked)
    for _ in range(3):
        sync()
        earlier = timezone.now() - timedelta(minutes=30)
        RemoteCalendar.objects.exclude(missing_since=None).update(missing_since=earlier)

    assert part_of(appointment).copy == MeetingHost.Copy.DELETED


def test_after_a_change_of_account_an_appointment_is_written_to_the_new_one_and_moved_there(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    disconnect(Connection.objects.get())
    other, path = another_account(tenant, account)

    for hour in (15, 16):
        reschedule(appointment, tomorrow_at(hour), now=timezone.now())
        deliver()
        assert starts_on(other, path) == [tomorrow_at(hour)]
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN

    cancel(appointment, by=tenant.admin)
    deliver()

    assert starts_on(other, path) == []
    part = part_of(appointment)
    assert (part.copy, "disconnected" in part.copy_problem) == ("refused", True)


def test_a_refused_event_goes_to_the_calendar_chosen_instead(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    account.server.set_read_only(linked)
    appointment = book_at(calendar, tomorrow_at(10))
    for _ in range(4):
        deliver()
    assert part_of(appointment).copy == MeetingHost.Copy.REFUSED
    other = link_another_calendar(tenant, account)

    assert write_again(part_of(appointment))
    deliver()

    assert starts_on(account, other) == [tomorrow_at(10)]
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN


def test_an_event_of_a_deleted_linked_calendar_goes_to_the_one_chosen_instead(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.delete(linked)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    other = link_another_calendar(tenant, account)

    for _ in range(5):
        deliver()

    assert starts_on(account, other) == [tomorrow_at(15)]
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN


def test_waiting_after_a_new_wish_is_no_mistake(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = book_at(calendar, tomorrow_at(10))
    OutboxItem.objects.filter(effect="mail").delete()
    claim = claim_next()
    assert claim is not None
    want(OutboxItem.Effect.WRITE, part_of(appointment).pk, sub_account=tenant.sub_account)

    wait_without_trying(claim, until=timezone.now())

    item = OutboxItem.objects.get()
    assert (item.attempts, item.lease_until) == (0, None)


def test_a_mistake_of_ours_is_shown_and_not_tried_for_ever(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = book_at(calendar, tomorrow_at(10))
    OutboxItem.objects.filter(effect="mail").delete()
    # No event ends before it begins: writing it fails in a way nobody thought of.
    Appointment.objects.update(guest_name="x")
    Connection.objects.update(account_name="\ud800".encode("utf-16", "surrogatepass").hex())
    MeetingHost.objects.update(copy_problem="")
    broken = OutboxItem.objects.get(effect="write")
    OutboxItem.objects.filter(pk=broken.pk).update(subject=10**9)

    for _ in range(10):
        deliver()

    broken.refresh_from_db()
    assert broken.parked_at is not None
    assert broken.problem == "Something went wrong in Daybook. It is tried again."
    assert part_of(appointment).copy == MeetingHost.Copy.WAITING
