"""Hours, and what is offered because of them, for staff whose browser asks for German."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from calendars.engine.slots import Reason
from calendars.models import Calendar, Schedule
from calendars.services.booking import book
from calendars.services.reasons import in_words
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    add_host,
    block,
    make_calendar,
    make_source,
    open_mornings,
    wish,
)
from tests.calendars.views.pages import text_of
from tests.calendars.views.test_calendars import page_of
from tests.calendars.views.test_hours import MINE, sent, theirs
from tests.calendars.views.test_simulating import FIRST, priorities
from tests.conftest import Tenant
from tests.words.reading import LANGUAGE, english_in, read


@pytest.fixture
def german(tenant: Tenant, signed_in: Callable[[User], Client], frozen: None) -> Client:
    client = signed_in(tenant.admin)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


def test_hours_are_german_before_they_are_set_and_after(german: Client, tenant: Tenant) -> None:
    calendar = make_calendar(tenant.sub_account, [tenant.admin, tenant.mate])
    own = theirs(calendar, tenant.admin)
    pages = (MINE, own, theirs(calendar, tenant.mate))

    unset = [read(german.get(page)) for page in pages]
    without = read(german.post(MINE, sent(), follow=True))
    saved = read(german.post(MINE, sent({0: [("9", "17")]}), follow=True))
    default = read(german.get(own))
    custom = read(german.post(own, sent({0: [("9", "12")]}), follow=True))
    Schedule.objects.filter(calendar=None).delete()
    alone = read(german.get(own))
    back = read(german.post(f"{own}default/", follow=True))

    assert "Sie haben noch keine Zeiten" in unset[0]
    assert "Es gibt keine Zeiten, darum ist Mate hier nie buchbar." in unset[2]
    assert "Es steht nichts darin: Ohne Zeiten ist nichts buchbar." in without
    assert "Die Zeiten sind gesichert." in saved
    assert "Für diesen Kalender gelten die Standardzeiten." in default
    assert "Für diesen Kalender gelten eigene Zeiten, nicht die Standardzeiten." in custom
    assert "Ohne diese hier ist Admin nie buchbar." in alone
    assert "Für „Consultation“ gelten die Standardzeiten von Admin." in back


def test_hours_of_a_calendar_itself_are_german(german: Client, tenant: Tenant) -> None:
    page = f"{page_of(make_calendar(tenant.sub_account, kind='simple'))}hours/"

    unset = read(german.get(page))
    saved = read(german.post(page, sent({6: [("9", "24")]}), follow=True))

    assert "Noch keine Zeiten" in unset
    assert "Zeiten von Consultation" in saved
    assert "Sonntag" in saved


def test_hours_that_cannot_be_are_refused_in_german(german: Client) -> None:
    weekly = {
        0: [("9", "")],
        1: [("neun", "17")],
        2: [("17", "9")],
        3: [("9", "10"), ("10", "12")],
        4: [("9", "11"), ("10", "12")],
        5: [("9", "10")] * 13,
    }
    dates = [
        {"opens": "9", "closes": "17"},
        {"day": "24.12.", "closed": "on"},
        {"day": "2026-02-28", "closed": "on"},
        {"day": "2026-12-24", "opens": "9", "closes": "17", "closed": "on"},
        {"day": "2026-12-24"},
    ]

    told = read(german.post(MINE, sent(weekly, dates, time_zone="Mars")))

    expected = [
        "Zeitzone: Bitte eine gültige Auswahl treffen.",
        "Montag: Geben Sie beide Uhrzeiten an oder keine.",
        "Dienstag: Geben Sie eine Uhrzeit an, etwa 09:30.",
        "Mittwoch: Das Ende muss nach dem Beginn liegen; ein Tag endet um 24:00.",
        "Donnerstag: 09:00–10:00 und 10:00–12:00 grenzen aneinander.",
        "Freitag: 09:00–11:00 und 10:00–12:00 überschneiden sich.",
        "Samstag: Mehr als 12 Zeilen passen hier nicht.",
        "Tage: Wählen Sie den Tag, für den diese Zeiten gelten.",
        "Tage: Geben Sie einen Tag an, etwa 2026-12-24.",
        "Tage: Dieser Tag ist vorbei.",
        "Tage: Geben Sie Uhrzeiten an oder wählen Sie „Geschlossen“, nicht beides.",
        "Tage: Geben Sie die Uhrzeiten dieses Tages an oder wählen Sie „Geschlossen“.",
    ]
    assert [text for text in expected if text not in told] == []


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ({"closed": "on"}, "Der 24. Dezember 2026 steht als geschlossen da und noch einmal."),
        (
            {"opens": "9", "closes": "10"},
            "Am 24. Dezember 2026 grenzen 09:00–10:00 und 10:00–12:00 aneinander.",
        ),
        (
            {"opens": "9", "closes": "11"},
            "Am 24. Dezember 2026 überschneiden sich 09:00–11:00 und 10:00–12:00.",
        ),
    ],
    ids=["closed", "touching", "overlapping"],
)
def test_dates_that_cannot_be_are_refused_in_german(
    german: Client, first: dict[str, str], words: str
) -> None:
    rows = [first, {"opens": "10", "closes": "12"}]

    told = read(german.post(MINE, sent(dates=[{"day": "2026-12-24", **row} for row in rows])))

    assert words in told


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_in_german(reason: Reason) -> None:
    with translation.override("de"):
        assert english_in(in_words(reason)) == []
    assert english_in(in_words(reason)) != []


def test_the_troubleshooter_is_german(german: Client, tenant: Tenant, calendar: Calendar) -> None:
    add_host(calendar, tenant.mate)
    feed = make_source(tenant.mate, tenant.sub_account, last_read_at=None)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=30)
    page = f"{page_of(calendar)}troubleshoot/"
    days = ("2026-02-27", "2026-03-01", "2026-03-02", "2026-03-08", "2027-03-01")

    told = [read(german.get(page, {"date": day})) for day in days]
    Calendar.objects.update(is_active=False)
    feed.delete()
    refused = read(german.get(page, {"date": "2026-03-02", "show": "refused"}))
    free = read(german.get(page, {"date": "2026-03-03", "show": "refused"}))

    assert "Dieser Tag ist vorbei." in told[0]
    assert "Sonntag, 1. März 2026 0 von 0 Zeiten angeboten · Zeitzone Europe/Berlin" in told[1]
    assert "Ein verbundener Kalender von Mate wurde noch nicht" in told[2]
    assert "Niemand ist verfügbar. 2 von 2 Zuständigen nicht verfügbar." in told[2]
    assert "Owner: Die Zeit wurde von Hand blockiert. BLOCKED" in told[2]
    assert "09:30–10:00 Angeboten Owner. 1 von 2 Zuständigen nicht verfügbar." in told[2]
    assert "In keiner Öffnungszeit hat ein Termin Platz." in told[3]
    assert "Dieser Tag ist weiter im Voraus, als der Kalender erlaubt." in told[4]
    assert "Der Kalender ist nicht aktiv" in refused
    assert "An diesem Tag werden alle Zeiten angeboten." in free


def test_the_troubleshooter_of_calendars_that_lack_something_is_german(
    german: Client, tenant: Tenant
) -> None:
    kinds = ("simple", "collective", "class")
    page = {kind: make_calendar(tenant.sub_account, slug=kind, kind=kind) for kind in kinds}
    page["collective"].calendarhost_set.create(user=tenant.mate)

    told = {kind: read(german.get(f"{page_of(page[kind])}troubleshoot/")) for kind in kinds}
    open_mornings(None, tenant.sub_account, calendar=page["simple"])
    itself = read(german.get(f"{page_of(page['simple'])}troubleshoot/", {"date": "2026-03-02"}))

    assert "Er hat keine Zeiten und ist nie buchbar." in told["simple"]
    assert "Mate hat keine Zeiten und ist nie buchbar." in told["collective"]
    assert "Angeboten Der Kalender selbst." in itself


def test_the_simulator_is_german(german: Client, tenant: Tenant, calendar: Calendar) -> None:
    page = f"{page_of(calendar)}simulate/"
    owner = {"mode": "equal", f"in_{tenant.owner.pk}": "on", **priorities(tenant)}
    mate = {"mode": "equal", f"in_{tenant.mate.pk}": "on", **priorities(tenant)}
    collective = make_calendar(tenant.sub_account, slug="together", kind="collective")

    before = german.get(page)
    empty = read(german.get(page, owner))
    book(wish(calendar, FIRST), now=FIRST - timedelta(days=3))
    one = read(german.get(page, owner))
    book(wish(calendar, FIRST + HALF_HOUR), now=FIRST - timedelta(days=2))
    lost = read(german.get(page, mate))
    nobody = read(german.get(page, {"mode": "equal"}))
    nothing = read(german.get(f"{page_of(collective)}simulate/"))

    assert "Andere Regeln oder ein anderes Team ausprobieren" in read(before)
    assert ">Gleichmäßig verteilt</option>" in text_of(before)
    assert ">Mittel</option>" in text_of(before)
    assert "Dieser Kalender hatte im letzten Monat keine Termine." in empty
    assert "Februar 2026: 1 Buchung Nach den heutigen Zeiten" in one
    assert "Wer Hatte Hätte bekommen Unterschied Owner 1 1 0" in one
    assert "Februar 2026: 2 Buchungen" in lost
    assert "2 davon hätte niemand übernehmen können Mo, 2. Februar 2026, 09:00: Gina" in lost
    assert "Im Team ist niemand." in nobody
    assert "Hier gibt es nichts auszuwählen" in nothing
