"""A guest whose browser asks for German, from the list of offers to the mail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from accounts.models import User
from calendars.ical import appointment_file
from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from tests.calendars.asking import change
from tests.calendars.menus import MENU, make_cut_and_colour, make_menu
from tests.calendars.scenes import MONDAY_NINE, NOW, block, wish
from tests.calendars.views.pages import text_of
from tests.calendars.views.test_public import GUEST, PAGE, START, key_in, send, starts_in
from tests.conftest import Tenant
from tests.integrations.mailing.reading import event_in, html_in, mail_to, sent, text_in
from tests.words.reading import LANGUAGE, english_in, read

TUESDAY_TEN = "2026-03-03T09:00:00Z"


@pytest.fixture
def german() -> Client:
    return Client(headers=LANGUAGE, enforce_csrf_checks=True)


@pytest.fixture
def page(calendar: Calendar) -> str:
    """An appointment that was booked in German."""
    return f"/appointments/{book(wish(calendar, language='de'), now=NOW).token}/"


def test_a_german_guest_books_moves_and_cancels_in_german(
    german: Client, calendar: Calendar, tenant: Tenant
) -> None:
    change(calendar, description="", location="Kai 4", duration=timedelta(minutes=90))
    listed = read(german.get("/book/riverside/"))
    shown = german.get(PAGE)

    booked = german.post(PAGE, {**GUEST, "start": starts_in(shown)[0], "key": key_in(shown)})
    done = booked["Location"]
    confirmed = read(german.get(done))
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + timedelta(days=1))
    taken = german.post(done + "reschedule/", {"start": "2026-03-03T08:00:00Z"})
    moved = german.post(done + "reschedule/", {"start": TUESDAY_TEN})
    after_move = read(german.get(done))
    asked = read(german.get(done + "cancel/"))
    cancelled = german.post(done + "cancel/", {"reason": ""})
    after_all = read(german.get(done))

    assert "Consultation 1 Stunde 30 Minuten · Kai 4" in listed
    assert "Tage mit freien Zeiten MoMontagDiDienstag" in read(shown)
    assert "Montag, 2. März Uhrzeit 09:00" in read(shown)
    assert "Ihr Termin ist gebucht, Gina Guest" in confirmed
    when = "Montag, 2. März 2026, 09:00–10:30 Uhr (CET, Europe/Berlin)"
    assert f"Wann{when} MitOwner WoKai 4" in confirmed
    assert (taken.status_code, moved.status_code, cancelled.status_code) == (409, 302, 302)
    assert "Diese Zeit wurde gerade vergeben. Bitte wählen Sie eine andere." in read(taken)
    assert "BisherMontag, 2. März 2026, 09:00 Uhr" in after_move
    assert "Diesen Termin absagen?" in asked
    assert "Dieser Termin wurde abgesagt" in after_all
    assert not german.cookies


def test_refusals_are_german(
    german: Client,
    calendar: Calendar,
    tenant: Tenant,
    settings: Settings,
) -> None:
    incomplete = send(german, calendar, name="", email="none", start="")
    odd = german.get(PAGE, {"tz": "Mars/Phobos", "date": "1999-01-01", "host": "77"})
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)
    taken = send(german, calendar)
    never = send(german, calendar, start="2026-03-01T08:00:00Z")
    stale = german.post(PAGE, {**GUEST, "start": START, "key": "old"})
    settings.BOOKING_RATE = 0
    too_often = send(german, calendar)

    answers = (incomplete, odd, taken, never, stale, too_often)
    assert [answer.status_code for answer in answers] == [422, 200, 409, 409, 403, 429]
    told = [read(answer) for answer in answers]
    for said in ("Uhrzeit: Bitte wählen Sie eine Zeit.", "Name: Bitte geben Sie Ihren Namen an."):
        assert said in told[0]
    assert "E-Mail: Bitte gültige E-Mail-Adresse eingeben." in told[0]
    assert "Angezeigt werden Zeiten in Europe/Berlin." in told[1]
    assert "Diese Zeit wurde gerade vergeben." in told[2]
    assert "Diese Zeit ist nicht buchbar." in told[3]
    assert "Diese Seite war zu lange geöffnet." in told[4]
    assert "in 60 Minuten noch einmal. Ihre Angaben bleiben so lange erhalten." in told[5]


def test_a_menu_is_german(german: Client, tenant: Tenant, frozen: None) -> None:
    cut, colour = make_cut_and_colour(tenant, make_menu(tenant, description=""))

    answers = [
        german.get(MENU),
        german.post(MENU),
        german.get(f"{MENU}?services={cut.slug}&services={colour.slug}"),
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 200]
    told = [read(answer) for answer in answers]
    assert "Zeit wählen" in told[0]
    assert "Bitte wählen Sie eine Leistung." in told[1]
    assert "Andere Leistungen wählen" in told[2]


def test_pages_that_lead_nowhere_are_german(german: Client, calendar: Calendar, page: str) -> None:
    change(calendar, guests_may_cancel=False, changes_close=timedelta(days=9))

    answers = [
        german.get("/book/nowhere/"),
        german.get("/book/riverside/nothing/"),
        german.get(page + "cancel/"),
        german.get(page + "reschedule/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 409, 409]
    told = [read(answer) for answer in answers]
    assert "Diese Seite finden wir nicht" in told[0]
    assert "Das lässt sich nicht buchen" in told[1]
    assert "Dieser Termin lässt sich hier nicht absagen" in told[2]
    assert "Das war möglich bis Samstag, 21. Februar 2026, 09:00 Uhr" in told[3]


def test_a_guest_is_written_to_in_the_language_they_booked_in(
    german: Client,
    calendar: Calendar,
) -> None:
    send(german, calendar, start="2026-03-30T07:00:00Z")
    seat = Appointment.objects.get()

    message = sent(mail_to("guest", "booked"))
    to_host = sent(mail_to("host", "booked"))

    subject = "Gebucht: Consultation, Mo, 30. März 2026, 09:00 CEST, mit Owner"
    assert (seat.guest_language, message["Subject"].strip()) == ("de", subject)
    assert "Wann: Montag, 30. März 2026, 09:00–09:30 Uhr (CEST, Europe/Berlin)" in text_in(message)
    assert english_in(text_in(message)) == []
    assert '<html lang="de">' in html_in(message)
    assert str(event_in(message)["DESCRIPTION"]) == "Mit Owner"
    assert text_in(to_host).startswith("You have an appointment with Gina Guest\n")
    assert '<html lang="en">' in html_in(to_host)
    assert translation.get_language() == "en"


def test_a_file_for_download_is_in_the_language_of_who_asks(page: str) -> None:
    seat = Appointment.objects.get()

    files = {}
    for language in ("en", "de"):
        with translation.override(language):
            files[language] = appointment_file(seat, host="Owner").decode()

    assert "DESCRIPTION:With Owner" in files["en"]
    assert "DESCRIPTION:Mit Owner" in files["de"]


@pytest.mark.parametrize("asked", ["fr", "tlh, x-y;q=0.5", "*", "", "de-" + "x" * 600])
def test_who_asks_for_another_language_reads_english(
    calendar: Calendar,
    asked: str,
) -> None:
    answer = Client(headers={"Accept-Language": asked}).get(PAGE)

    assert '<html lang="en">' in text_of(answer)
    assert answer["Content-Language"] == "en"
    assert "Monday 2 March" in text_of(answer)


def test_a_cookie_of_another_application_has_no_say(calendar: Calendar) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.cookies["django_language"] = "de"

    assert client.get(PAGE)["Content-Language"] == "en"


def test_the_admin_is_all_english(signed_in: Callable[[User], Client], tenant: Tenant) -> None:
    answer = signed_in(tenant.agency_admin).get("/admin/", headers=LANGUAGE)

    assert '<html lang="en"' in text_of(answer)
    assert answer["Content-Language"] == "en"
