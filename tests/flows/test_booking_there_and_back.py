"""From a new calendar to an event on iCloud, moved there and back, and to its end: over pages, the
job queue and a real CalDAV server."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Member, User
from calendars.models import Appointment, BlockedSlot, Calendar, MeetingHost, OutboxItem
from demo.events import moved
from demo.visitor import Page
from integrations.models import Connection, MirroredEvent, RemoteAccount
from integrations.services.pulling import pull
from integrations.tasks import deliver_due
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, utc_event
from tests.integrations.events import events_on
from tests.jobs import work_off

SignIn = Callable[[User], Client]
SETTINGS = "/s/riverside/settings/calendars/"
BOOK = "/book/riverside/first-call/"
APPOINTMENTS = "/s/riverside/appointments/"
HALF_HOUR = timedelta(minutes=30)


def read(client: Client, path: str) -> Page:
    answer = client.get(path)
    return Page(path, answer.status_code, answer.content.decode())


def send(client: Client, path: str, naming: str, **values: Any) -> Any:
    """Fill in the form that has that field, as it is shown, and send it."""
    form = read(client, path).form_with(naming)
    chosen = {choice.name: choice.value for choice in form.choices if choice.chosen}
    data = {**form.fields, **chosen, **values}
    return client.post(form.action or path, data, follow=True)


def times_on(client: Client, path: str) -> list[str]:
    page = read(client, path)
    return [choice.value for form in [*page.forms, page.loose] for choice in form.named("start")]


def at(value: str) -> datetime:
    return datetime.fromisoformat(value)


def sync() -> None:
    for connection in Connection.objects.select_related("remote_account"):
        assert pull(connection) is not None


def deliver() -> None:
    """As the worker does each minute, however long it was told to wait."""
    OutboxItem.objects.update(due_at=timezone.now())
    RemoteAccount.objects.update(retry_at=None)
    deliver_due()
    work_off()


@pytest.fixture
def linked(tenant: Tenant, account: ICloudAccount) -> str:
    path = account.calendar()
    account.connect_and_choose(tenant.owner, tenant.sub_account, linked=path, conflicts=[path])
    return path


@pytest.fixture
def calendar(tenant: Tenant, linked: str, signed_in: SignIn) -> Calendar:
    """Made on the pages of staff: an admin's calendar, with the owner as host and their hours."""
    sync()
    admin, owner = signed_in(tenant.admin), signed_in(tenant.owner)
    made = {"name": "First call", "duration": "30", "interval": "30", "notice": "0"}
    send(admin, f"{SETTINGS}new/", "interval", **made, time_zone="Europe/Berlin")
    calendar = Calendar.objects.get()
    member = Member.objects.get(user=tenant.owner)
    admin.post(f"{SETTINGS}{calendar.pk}/hosts/", {"member": member.pk, "priority": "2"})
    # As the page proposes them: Monday to Friday.
    send(owner, "/s/riverside/settings/profile/hours/", "time_zone")
    return calendar


@pytest.fixture
def booked(calendar: Calendar, client: Client) -> Appointment:
    """A guest books the first time that is shown to them; the worker does what follows."""
    times = times_on(client, BOOK)
    send(client, BOOK, "key", start=times[0], name="Gwen Guest", email="gwen@guest.test")
    deliver()
    sync()
    return Appointment.objects.get()


def link_to(appointment: Appointment) -> str:
    return f"/appointments/{appointment.token}/"


def when(appointment: Appointment) -> datetime:
    appointment.meeting.refresh_from_db()
    return appointment.meeting.starts_at


def drag(account: ICloudAccount, to: datetime) -> None:
    href = MirroredEvent.objects.get().href
    account.server.put(href, moved(account.server.get(href), to))


def mailed(to: str) -> list[str]:
    return [str(message.subject) for message in mail.outbox if message.to == [to]]


