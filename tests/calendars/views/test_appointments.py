import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from calendars.models import Appointment, Calendar, Contact
from calendars.services.booking import book
from calendars.services.moving import move
from calendars.views.appointments import WRONG_LINKS
from tests.calendars.scenes import MONDAY_NINE, NOW, open_mornings, wish
from tests.calendars.views.pages import text_of, words_of
from tests.conftest import Tenant

PAGES = ["", "calendar.ics", "reschedule/", "cancel/"]


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    Calendar.objects.update(location="Room <1>")
    return book(wish(calendar, name="<b>Gina</b>", notes="<script>"), now=NOW)


@pytest.mark.parametrize("file", PAGES)
def test_the_private_link_is_kept_private(
    client: Client, appointment: Appointment, file: str
) -> None:
    response = client.get(f"/appointments/{appointment.token}/{file}")

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("file", PAGES)
@pytest.mark.parametrize("token", ["x", "0" * 43])
def test_an_unknown_link_is_not_found(
    client: Client, appointment: Appointment, file: str, token: str
) -> None:
    assert client.get(f"/appointments/{token}/{file}").status_code == 404


@pytest.mark.parametrize("file", ["", "calendar.ics"])
def test_the_link_only_shows(client: Client, appointment: Appointment, file: str) -> None:
    assert client.post(f"/appointments/{appointment.token}/{file}").status_code == 405


def test_the_page_tells_what_when_where_and_with_whom(
    client: Client, appointment: Appointment
) -> None:
    page = client.get(f"/appointments/{appointment.token}/").content.decode()

    assert "Consultation" in page
    assert "Monday 2 March 2026, 09:00" in page
    assert "<dd>Owner</dd>" in page
    assert "Room &lt;1&gt;" in page


def test_a_guest_is_greeted_by_the_name_they_gave_not_by_one_that_is_known(
    client: Client, calendar: Calendar
) -> None:
    Contact.objects.create(
        sub_account=calendar.sub_account, name="Secret Name", email="gina@example.com"
    )
    booked = book(wish(calendar, name="Somebody", email="gina@example.com"), now=NOW)

    page = client.get(f"/appointments/{booked.token}/").content.decode()

    assert "booked, Somebody" in page
    assert "Secret Name" not in page


def test_what_guests_write_stays_text(client: Client, appointment: Appointment) -> None:
    page = client.get(f"/appointments/{appointment.token}/").content.decode()

    assert "<b>Gina</b>" not in page
    assert "&lt;b&gt;Gina&lt;/b&gt;" in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("status", "words", "has_file"),
    [
        ("new", "It still has to be confirmed", "yes"),
        ("showed", "This appointment is over", "no"),
        ("noshow", "This appointment is over", "no"),
        ("cancelled", "This appointment was cancelled", "no"),
        ("invalid", "This appointment was cancelled", "no"),
    ],
)
def test_the_page_follows_the_status(
    client: Client, appointment: Appointment, status: str, words: str, has_file: str
) -> None:
    Appointment.objects.update(status=status)

    page = client.get(f"/appointments/{appointment.token}/").content.decode()

    assert words in page
    assert ("calendar.ics" in page) == (has_file == "yes")


