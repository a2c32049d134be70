"""What guests and hosts read in their mails."""

import re
from datetime import timedelta
from email.headerregistry import Address
from typing import Any

import pytest
from django.core import mail as outbox

from accounts.models import Member
from calendars.models import Appointment, Calendar, Mail
from calendars.services.booking import book
from calendars.services.cancelling import cancel, cancel_by_guest
from calendars.services.confirming import confirm
from calendars.services.moving import move, reschedule
from integrations.services.mailing import send
from tests.calendars.menus import book_services, make_menu, make_service
from tests.calendars.scenes import MONDAY_NINE, NOW, open_mornings, wish
from tests.conftest import Tenant
from tests.integrations.mailing.reading import (
    event_in,
    html_in,
    links_in,
    mail_to,
    readable,
    sent,
    text_in,
)

ONE_DAY = timedelta(days=1)


def test_the_services_of_a_menu_are_named_in_their_order(
    tenant: Tenant, calendar: Calendar
) -> None:
    menu = make_menu(tenant)
    cut, colour = (make_service(menu, name, 30, [tenant.owner]) for name in ("Cut", "Colour"))
    book_services([colour, cut])

    message = sent(mail_to("guest", "booked"))

    assert message["Subject"] == "Booked: Colour, Cut, Mon 2 Mar 2026, 09:00 CET, with Owner"
    assert "Colour, Cut" in text_in(message)
    assert event_in(message)["summary"] == "Colour, Cut"


def test_a_guest_is_told_what_when_where_and_with_whom(appointment: Appointment) -> None:
    message = sent(mail_to("guest", "booked"))

    assert message["Subject"] == "Booked: Consultation, Mon 2 Mar 2026, 09:00 CET, with Owner"
    assert message["To"].addresses == (Address(addr_spec="gina@example.com"),)
    for said in (" ".join(text_in(message).split()), readable(html_in(message))):
        assert "You’re booked" in said
        assert "Monday 2 March 2026, 09:00–09:30 (CET, Europe/Berlin)" in said
        assert re.search("What:? Consultation", said)
        assert re.search("With:? Owner", said)
        assert re.search("Where:? Quay 4", said)


def test_a_guest_gets_the_private_link_and_what_they_may_change(appointment: Appointment) -> None:
    message = sent(mail_to("guest", "booked"))

    page = f"http://testserver/appointments/{appointment.token}/"
    links = [page, f"{page}reschedule/", f"{page}cancel/"]
    assert links_in(html_in(message)) == links
    assert re.findall(r"^http.*$", text_in(message), re.MULTILINE) == links


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ({"guests_may_reschedule": False}, ["", "cancel/"]),
        ({"guests_may_cancel": False}, ["", "reschedule/"]),
        ({"changes_close": timedelta(days=2)}, [""]),
    ],
    ids=str,
)
def test_links_are_left_out_where_the_policy_lets_guests_change_nothing(
    appointment: Appointment, policy: dict[str, Any], kept: list[str]
) -> None:
    Calendar.objects.update(**policy)

    message = sent(mail_to("guest", "booked"))

    page = f"http://testserver/appointments/{appointment.token}/"
    assert links_in(html_in(message)) == [page + what for what in kept]


def test_nothing_a_guest_typed_is_mailed_to_the_address_they_gave(calendar: Calendar) -> None:
    booked = book(wish(calendar, name="Buy at spam.example", notes="Buy this"), now=NOW)
    reschedule(booked, MONDAY_NINE + ONE_DAY, now=NOW)
    cancel_by_guest(booked, reason="Buy that", now=NOW)

    for kind in ("booked", "moved", "cancelled"):
        outbox.outbox.clear()
        send(mail_to("guest", kind))
        [message] = outbox.outbox
        assert "Buy" not in message.message().as_string()


def test_a_host_is_told_who_comes_and_where_to_see_it(
    tenant: Tenant, appointment: Appointment
) -> None:
    message = sent(mail_to("host", "booked"))

    page = f"http://testserver/s/riverside/appointments/{appointment.pk}/"
    assert message["Subject"] == "Booked: Consultation, Mon 2 Mar 2026, 09:00 CET, with Gina Guest"
    assert message["To"].addresses == (Address(addr_spec=tenant.owner.email),)
    assert links_in(html_in(message)) == [page]
    for said in (" ".join(text_in(message).split()), readable(html_in(message))):
        assert "You have an appointment with Gina Guest" in said
        assert re.search("E-mail:? gina@example.com", said)
        assert re.search("Phone:? 030 1", said)
        assert re.search("Notes:? Second floor", said)
        assert appointment.token not in said


def test_what_waits_for_an_answer_says_what_happens_next(calendar: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)
    book(wish(calendar), now=NOW)

    guest, host = (sent(mail_to(reader, "requested")) for reader in ("guest", "host"))

    assert guest["Subject"].startswith("Request received: Consultation, Mon 2 Mar 2026")
    assert "It still has to be confirmed: we write to you again" in text_in(guest)
    assert host["Subject"].startswith("To confirm: Consultation, Mon 2 Mar 2026")
    assert "until you confirm or cancel, on the page below" in text_in(host)


