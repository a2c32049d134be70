"""Calendars, their hosts and service menus, set up by an admin whose browser asks for German."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Member, User
from calendars.forms.calendars import CalendarForm
from calendars.models import Calendar, CalendarGroup, CalendarHost
from tests.calendars.kinds import make_class, make_collective, make_simple, seat
from tests.calendars.scenes import NOW, make_calendar, make_source
from tests.calendars.views.test_calendars import FILLED, LIST, NEW, page_of
from tests.calendars.views.test_menus import FILLED as MENU
from tests.calendars.views.test_menus import MENUS, on
from tests.calendars.views.test_menus import NEW as NEW_MENU
from tests.conftest import Tenant
from tests.words.reading import LANGUAGE, read

# Names are shown as they were typed; these are no English ones.
GERMAN: dict[str, Any] = {**FILLED, "name": "Erstgespräch", "description": "", "location": "Kai 4"}
SignIn = Callable[[User], Client]


@pytest.fixture
def german(tenant: Tenant, signed_in: SignIn) -> Client:
    return in_german(signed_in(tenant.admin))


def in_german(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


def test_a_calendar_is_made_switched_off_and_on_in_german(german: Client) -> None:
    empty = read(german.get(NEW))
    made = read(german.post(NEW, GERMAN, follow=True))
    own = page_of(Calendar.objects.get())
    saved = read(german.post(own, {**GERMAN, "slug": "neu"}, follow=True))
    off = read(german.post(f"{own}deactivate/", follow=True))
    on_again = read(german.post(f"{own}activate/", follow=True))

    assert "Eine der zuständigen Personen, abwechselnd." in empty
    assert "Auswahl der Zuständigen Nach Verfügbarkeit: wer die höchste Priorität hat" in empty
    assert "„Erstgespräch“ ist angelegt. Sagen Sie nun, wer zuständig ist." in made
    assert "Öffentliche Seite Etwas fehlt" in made
    assert "Niemand ist zuständig: Es gibt niemanden, der gebucht werden könnte." in made
    assert "Noch darf keine Website sie in einem Rahmen zeigen." in made
    assert "„Erstgespräch“ ist gesichert." in saved
    assert "„Erstgespräch“ ist nicht aktiv: Niemand kann dort buchen. Termine bleiben." in off
    assert "„Erstgespräch“ ist aktiv: Die Seite ist wieder öffentlich." in on_again


def test_units_and_choices_are_german(tenant: Tenant) -> None:
    chosen = ("notice_unit", "horizon_unit", "changes_close_unit", "mode")

    with translation.override("de"):
        fields: dict[str, Any] = CalendarForm(
            instance=Calendar(sub_account=tenant.sub_account)
        ).fields
        said = {name: [str(label) for _, label in fields[name].choices] for name in chosen}

    assert said == {
        "notice_unit": ["Minuten", "Stunden", "Tage", "Wochen", "Monate"],
        "horizon_unit": ["Tage", "Wochen", "Monate"],
        "changes_close_unit": ["Tage", "Stunden", "Minuten"],
        "mode": ["Nach Verfügbarkeit", "Gleichmäßig verteilt"],
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"name": "", "duration": "0"},
            "Name: Dieses Feld ist zwingend erforderlich. Dauer in Minuten: Mindestens 1.",
        ),
        ({"interval": "10081"}, "Abstand der Zeiten in Minuten: Höchstens eine Woche (10080"),
        ({"buffer_after": "x"}, "Puffer danach in Minuten: Geben Sie ganze Minuten ein."),
        ({"slug": "belegt"}, "Adresse: Ein anderer Kalender hat hier schon diese Adresse."),
        ({"slug": "menu"}, "Adresse: „menu“ ist für Leistungsübersichten reserviert."),
        ({"name": "初回"}, "Adresse: Schreiben Sie eine Adresse aus Buchstaben ohne"),
        ({"horizon": "25", "horizon_unit": "months"}, "höchstens zwei Jahre im Voraus buchbar."),
        ({"notice": "9", "notice_unit": "weeks"}, "Keine Zeit wäre je buchbar."),
        ({"reminds_before": "999"}, "Erinnerung der Gäste vor Beginn: Höchstens 31 Tage sind"),
    ],
)
def test_what_a_calendar_cannot_be_is_said_in_german(
    german: Client, tenant: Tenant, changed: dict[str, str], said: str
) -> None:
    make_calendar(tenant.sub_account, slug="belegt")

    answer = german.post(NEW, {**GERMAN, **changed})

    assert answer.status_code == 422
    assert said in read(answer)


@pytest.mark.parametrize(
    ("guests", "said"),
    [
        (["Gerd"], "Es steht 1 Termin an, den ein Kalender dieser Art nicht haben kann."),
        (["Gerd", "Gabi"], "Es stehen 2 Termine an, die ein Kalender dieser Art nicht haben kann."),
    ],
)
def test_meetings_in_the_way_of_another_kind_are_counted_in_german(
    german: Client, tenant: Tenant, frozen: None, guests: list[str], said: str
) -> None:
    panel = make_collective(tenant)
    for day, guest in enumerate(guests, start=1):
        seat(panel, guest, NOW + timedelta(days=day, hours=-4))

    answer = german.post(page_of(panel), {**GERMAN, "slug": "panel"})

    assert said in read(answer)


def test_hosts_come_change_and_go_in_german(
    german: Client, tenant: Tenant, calendar: Calendar
) -> None:
    hosts = f"{page_of(calendar)}hosts/"
    mate = Member.objects.get(user=tenant.mate)
    own = f"{hosts}{tenant.mate.pk}/"

    alone = read(german.get(hosts))
    stranger = read(german.post(hosts, {"member": "0", "priority": "2"}))
    added = read(german.post(hosts, {"member": mate.pk, "priority": "1"}, follow=True))
    raised = read(german.post(f"{own}priority/", {"priority": "3"}, follow=True))
    unknown = read(german.post(f"{own}priority/", {"priority": "9"}, follow=True))
    nowhere = read(german.post(f"{own}move/", {"direction": "left"}, follow=True))
    shown = read(german.get(page_of(calendar)))
    removed = read(german.post(f"{own}remove/", follow=True))
    CalendarHost.objects.all().delete()
    nobody = read(german.get(hosts))

    assert "Zuständige für Consultation" in alone
    assert "Owner Priorität: Mittel · Standardzeiten" in alone
    assert "Mitglied: Wählen Sie eines der aufgeführten Mitglieder." in stranger
    assert "Mate ist jetzt für „Consultation“ zuständig." in added
    assert "Mate Priorität: Niedrig · keine Zeiten Nie buchbar" in added
    assert "Mate hat jetzt die Priorität „hoch“." in raised
    assert "Das ist keine Priorität. Geändert wurde nichts." in unknown
    assert "Zuständige lassen sich nach oben oder unten schieben." in nowhere
    assert "Mate hat keine Zeiten und ist nie buchbar." in shown
    assert "Kein Kalender von Owner wird auf Konflikte geprüft:" in shown
    assert "Mate ist nicht mehr für „Consultation“ zuständig." in removed
    assert "Noch keine Zuständigen" in nobody


def test_each_kind_tells_in_german_who_serves_it(
    german: Client, tenant: Tenant, signed_in: SignIn
) -> None:
    made = [make_class(tenant), make_simple(tenant)]
    tenant.owner.schedule_set.all().delete()
    panel = make_collective(tenant)
    make_source(tenant.mate, tenant.sub_account, last_read_at=None)

    told = [read(german.get(page_of(one) + page)) for one in made for page in ("", "hosts/")]
    hosts = f"{page_of(panel)}hosts/"
    owned = read(german.post(f"{hosts}{tenant.mate.pk}/primary/", follow=True))
    own = read(in_german(signed_in(tenant.owner)).get(page_of(panel)))

    assert "Für einen Kurs ist eine Person zuständig: die erste der Liste." in told[0]
    assert "Schieben Sie nach oben, wer den Kurs leiten soll." in told[1]
    assert "Er ist nach eigenen Zeiten geöffnet." in told[2]
    assert "Keine: Er braucht niemanden." in told[3]
    assert "Mate ist ab jetzt für die Termine von „Panel“ hauptverantwortlich." in owned
    assert "Hauptverantwortung geben: Owner" in owned
    assert "Ein Admin des Unterkontos fügt Zuständige hinzu und entfernt sie." in own
    assert "Ein verbundener Kalender von Mate wurde noch nicht oder zu lange nicht gelesen" in own


def test_a_calendar_that_sites_may_frame_says_how_in_german(
    german: Client, tenant: Tenant, calendar: Calendar
) -> None:
    tenant.sub_account.framed_by = "https://haus.example"
    tenant.sub_account.save()

    answer = german.get(page_of(calendar))

    told = read(answer)
    assert "Websites, die sie zeigen dürfen: https://haus.example. Ein Admin der Agentur" in told
    assert 'title="Buchen: Consultation" width=' in answer.content.decode().replace("&quot;", '"')


def test_service_menus_are_german(german: Client, tenant: Tenant) -> None:
    empty = [read(german.get(page)) for page in (MENUS, NEW_MENU)]
    service = make_calendar(tenant.sub_account, kind="service", name="Massage", slug="massage")
    wanted = {**MENU, "name": "Wohlbefinden", "description": ""}
    wrong = read(german.post(NEW_MENU, {**wanted, "name": "初回", **on(service, places=("0",))}))
    made = read(german.post(NEW_MENU, {**wanted, **on(service)}, follow=True))
    taken = read(german.post(NEW_MENU, {**wanted, "slug": "wohlbefinden"}))
    own = f"{MENUS}{CalendarGroup.objects.get().pk}/"
    listed = read(german.get(MENUS))
    moving = read(german.get(NEW_MENU))
    saved = read(german.post(own, {**wanted, "slug": "spa", "is_active": ""}, follow=True))
    bare = read(german.get(MENUS))
    deleted = read(german.post(f"{own}delete/", follow=True))

    assert "Noch keine Übersichten" in empty[0]
    assert "Erste Übersicht anlegen" in empty[0]
    assert "Neue Leistungsübersicht" in empty[1]
    assert "Eine Übersicht zeigt Kalender der Art „Leistung“." in empty[1]
    assert "Position von Massage: Dieser Wert muss größer oder gleich 1 sein." in wrong
    assert "„Wohlbefinden“ ist angelegt." in made
    assert "Adresse: Eine andere Übersicht hat hier schon diese Adresse." in taken
    assert "1 Leistung ·" in listed
    assert "Jetzt in „Wohlbefinden“: Ausgewählt, wechselt sie hierher." in moving
    assert "„Wohlbefinden“ ist gesichert." in saved
    assert "0 Leistungen Nicht aktiv" in bare
    assert "„Wohlbefinden“ ist gelöscht. Die Leistungen bleiben" in deleted


def test_a_member_who_may_not_reads_so_in_german(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    mate = in_german(signed_in(tenant.mate))

    answers = [mate.get(page) for page in (NEW, MENUS, page_of(calendar), f"{LIST}999/")]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 404]
    assert ['lang="de"' in answer.content.decode() for answer in answers] == [True] * 4