def test_the_file_is_a_calendar_to_keep(client: Client, appointment: Appointment) -> None:
    response = client.get(f"/appointments/{appointment.token}/calendar.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert b"DESCRIPTION:With Owner" in response.content


def test_the_page_opens_other_calendars_and_tells_them_of_nobody_but_the_host(
    client: Client, appointment: Appointment
) -> None:
    page = text_of(client.get(f"/appointments/{appointment.token}/"))

    said = (
        "text=Consultation&dates=20260302T080000Z%2F20260302T083000Z"
        "&location=Room%20%3C1%3E&details=With%20Owner"
    )
    google = f"https://calendar.google.com/calendar/render?action=TEMPLATE&{said}"
    opens = re.findall(r'href="(https://[^"]+)" target="_blank" rel="noopener noreferrer"', page)
    assert [urlsplit(url).hostname for url in opens] == [
        "calendar.google.com",
        "outlook.live.com",
        "outlook.office.com",
    ]
    assert opens[0] == google
    assert [name for name in ("Gina", "script", appointment.token) if name in str(opens)] == []


def test_an_appointment_that_has_passed_is_over(client: Client, appointment: Appointment) -> None:
    with time_machine.travel(MONDAY_NINE + timedelta(minutes=30), tick=False):
        page = text_of(client.get(f"/appointments/{appointment.token}/"))

    assert "This appointment is over" in page
    assert "Reschedule" not in page
    assert "Cancel appointment" not in page


def test_the_page_leads_to_what_a_guest_may_change_and_says_until_when(
    client: Client, appointment: Appointment
) -> None:
    Calendar.objects.update(changes_close=timedelta(hours=2))

    page = text_of(client.get(f"/appointments/{appointment.token}/"))

    assert f"/appointments/{appointment.token}/reschedule/" in page
    assert f"/appointments/{appointment.token}/cancel/" in page
    assert "You can change it here until Monday 2 March 2026, 07:00 (CET, Europe/Berlin)." in (
        words_of(page)
    )


@pytest.mark.parametrize(
    ("policy", "leads_to"),
    [
        ({"guests_may_reschedule": False}, ["cancel"]),
        ({"guests_may_cancel": False}, ["reschedule"]),
        ({"changes_close": timedelta(days=2)}, []),
        ({"is_active": False}, ["cancel"]),
    ],
    ids=str,
)
def test_the_page_leads_to_nothing_that_a_guest_may_not_do(
    client: Client, appointment: Appointment, policy: dict[str, Any], leads_to: list[str]
) -> None:
    Calendar.objects.update(**policy)

    page = text_of(client.get(f"/appointments/{appointment.token}/"))

    links = [what for what in ("reschedule", "cancel") if f"{appointment.token}/{what}/" in page]
    assert links == leads_to


def test_the_time_it_was_moved_from_stays_visible(
    client: Client, tenant: Tenant, appointment: Appointment
) -> None:
    move(appointment, MONDAY_NINE + timedelta(days=1), by=tenant.admin, now=NOW)

    page = text_of(client.get(f"/appointments/{appointment.token}/"))

    assert "Tuesday 3 March 2026, 09:00" in page
    assert "Moved from" in page
    assert "Monday 2 March 2026, 09:00" in page


def test_only_who_serves_it_now_is_named(
    client: Client, tenant: Tenant, calendar: Calendar, appointment: Appointment
) -> None:
    open_mornings(tenant.mate, tenant.sub_account)
    calendar.calendarhost_set.create(user=tenant.mate, position=1)
    move(appointment, MONDAY_NINE, by=tenant.admin, host=tenant.mate.pk, now=NOW)

    page = text_of(client.get(f"/appointments/{appointment.token}/"))
    file = client.get(f"/appointments/{appointment.token}/calendar.ics")

    assert "<dd>Mate</dd>" in page
    assert "Owner" not in page
    assert "Moved from" not in page
    assert b"DESCRIPTION:With Mate" in file.content


def test_guessing_links_ends_soon_and_shuts_nobody_out_who_has_one(
    client: Client, appointment: Appointment
) -> None:
    page = f"/appointments/{appointment.token}/"

    guesses = [
        client.get(f"/appointments/guess{number}/{PAGES[number % 4]}").status_code
        for number in range(WRONG_LINKS + 1)
    ]
    refused = client.get("/appointments/guess/")

    assert guesses == [404] * WRONG_LINKS + [429]
    assert (refused.status_code, "try again in" in text_of(refused)) == (429, True)
    assert [client.get(page + file).status_code for file in PAGES] == [200] * 4
    assert client.get("/appointments/guess/", REMOTE_ADDR="192.0.2.9").status_code == 404


def test_looking_at_ones_own_link_is_not_counted(client: Client, appointment: Appointment) -> None:
    page = f"/appointments/{appointment.token}/"

    answers = {client.get(page).status_code for _ in range(WRONG_LINKS + 2)}

    assert answers == {200}
