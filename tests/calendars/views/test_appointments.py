import pytest
from django.test import Client

from calendars.models import Appointment, Calendar, Contact
from calendars.services.booking import book
from tests.calendars.scenes import NOW, wish


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    Calendar.objects.update(location="Room <1>")
    return book(wish(calendar, name="<b>Gina</b>", notes="<script>"), now=NOW)


@pytest.mark.parametrize("file", ["", "calendar.ics"])
def test_the_private_link_is_kept_private(
    client: Client, appointment: Appointment, file: str
) -> None:
    response = client.get(f"/appointments/{appointment.token}/{file}")

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("file", ["", "calendar.ics"])
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
