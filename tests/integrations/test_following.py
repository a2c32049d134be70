"""What hosts do to Daybook's events in iCloud, and what becomes of the appointments."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from calendars.models import (
    Appointment,
    BlockedSlot,
    Calendar,
    HistoryEntry,
    Mail,
    MeetingHost,
    OutboxItem,
    Taken,
)
from calendars.services.cancelling import cancel
from calendars.services.moving import reschedule
from integrations.models import Connection, MirroredEvent
from integrations.services.pulling import pull
from integrations.services.rewriting import write_again
from tests.bookings import book_at, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, utc_event
from tests.integrations.events import events_on, hrefs_on
from tests.integrations.following import (
    HALF_HOUR,
    booked,
    deliver,
    drag,
    edit,
    href_of,
    notes,
    part_of,
    sync,
    taken,
    when,
)

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")


def test_an_event_moved_on_the_server_moves_its_appointment_and_its_guest_is_told(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))

    sync()

    assert when(appointment) == tomorrow_at(14)
    assert taken() == [(tomorrow_at(14), tomorrow_at(14) + HALF_HOUR)]
    entry = HistoryEntry.objects.get(appointment=appointment, kind="moved")
    assert (entry.source, entry.by) == ("icloud", tenant.owner)
    assert (entry.was_at, entry.now_at) == (tomorrow_at(10), tomorrow_at(14))
    [mail] = Mail.objects.filter(kind="moved")
    assert (mail.to, mail.was_at, mail.starts_at) == (None, tomorrow_at(10), tomorrow_at(14))
    assert not BlockedSlot.objects.exists()


def test_a_move_is_taken_once_and_writes_nothing_back(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))
    sync()
    deliver()
    before = account.server.get(href_of(appointment))

    sync()
    deliver()

    assert account.server.get(href_of(appointment)) == before
    assert [kind for kind, _, _ in notes(appointment)] == ["moved"]


def test_an_event_made_longer_makes_the_meeting_longer(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, DTEND=f":{tomorrow_at(12):%Y%m%dT%H%M%SZ}")

    sync()

    assert taken() == [(tomorrow_at(10), tomorrow_at(12))]


def test_two_events_that_swap_places_swap_their_appointments(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    first, second = booked(calendar, 10), booked(calendar, 11, "Otto Other")
    drag(account, first, tomorrow_at(11))
    drag(account, second, tomorrow_at(10))

    sync()

    assert (when(first), when(second)) == (tomorrow_at(11), tomorrow_at(10))
    assert not MeetingHost.objects.filter(is_overlapping=True).exists()
    held = Taken.objects.order_by("starts_at").values_list("starts_at", "meeting_host")
    assert list(held) == [
        (tomorrow_at(10), part_of(second).pk),
        (tomorrow_at(11), part_of(first).pk),
    ]


def test_an_event_moved_onto_another_booking_is_taken_and_flagged(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    first, second = booked(calendar, 10), booked(calendar, 11, "Otto Other")
    quarter = timedelta(minutes=15)
    drag(account, first, tomorrow_at(11) - quarter)

    sync()

    assert when(first) == tomorrow_at(11) - quarter
    assert taken() == [
        (tomorrow_at(11) - quarter, tomorrow_at(11)),
        (tomorrow_at(11), tomorrow_at(11) + HALF_HOUR),
    ]
    assert [part_of(one).is_overlapping for one in (first, second)] == [True, True]
    assert notes(first) == [("moved", "icloud", "It now overlaps another booking.")]


def test_what_was_moved_onto_another_takes_its_time_once_the_other_is_gone(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    first, second = booked(calendar, 10), booked(calendar, 11, "Otto Other")
    drag(account, first, tomorrow_at(11))
    sync()
    assert taken() == [(tomorrow_at(11), tomorrow_at(11) + HALF_HOUR)]

    cancel(second, by=tenant.admin)

    assert not part_of(first).is_overlapping
    assert taken() == [(tomorrow_at(11), tomorrow_at(11) + HALF_HOUR)]
    assert Taken.objects.get().meeting_host == part_of(first)


def test_a_changed_text_is_noted_and_left_alone(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, SUMMARY=":Gwen: bring the contract")

    sync()
    deliver()

    [event] = events_on(account, linked)
    assert event["SUMMARY"] == "Gwen: bring the contract"
    assert when(appointment) == tomorrow_at(10)
    assert notes(appointment) == [("noted", "icloud", "Its text was changed in iCloud.")]


def test_an_event_that_the_server_only_rewrote_changes_nothing(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, PRODID=":-//Apple Inc.//iCloud//EN", SEQUENCE=":7")

    sync()

    assert notes(appointment) == []
    deliver()
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    deliver()
    [event] = events_on(account, linked)
    assert event.start == tomorrow_at(15)


@pytest.mark.parametrize(
    "changes",
    [
        {"DTSTART": ";VALUE=DATE:20310304", "DTEND": ";VALUE=DATE:20310305"},
        {"TRANSP": ":OPAQUE\r\nRRULE:FREQ=DAILY;COUNT=3"},
    ],
    ids=["all-day", "repeating"],
)
def test_an_event_that_is_no_single_appointment_any_more_moves_nothing_and_can_be_restored(
    account: ICloudAccount, linked: str, calendar: Calendar, changes: dict[str, str]
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, **changes)

    sync()

    part = part_of(appointment)
    assert when(appointment) == tomorrow_at(10)
    assert part.copy == MeetingHost.Copy.CHANGED
    assert [source for _, source, _ in notes(appointment)] == ["icloud"]
    assert not BlockedSlot.objects.exists()

    assert write_again(part)
    deliver()
    [restored] = events_on(account, linked)
    assert (restored.start, restored.end) == (tomorrow_at(10), tomorrow_at(10) + HALF_HOUR)
    assert "RRULE" not in restored
    sync()
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN


def test_both_sides_moved_the_product_wins_because_its_guest_was_told(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))
    reschedule(appointment, tomorrow_at(16), now=timezone.now())

    sync()
    deliver()

    assert when(appointment) == tomorrow_at(16)
    [event] = events_on(account, linked)
    assert event.start == tomorrow_at(16)
    assert [kind for kind, _, _ in notes(appointment)] == ["moved", "noted"]


def test_a_move_that_is_met_while_writing_is_followed_all_the_same(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))
    Appointment.objects.update(guest_name="Gwen Married")
    part = part_of(appointment)
    OutboxItem.objects.filter(subject=part.pk, effect="write").update(settled_revision=0)

    deliver()

    assert when(appointment) == tomorrow_at(14)
    [event] = events_on(account, linked)
    assert (event.start, event["SUMMARY"]) == (tomorrow_at(14), "Intro call: Gwen Married")


def test_an_event_deleted_in_icloud_leaves_its_appointment_and_staff_see_it(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.delete(href_of(appointment))

    for _ in range(2):
        sync()

    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.CONFIRMED
    assert part_of(appointment).copy == MeetingHost.Copy.DELETED
    assert notes(appointment) == [
        ("noted", "icloud", "Deleted in iCloud. The appointment stays."),
    ]
    assert not BlockedSlot.objects.exists()


def test_an_appointment_whose_event_was_deleted_is_written_anew_when_it_moves(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    account.server.delete(href_of(appointment))
    for _ in range(2):
        sync()

    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    deliver()
    sync()

    [event] = events_on(account, linked)
    assert event.start == tomorrow_at(15)
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN


def test_an_event_dragged_to_another_calendar_is_followed_there(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    body = account.server.get(href)
    account.server.delete(href)
    account.server.put(f"{account.home}home/moved.ics", body)

    sync()
    reschedule(appointment, tomorrow_at(15), now=timezone.now())
    deliver()
    sync()

    assert events_on(account, linked) == []
    [event] = events_on(account, f"{account.home}home/")
    assert event.start == tomorrow_at(15)
    assert part_of(appointment).copy == MeetingHost.Copy.WRITTEN
    assert notes(appointment) == [("moved", "guest", "")]


def test_an_event_dragged_away_unseen_is_looked_for_before_it_is_written_again(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    body = account.server.get(href)
    account.server.delete(href)
    account.server.put(f"{account.home}home/moved.ics", body)
    reschedule(appointment, tomorrow_at(15), now=timezone.now())

    deliver()
    sync()
    deliver()

    assert events_on(account, linked) == []
    assert [one.start for one in events_on(account, f"{account.home}home/")] == [tomorrow_at(15)]


def test_a_deleted_event_that_comes_back_after_it_was_written_anew_goes_again(
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
    deliver()

    [event] = events_on(account, linked)
    assert event.start == tomorrow_at(15)
    assert when(appointment) == tomorrow_at(15)


def test_a_cancelled_appointment_takes_its_event_away_and_nothing_stays_blocked(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)

    cancel(appointment, by=tenant.admin)
    deliver()
    sync()

    assert events_on(account, linked) == []
    assert part_of(appointment).copy == MeetingHost.Copy.REMOVED
    assert not BlockedSlot.objects.exists()
    assert taken() == []


def test_an_event_that_was_edited_meanwhile_is_removed_all_the_same(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    edit(account, appointment, SUMMARY=":Mine now")

    cancel(appointment, by=tenant.admin)
    deliver()

    assert events_on(account, linked) == []


def test_somebody_elses_event_at_the_address_survives_a_cancellation(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    href = href_of(appointment)
    account.server.delete(href)
    account.server.put(href, utc_event("foreign", tomorrow_at(9), tomorrow_at(10)))

    cancel(appointment, by=tenant.admin)
    deliver()

    assert [str(one["UID"]) for one in events_on(account, linked)] == ["foreign"]
    assert part_of(appointment).copy == MeetingHost.Copy.REMOVED


def test_a_cancellation_before_the_event_was_ever_written_writes_nothing(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = book_at(calendar, tomorrow_at(10))
    cancel(appointment, by=tenant.admin)
    account.server.clear()

    deliver()

    assert hrefs_on(account, linked) == []
    assert [method for method, _ in account.server.requests if method == "PUT"] == []


def test_a_colleague_who_reads_the_calendar_is_free_again_once_daybook_removed_the_event(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    mates = account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])
    appointment = booked(calendar, 10)
    blocked = BlockedSlot.objects.filter(user=tenant.mate)
    assert [slot.starts_at for slot in blocked] == [tomorrow_at(10)]

    cancel(appointment, by=tenant.admin)
    deliver()
    assert pull(mates) is not None

    assert not BlockedSlot.objects.exists()


def test_a_colleague_who_moves_the_event_in_a_shared_calendar_moves_nothing_by_themselves(
    tenant: Tenant, account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    mates = account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[linked])
    appointment = booked(calendar, 10)
    drag(account, appointment, tomorrow_at(14))

    assert pull(Connection.objects.select_related("remote_account").get(pk=mates.pk)) is not None

    assert when(appointment) == tomorrow_at(10)
    sync()
    assert when(appointment) == tomorrow_at(14)


def test_a_zoned_time_written_by_apple_calendar_is_followed(
    account: ICloudAccount, linked: str, calendar: Calendar
) -> None:
    appointment = booked(calendar, 10)
    uid = MirroredEvent.objects.get().uid
    start = (tomorrow_at(0) + timedelta(days=7)).replace(tzinfo=None)
    body = event(
        str(uid),
        f";TZID=America/New_York:{start.replace(hour=9):%Y%m%dT%H%M%S}",
        f";TZID=America/New_York:{start.replace(hour=10):%Y%m%dT%H%M%S}",
        summary="Intro call: Gwen Guest",
    )
    account.server.put(href_of(appointment), body)

    sync()

    local = when(appointment).astimezone(NEW_YORK)
    assert (local.date(), local.hour) == (start.date(), 9)
    assert appointment.meeting.ends_at - appointment.meeting.starts_at == HOUR