def test_a_booking_stands_on_icloud_and_guest_and_host_are_told(
    tenant: Tenant, account: ICloudAccount, linked: str, booked: Appointment
) -> None:
    [event] = events_on(account, linked)
    assert event.start == when(booked)
    assert event["SUMMARY"] == "First call: Gwen Guest"
    assert "gwen@guest.test" in str(event["DESCRIPTION"])
    assert not {"ATTENDEE", "ORGANIZER"} & event.keys()
    assert [len(mailed(to)) for to in ("gwen@guest.test", tenant.owner.email)] == [1, 1]
    assert not BlockedSlot.objects.exists()


def test_a_move_in_icloud_a_reschedule_and_a_cancellation_go_all_the_way(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    booked: Appointment,
    client: Client,
) -> None:
    there = when(booked) + timedelta(hours=2)
    drag(account, there)
    sync()
    deliver()
    page = client.get(link_to(booked)).content.decode()
    assert when(booked) == there
    assert f'datetime="{there:%Y-%m-%dT%H:%M:%SZ}"' in page
    assert [there.isoformat() in time for time in times_on(client, BOOK)].count(True) == 0
    assert len(mailed("gwen@guest.test")) == 2

    reschedule = f"{link_to(booked)}reschedule/"
    back = times_on(client, reschedule)[-1]
    send(client, reschedule, "start", start=back)
    deliver()
    [event] = events_on(account, linked)
    assert (when(booked), event.start) == (at(back), at(back))

    send(client, f"{link_to(booked)}cancel/", "reason", reason="Caught a cold")
    deliver()
    sync()
    assert events_on(account, linked) == []
    assert back in times_on(client, f"{BOOK}?date={back[:10]}")
    assert ["Cancelled" in subject for subject in mailed("gwen@guest.test")][-1]
    assert not BlockedSlot.objects.exists()


def test_a_guest_books_in_their_own_zone_and_takes_a_calendar_file_home(
    calendar: Calendar, client: Client
) -> None:
    path = f"{BOOK}?tz=America/New_York"
    [first, *_] = times_on(client, path)

    answer = send(client, path, "key", start=first, name="Gwen", email="gwen@guest.test")

    appointment = Appointment.objects.get()
    file = client.get(f"{link_to(appointment)}calendar.ics")
    [event] = icalendar.Calendar.from_ical(file.content).events
    assert answer.redirect_chain == [(link_to(appointment), 302)]
    assert "America/New_York" in answer.content.decode()
    assert (event.start, event.end) == (at(first), at(first) + HALF_HOUR)


def test_an_appointment_to_be_confirmed_is_tentative_until_staff_confirm_it(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
    client: Client,
    signed_in: SignIn,
) -> None:
    Calendar.objects.update(needs_confirmation=True)
    send(client, BOOK, "key", start=times_on(client, BOOK)[0], name="Gwen", email="g@guest.test")
    deliver()
    [event] = events_on(account, linked)
    appointment, owner = Appointment.objects.get(), signed_in(tenant.owner)
    assert (event["SUMMARY"], event["STATUS"]) == ("To confirm: First call: Gwen", "TENTATIVE")

    owner.post(f"{APPOINTMENTS}{appointment.pk}/confirm/")
    deliver()

    [event] = events_on(account, linked)
    assert (event["SUMMARY"], event["STATUS"]) == ("First call: Gwen", "CONFIRMED")
    assert len(mailed("g@guest.test")) == 2


def test_a_guest_who_came_leaves_the_event_and_an_invalid_booking_removes_it(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    booked: Appointment,
    signed_in: SignIn,
) -> None:
    owner = signed_in(tenant.owner)
    Appointment.objects.update(status=Appointment.Status.SHOWED)
    OutboxItem.objects.filter(effect="write").update(settled_revision=0)
    deliver()
    assert len(events_on(account, linked)) == 1

    owner.post(f"{APPOINTMENTS}{booked.pk}/invalid/")
    deliver()

    booked.refresh_from_db()
    assert booked.status == Appointment.Status.INVALID
    assert events_on(account, linked) == []
    assert len(mailed("gwen@guest.test")) == 1


