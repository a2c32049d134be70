"""Appointments and contacts, for staff whose browser asks for German."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from accounts.models import User
from calendars.engine.choice import Candidate, Mode, choose
from calendars.engine.slots import Reason
from calendars.models import (
    Appointment,
    Calendar,
    Contact,
    HistoryEntry,
    Mail,
    MeetingHost,
    WeeklyHours,
)
from calendars.services import assigning, booking
from calendars.services.booking import book
from calendars.services.choosing import why_chosen
from calendars.services.copies import copy_in_words
from calendars.services.history import who
from calendars.services.reasons import in_words
from calendars.services.telling import how_it_stands
from tests.calendars.asking import change
from tests.calendars.kinds import make_class, make_simple, seat
from tests.calendars.scenes import MONDAY_NINE, NOW, add_host, block, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant, make_user
from tests.integrations.mailing.reading import mail_to
from tests.integrations.mailing.reading import sent as message_of
from tests.words.reading import LANGUAGE, english_in, read

LIST = "/s/riverside/appointments/"
CONTACTS = "/s/riverside/contacts/"
BOOK = f"{LIST}new/consultation/"
NINE, TEN = "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"
WALTER = {"name": "Walter", "email": "walter@example.com"}
SignIn = Callable[[User], Client]


@pytest.fixture
def german(tenant: Tenant, signed_in: SignIn) -> Client:
    client = signed_in(tenant.owner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    """Nine o'clock on Monday, served by the owner."""
    return book(wish(calendar), now=NOW)


def page_of(appointment: Appointment) -> str:
    return f"{LIST}{appointment.pk}/"


def full(appointment: Appointment, *, guests: int) -> None:
    """So many guests come to its meeting."""
    sub_account, meeting = appointment.contact.sub_account, appointment.meeting
    names = [f"Gast {number}" for number in range(2, guests + 1)]
    contacts = Contact.objects.bulk_create(
        Contact(sub_account=sub_account, name=name) for name in names
    )
    Appointment.objects.bulk_create(
        Appointment(meeting=meeting, contact=contact, seat=place, guest_name=contact.name)
        for place, contact in enumerate(contacts, start=2)
    )


def test_lists_of_nothing_are_german(german: Client) -> None:
    pages = [
        *(LIST, f"{LIST}?show=attention", f"{LIST}?show=past", f"{LIST}?q=Niemand"),
        *(f"{LIST}new/", CONTACTS, f"{CONTACTS}?q=Niemand"),
    ]
    told = [read(german.get(page)) for page in pages]

    assert "Termine AnstehendZu klärenVergangenAbgesagt KalenderWer" in told[0]
    assert "Keine anstehenden Termine" in told[0]
    assert "Nichts zu klären" in told[1]
    assert "Was als Nächstes kommt, steht unter „Anstehend“." in told[2]
    assert "Nichts gefunden" in told[3]
    assert "Kein Kalender zum Buchen" in told[4]
    assert "Noch keine Kontakte" in told[5]
    assert "Niemand gefunden" in told[6]


def test_long_lists_and_what_is_marked_in_them_are_german(
    german: Client, appointment: Appointment
) -> None:
    full(appointment, guests=26)
    Appointment.objects.update(status="new")
    MeetingHost.objects.update(user=make_user("weg@x.test"), is_overlapping=True, copy="deleted")
    Mail.objects.update(problem="550")

    page = german.get(LIST, {"show": "attention"})
    contacts = german.get(CONTACTS)

    told = read(page)
    assert "WannGastKalenderWerStatusIn iCloud Mo, 2. März 2026, 09:00 Gina" in told
    assert "Zu bestätigen Überschneidung Nicht mehr im Team E-Mail nicht gesendet" in told
    assert "in iCloud gelöscht" in told
    assert "Seite 1 von 2 Weiter hinten" in told
    assert "Zeitzone: Europe/Berlin" in told
    assert 'aria-label="26 Termine"' in text_of(page)
    assert text_of(page).count('<option value="" selected>Alle</option>') == 2
    assert "NameE-MailTelefonTermine" in read(contacts)
    assert "Nicht angegeben" in read(contacts)
    assert 'aria-label="26 Kontakte"' in text_of(contacts)