def test_a_confirmation_says_so(tenant: Tenant, calendar: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)
    confirm(book(wish(calendar), now=NOW), by=tenant.admin)

    guest, host = (sent(mail_to(reader, "confirmed")) for reader in ("guest", "host"))

    assert guest["Subject"].startswith("Confirmed: Consultation")
    assert "Your appointment is confirmed" in text_in(guest)
    assert "Your appointment with Gina Guest was confirmed" in text_in(host)


@pytest.mark.parametrize("reader", ["guest", "host"])
def test_a_move_tells_the_old_time_and_the_new(appointment: Appointment, reader: str) -> None:
    reschedule(appointment, MONDAY_NINE + ONE_DAY, now=NOW)

    message = sent(mail_to(reader, "moved"))

    assert message["Subject"].startswith("Moved: Consultation, Tue 3 Mar 2026, 09:00 CET")
    for said in (" ".join(text_in(message).split()), readable(html_in(message))):
        assert "has another time" in said
        assert re.search(r"When:? Tuesday 3 March 2026, 09:00–09:30 \(CET, Europe/Berlin\)", said)
        assert re.search(r"Was:? Monday 2 March 2026, 09:00 \(CET, Europe/Berlin\)", said)


def test_a_move_of_what_waits_for_an_answer_says_that_it_still_waits(calendar: Calendar) -> None:
    Calendar.objects.update(needs_confirmation=True)
    reschedule(book(wish(calendar), now=NOW), MONDAY_NINE + ONE_DAY, now=NOW)

    guest, host = (sent(mail_to(reader, "moved")) for reader in ("guest", "host"))

    assert "It still has to be confirmed" in text_in(guest)
    assert "It still has to be confirmed" in text_in(host)
    assert event_in(guest)["STATUS"] == "TENTATIVE"


def test_an_appointment_given_to_another_host_is_no_move_and_no_surprise(
    tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    move(appointment, MONDAY_NINE, by=tenant.admin, host=tenant.mate.pk, now=NOW)

    guest, mate, owner = (
        sent(mail)
        for mail in (
            mail_to("guest", "moved"),
            Mail.objects.get(to=tenant.mate),
            Mail.objects.get(to=tenant.owner, kind="cancelled"),
        )
    )

    assert guest["Subject"] == "Changed: Consultation, Mon 2 Mar 2026, 09:00 CET, with Mate"
    assert "Somebody else is expecting you" in text_in(guest)
    assert "Was:" not in text_in(guest)
    assert "It was somebody else’s until now" in text_in(mate)
    assert owner["Subject"].startswith("Cancelled: Consultation, Mon 2 Mar 2026, 09:00 CET")
    assert "Reason: Somebody else serves it now." in text_in(owner)


@pytest.mark.parametrize("reader", ["guest", "host"])
def test_a_cancellation_gives_the_reason(
    tenant: Tenant, appointment: Appointment, reader: str
) -> None:
    cancel(appointment, by=tenant.admin, reason="Ana is ill.\nSorry!")

    message = sent(mail_to(reader, "cancelled"))

    assert message["Subject"].startswith("Cancelled: Consultation, Mon 2 Mar 2026, 09:00 CET")
    assert "Reason: Ana is ill.\nSorry!" in text_in(message)
    assert "Ana is ill.<br>Sorry!" in html_in(message)


def test_a_cancelled_guest_is_led_to_book_again_and_to_nothing_they_cannot_do(
    tenant: Tenant, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.admin)

    message = sent(mail_to("guest", "cancelled"))

    assert links_in(html_in(message)) == [
        f"http://testserver/appointments/{appointment.token}/",
        "http://testserver/book/riverside/consultation/",
    ]
    assert "Reason" not in text_in(message)


def test_a_mail_sent_late_says_what_was_true_when_it_was_written(
    tenant: Tenant, appointment: Appointment
) -> None:
    booked = mail_to("guest", "booked")
    move(appointment, MONDAY_NINE + ONE_DAY, by=tenant.admin, now=NOW)

    message = sent(booked)

    assert "Monday 2 March 2026, 09:00–09:30" in text_in(message)
    assert (event_in(message).start, event_in(message)["SEQUENCE"]) == (MONDAY_NINE, 0)


def test_everybody_reads_times_in_their_own_zone(tenant: Tenant, calendar: Calendar) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="Asia/Tokyo")
    book(wish(calendar, time_zone="America/New_York"), now=NOW)

    guest, host = (sent(mail_to(reader, "booked")) for reader in ("guest", "host"))

    assert "03:00–03:30 (EST, America/New_York)" in text_in(guest)
    assert "Mon 2 Mar 2026, 03:00 EST" in guest["Subject"]
    assert "17:00–17:30 (JST, Asia/Tokyo)" in text_in(host)
    assert "Mon 2 Mar 2026, 17:00 JST" in host["Subject"]


def test_a_host_who_left_reads_times_in_the_sub_accounts_zone(
    tenant: Tenant, appointment: Appointment
) -> None:
    Member.objects.filter(user=tenant.owner).delete()

    assert "09:00–09:30 (CET, Europe/Berlin)" in text_in(sent(mail_to("host", "booked")))


def test_a_meeting_past_midnight_names_both_days(appointment: Appointment) -> None:
    Mail.objects.update(ends_at=MONDAY_NINE + timedelta(hours=20))

    said = text_in(sent(mail_to("guest", "booked")))

    assert "Monday 2 March 2026, 09:00–Tuesday 3 March 2026, 05:00 (CET, Europe/Berlin)" in said