def test_staff_make_move_and_cancel_appointments_on_their_pages(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
    signed_in: SignIn,
) -> None:
    owner, new = signed_in(tenant.owner), f"{APPOINTMENTS}new/first-call/"
    first, second, *_ = times_on(owner, new)
    send(owner, new, "name", start=first, name="Walter Walk-in")
    deliver()
    [event] = events_on(account, linked)
    page = f"{APPOINTMENTS}{Appointment.objects.get().pk}/"
    assert event.start == at(first)

    send(owner, f"{page}move/", "start", start=second)
    deliver()
    [event] = events_on(account, linked)
    assert event.start == at(second)

    send(owner, f"{page}cancel/", "reason")
    deliver()
    assert events_on(account, linked) == []


def test_what_staff_put_right_stands_on_icloud_and_reaches_the_guest(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    booked: Appointment,
    signed_in: SignIn,
) -> None:
    owner, page = signed_in(tenant.owner), f"{APPOINTMENTS}{booked.pk}/"

    send(owner, f"{page}guest/", "name", name="Gwen Right", email="gwen@right.test")
    deliver()
    sync()

    [event] = events_on(account, linked)
    assert event["SUMMARY"] == "First call: Gwen Right"
    assert "gwen@right.test" in str(event["DESCRIPTION"])
    assert "gwen@guest.test" not in str(event["DESCRIPTION"])
    assert event.start == when(booked)
    assert [len(mailed(to)) for to in ("gwen@guest.test", "gwen@right.test")] == [1, 1]
    assert "E-mail before: gwen@guest.test" in words_of(owner, page)
    assert not BlockedSlot.objects.exists()


def test_time_blocked_by_hand_closes_availability_and_is_not_written_to_icloud(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
    client: Client,
    signed_in: SignIn,
) -> None:
    first = at(times_on(client, BOOK)[0])
    start, end = (each.astimezone(calendar.zone) for each in (first, first + HALF_HOUR))
    blocked = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "ends_at": f"{end:%Y-%m-%dT%H:%M}"}

    send(signed_in(tenant.owner), "/s/riverside/calendar/blocked/", "starts_at", **blocked)
    deliver()
    sync()

    assert BlockedSlot.objects.get().starts_at == first
    assert first not in [at(time) for time in times_on(client, BOOK)]
    assert events_on(account, linked) == []
    assert not OutboxItem.objects.exists()


def test_staff_see_on_each_appointment_how_it_stands_on_icloud(
    tenant: Tenant,
    account: ICloudAccount,
    linked: str,
    calendar: Calendar,
    client: Client,
    signed_in: SignIn,
) -> None:
    owner = signed_in(tenant.owner)
    account.server.stop_process()
    try:
        send(
            client, BOOK, "key", start=times_on(client, BOOK)[0], name="Gwen", email="g@guest.test"
        )
        deliver()
    finally:
        account.server.restart_process()
    page = f"{APPOINTMENTS}{Appointment.objects.get().pk}/"
    waiting = words_of(owner, page)

    deliver()
    written = words_of(owner, page)

    account.server.delete(MirroredEvent.objects.get().href)
    for _ in range(2):
        sync()
    deleted = words_of(owner, page)
    part = MeetingHost.objects.get()
    owner.post(f"{APPOINTMENTS}copies/{part.pk}/write/")
    deliver()

    assert "waiting to be written to iCloud: iCloud could not be reached" in waiting
    assert "waiting" not in written
    assert "deleted in iCloud" in deleted
    assert "Write it to iCloud again" in deleted
    assert len(events_on(account, linked)) == 1
    assert "deleted in iCloud" not in words_of(owner, page)


def words_of(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


def test_no_slot_is_offered_in_busy_time_of_icloud(
    account: ICloudAccount, linked: str, calendar: Calendar, client: Client
) -> None:
    before = times_on(client, BOOK)
    busy = at(before[2])
    account.server.put(f"{linked}busy.ics", utc_event("busy", busy, busy + HALF_HOUR))

    sync()

    assert times_on(client, BOOK) == [time for time in before if at(time) != busy]