def test_booking_for_a_guest_is_german(german: Client, tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    choosing = read(german.get(f"{LIST}new/"))
    shown = german.get(BOOK)
    nobody = read(german.post(BOOK, {"start": NINE}))
    never = read(german.post(BOOK, WALTER))
    skipped = read(german.post(BOOK, {**WALTER, "other": "2026-03-29T02:30"}))
    odd = read(german.post(BOOK, {**WALTER, "other": "morgen"}))
    made = german.post(BOOK, {**WALTER, "start": NINE}, follow=True)
    WeeklyHours.objects.all().delete()
    off = read(german.get(BOOK))

    assert "In welchem Kalender? Consultation Reihum · 30 Minuten Wählen Consultation" in choosing
    assert "Consultation buchen" in read(shown)
    assert "Montag, 2. März Uhrzeit 09:00" in read(shown)
    assert "Andere Zeit, und der Gast Andere Zeit (Europe/Berlin)" in read(shown)
    assert ">Egal, wer frei ist</option>" in text_of(shown)
    assert "In diesem Monat werden keine Zeiten angeboten." in off
    assert "Name des Gastes: Dieses Feld ist zwingend erforderlich." in nobody
    assert "Uhrzeit: Bitte wählen Sie eine Zeit, oder geben Sie eine andere an." in never
    assert "werden dann die Uhren vorgestellt: Diese Uhrzeit gibt es nicht." in skipped
    assert "Geben Sie Tag und Uhrzeit an, etwa 2026-03-02T09:00." in odd
    said = "Gebucht: Montag, 2. März 2026, 09:00. Der Gast erfährt es per E-Mail."
    assert said in read(made)


@pytest.mark.parametrize(
    ("sent", "language", "subject"),
    [
        ({}, "de", "Gebucht: Consultation, Mo, 2. März 2026, 09:00 CET, mit Owner"),
        ({"language": "de"}, "de", "Gebucht: Consultation, Mo, 2. März 2026, 09:00 CET, mit Owner"),
        ({"language": "en"}, "en", "Booked: Consultation, Mon 2 Mar 2026, 09:00 CET, with Owner"),
    ],
)
def test_whom_staff_book_for_is_written_to_in_the_language_that_staff_say(
    german: Client, calendar: Calendar, sent: dict[str, str], language: str, subject: str
) -> None:
    german.post(BOOK, {**WALTER, "start": NINE, **sent})

    assert Appointment.objects.get().guest_language == language
    assert message_of(mail_to("guest", "booked"))["Subject"].strip() == subject


def test_the_guests_language_is_the_pages_own_until_another_is_chosen(
    german: Client, calendar: Calendar, settings: Settings
) -> None:
    shown = text_of(german.get(BOOK))
    english = text_of(german.get(BOOK, headers={"Accept-Language": "en"}))
    unknown = german.post(BOOK, {**WALTER, "start": NINE, "language": "xx"})
    settings.LANGUAGES = [("en", "English")]
    alone = text_of(german.get(BOOK))

    assert '<option value="de" selected>Deutsch</option>' in shown
    assert '<option value="en" selected>English</option>' in english
    assert unknown.status_code == 422
    assert "Sprache des Gastes" in read(unknown)
    assert 'name="language"' not in alone


def test_why_a_time_is_not_taken_is_german_and_the_record_of_insisting_english(
    german: Client, tenant: Tenant, appointment: Appointment
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + timedelta(hours=1))
    taken = read(german.post(BOOK, {**WALTER, "start": NINE}))
    stale = read(german.post(BOOK, {**WALTER, "start": TEN, "key": "alt"}))
    moved = read(german.post(f"{page_of(appointment)}move/", {"start": TEN}))
    german.post(BOOK, {**WALTER, "start": NINE, "anyway": NINE})
    over = german.get(page_of(Appointment.objects.latest("pk")))
    change(appointment.meeting.calendar, is_active=False)
    Appointment.objects.update(status="cancelled")
    hosts = MeetingHost.objects.filter(meeting=appointment.meeting)
    closed = read(german.post(BOOK, {**WALTER, "start": TEN}))
    sent = {**WALTER, "start": NINE, "host": tenant.mate.pk, "anyway": NINE}
    unserved = read(german.post(BOOK, sent))

    assert "Diese Zeit wird nicht angeboten. Ihre Angaben bleiben erhalten." in taken
    assert "Owner: Dort liegt ein anderer Termin." in taken
    assert "Trotzdem buchen" in taken
    assert "Die Seite war zu lange geöffnet." in stale
    assert "Owner: Die Zeit wurde von Hand blockiert." in moved
    assert "Trotzdem verschieben" in moved
    assert "Überschneidet sich mit einer anderen Buchung" in text_of(over)
    assert hosts.get().is_overlapping
    assert [entry.note for entry in HistoryEntry.objects.filter(kind="booked")] == [
        "",
        "Booked anyway: another appointment lies there.",
    ]
    assert "Der Kalender ist nicht aktiv." in closed
    assert "In diesem Kalender ist niemand buchbar, der den Termin übernehmen könnte" in unserved


def test_an_appointment_is_german_through_all_that_is_done_with_it(
    german: Client, tenant: Tenant, appointment: Appointment
) -> None:
    own = page_of(appointment)
    Appointment.objects.update(status="new", guest_email="")
    asked = read(german.get(own))
    done = [
        read(german.post(f"{own}{what}/", sent, follow=True))
        for what, sent in (
            *(("confirm", {}), ("showed", {}), ("noshow", {}), ("confirm", {})),
            *(("invalid", {}), ("showed", {}), ("restore", {})),
            *(("move", {"start": TEN}), ("cancel", {"reason": ""})),
            *(("move", {}), ("cancel", {})),
        )
    ]
    HistoryEntry.objects.update(by=None)
    after = read(german.get(own))

    assert "StatusZu bestätigen Bestätigen Verschieben Absagen Als ungültig" in asked
    assert (
        "Wer übernimmt, und iCloud Owner Grund der Auswahl: sonst war niemand frei wird noch"
        in asked
    )
    assert "E-MailNicht angegeben TelefonNicht angegeben" in asked
    said = [
        *("Bestätigt.", "Der Gast ist erschienen.", "Der Gast ist nicht erschienen."),
        *("Bestätigt.", "Als ungültig markiert: Die Zeit ist frei", "So steht es jetzt um ihn."),
        "Wiederhergestellt: Der Termin belegt seine Zeit wieder. Der Gast hat keine E-Mail",
        "Neuer Termin: Montag, 2. März 2026, 10:00. Der Gast hat keine E-Mail-Adresse",
        "Abgesagt. Der Gast hat keine E-Mail-Adresse",
        "Stellen Sie ihn zuerst wieder her, und verschieben Sie ihn dann.",
        "Es gibt nichts abzusagen.",
    ]
    assert [words for words, page in zip(said, done, strict=True) if words not in page] == []
    assert "Von Montag, 2. März 2026, 09:00 auf Montag, 2. März 2026, 10:00" in after
    assert "Jemand, der nicht mehr im Team ist · 1. März 2026, 13:00" in after


def test_pages_that_ask_before_they_change_it_are_german(
    german: Client, tenant: Tenant, appointment: Appointment
) -> None:
    own = page_of(appointment)
    moving, cancelling = (read(german.get(f"{own}{what}/")) for what in ("move", "cancel"))
    german.post(f"{own}cancel/")
    book(wish(appointment.meeting.calendar, email="next@example.com"), now=NOW)
    refused = read(german.post(f"{own}restore/"))
    rewritten = german.post(f"{LIST}copies/{appointment.meeting.hosts.get().pk}/write/")
    told = read(german.get(rewritten["Location"]))

    assert "Termin von Gina Guest verschieben" in moving
    assert "erfahren es per E-Mail, und das Ereignis in iCloud zieht nach." in moving
    assert "Diesen Termin absagen?" in cancelling
    assert "Der Gast erfährt es per E-Mail an gina@example.com." in cancelling
    assert "Die Zeit ist nicht mehr frei" in refused
    assert "Owner: Dort liegt ein anderer Termin." in refused
    assert "Es gibt nichts einzutragen" in told


def test_an_appointment_with_company_or_without_a_host_is_german(
    german: Client, tenant: Tenant, frozen: None
) -> None:
    yoga = seat(make_class(tenant), "Ann")
    full(yoga, guests=3)
    hall = seat(make_simple(tenant), "Bob")

    told = read(german.get(page_of(yoga)))
    moving = read(german.get(f"{page_of(yoga)}move/"))
    alone = read(german.get(page_of(hall)))

    assert "Kommt mit 2 weiteren Gästen" in told
    assert "leitet diesen Kurs" in told
    assert "Alle 3 Gäste verschieben" in moving
    assert "In einem einfachen Kalender wird niemand gebucht" in alone


def test_a_contact_is_german(german: Client, appointment: Appointment) -> None:
    page = f"{CONTACTS}{appointment.contact_id}/"
    other = Contact.objects.create(sub_account=appointment.contact.sub_account, name="Neu")

    told = read(german.get(page))
    saved = read(german.post(page, {"name": "Gina", "email": "gina@example.com"}, follow=True))
    taken = read(
        german.post(f"{CONTACTS}{other.pk}/", {"name": "Neu", "email": "gina@example.com"})
    )
    unnamed = read(german.post(page, {"name": ""}))

    assert "Daran werden Gäste beim Buchen erkannt" in told
    assert "Der Kontakt ist gesichert." in saved
    assert "Ein anderer Kontakt hat diese Adresse." in taken
    assert "Keine. Sie stehen hier, sobald dieser Kontakt bucht" in taken
    assert "Dieses Feld ist zwingend erforderlich." in unnamed


def in_german(say: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with translation.override("de"):
        return say(*args, **kwargs)


def test_every_reason_against_a_time_is_said_in_german() -> None:
    reasons = [None, *Reason]

    assert [english_in(in_german(in_words, reason)) for reason in reasons] == [[]] * len(reasons)
    assert [reason for reason in reasons if in_german(in_words, reason) == in_words(reason)] == []


def test_why_a_host_was_chosen_is_kept_in_english_and_said_in_german() -> None:
    last = Candidate(1, priority=1, nearby=1, last_assigned=1, order=1, counted=1)
    better: list[dict[str, Any]] = [
        *({"joins": True}, {"priority": 3}, {"nearby": 0}, {"last_assigned": None}),
        *({"order": 0}, {"counted": 0}),
    ]
    pairs = [[last, replace(last, host=2, **merit)] for merit in better]
    kept = {
        choose([last])[1],
        *(choose(pair, mode)[1] for pair in pairs for mode in Mode),
        *(assigning.EVERYBODY, assigning.OF_THE_CLASS),
        *(booking.PICKED_BY_GUEST, booking.PICKED_BY_STAFF),
    }

    parts = [MeetingHost(chosen_because=because) for because in kept]

    assert len(parts) == 11
    said = [in_german(why_chosen, part) for part in parts]
    assert kept.isdisjoint(said)
    assert [english_in(words) for words in said] == [[]] * 11
    assert in_german(why_chosen, MeetingHost()) == ""


@pytest.mark.parametrize("is_wanted", [True, False])
@pytest.mark.parametrize("copy", MeetingHost.Copy)
def test_how_a_copy_stands_is_said_in_german(copy: MeetingHost.Copy, *, is_wanted: bool) -> None:
    part = MeetingHost(copy=copy)

    words = in_german(copy_in_words, part, is_wanted=is_wanted)

    assert english_in(f"{words.text} {words.advice}") == []
    assert words.text != copy_in_words(part, is_wanted=is_wanted).text


def test_who_did_it_and_how_mails_stand_is_said_in_german() -> None:
    entries = [HistoryEntry(source=source) for source in HistoryEntry.Source]
    entries.append(HistoryEntry(source="icloud", by=User(full_name="Ana")))
    mails = [Mail(), Mail(sent_at=NOW), Mail(problem="550")]

    assert [in_german(who, entry) for entry in entries] == [
        *("Der Gast", "Jemand, der nicht mehr im Team ist", "Jemand in iCloud", "Ana in iCloud"),
    ]
    assert [in_german(how_it_stands, mail)[1] for mail in mails] == [
        *("wird noch gesendet", "gesendet", "nicht gesendet: 550"),
    ]
