"""The week, time blocked by hand and what is kept, for staff whose browser asks for German."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member, User
from calendars.models import BlockedSlot, Calendar, MeetingHost
from calendars.services.booking import book
from integrations.services.pending_edits import NOT_SAVED
from tests.calendars.scenes import MONDAY_NINE, NOW, block, make_source, wish
from tests.calendars.views.pages import text_of, words_of
from tests.conftest import Tenant
from tests.words.reading import LANGUAGE, english_in, read

SignIn = Callable[[User], Client]
WEEK = "/s/riverside/calendar/"
BLOCKED = f"{WEEK}blocked/"
KEPT = f"{WEEK}kept/"
ZAHNARZT = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T10:30", "title": "Zahnarzt"}
KURS = {**ZAHNARZT, "title": "Kurs", "repeats": "weekly", "until": "2026-03-16"}

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def german(tenant: Tenant, signed_in: SignIn) -> Client:
    return speaking_german(signed_in(tenant.owner))


@pytest.fixture
def booked(calendar: Calendar) -> None:
    """Monday at nine, over something else; no linked calendar has it, nor is to have it."""
    book(wish(calendar, name="Gina Gast"), now=NOW)
    MeetingHost.objects.update(copy=MeetingHost.Copy.NONE, is_overlapping=True)


@pytest.fixture
def kept(tenant: Tenant) -> list[BlockedSlot]:
    """A deleted day, a deleted night that could have moved, and a deleted series of two."""
    source = make_source(tenant.owner, tenant.sub_account)
    times: list[tuple[str, int, dict[str, Any]]] = [
        ("Messe", 1, {"all_day": True, "minutes": 24 * 60}),
        ("Nachtzug", 0, {"may_have_moved": True, "minutes": 18 * 60, "note": NOT_SAVED}),
        ("Probe", 2, {}),
        ("Probe", 3, {}),
    ]
    return [
        block(
            tenant.owner,
            tenant.sub_account,
            MONDAY_NINE + timedelta(days=day, hours=-9 if "all_day" in fields else 0),
            source=source,
            key=title,
            title=title,
            deleted_remotely_at=NOW,
            **fields,
        )
        for title, day, fields in times
    ]


def speaking_german(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


def read_whole(answer: Any) -> str:
    """What a page says, its selects included."""
    said = words_of(text_of(answer))
    assert english_in(said) == []
    assert read(answer) != ""
    return said


def ids(user: User) -> list[int]:
    found = BlockedSlot.objects.filter(user=user).order_by("starts_at")
    return list(found.values_list("pk", flat=True))


def test_a_week_is_german_empty_or_full(
    german: Client, tenant: Tenant, booked: None, kept: list[BlockedSlot]
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + timedelta(days=4), is_busy=False)

    empty = read_whole(german.get(WEEK, {"date": "2027-01-01"}))
    crossing = read_whole(german.get(WEEK))
    full = german.get(WEEK, {"date": "2026-03-02"})

    assert "28. Dezember – 3. Januar 2027" in empty
    assert "Nichts in dieser Woche Verbinden Sie Ihren iCloud-Kalender" in empty
    assert "23. Februar – 1. März 2026" in crossing
    told = read_whole(full)
    assert "Kalender von" in told
    assert "Montag 2 " in told
    assert "Mo 09:00 – Di 03:00" in told
    assert "Messe ganztägig In iCloud gelöscht am 1. März 2026" in told
    assert "Überschneidet sich mit einer anderen Buchung: Gina Gast" in told
    assert "Ihre Änderung wurde nicht gesichert" in told
    assert "Messe Dienstag, 3. März, ganztägig · In iCloud gelöscht am 1. März 2026" in told
    assert "Nachtzug Montag, 2. März, 09:00 · In iCloud gelöscht am" in told
    assert 'aria-label="Woche von Owner"' in text_of(full)


def test_blocking_time_is_german(german: Client, booked: None) -> None:

    asked = read_whole(german.get(BLOCKED))
    missing = read_whole(german.post(BLOCKED, {"repeats": "weekly"}))
    backwards = {**KURS, "starts_at": "2026-03-02T11:00", "until": "2026-03-01"}
    wrong = read_whole(german.post(BLOCKED, {**backwards, "title": "Kurs\nZwei"}))
    many = read_whole(german.post(BLOCKED, {**KURS, "repeats": "daily", "until": "2026-12-24"}))
    saved = read_whole(german.post(BLOCKED, ZAHNARZT, follow=True))

    assert "Für die Zukunft ist nichts von Hand blockiert." in asked
    assert "Wiederholt sich nicht Jeden Tag Montag bis Freitag Jede Woche" in asked
    assert "In der Zeitzone Europe/Berlin." in asked
    assert "Von: Dieses Feld ist zwingend erforderlich." in missing
    assert "Bis: Das Ende muss nach dem Beginn liegen." in wrong
    assert "Bitte ohne Zeilenumbrüche und Steuerzeichen." in wrong
    assert "Das wären 298 Zeiten; höchstens 100 sind möglich." in many
    assert "2. März 2026, 09:00 – 10:30 ist blockiert." in saved
    assert "In dieser Zeit haben Sie einen Termin. Er bleibt, wie er ist." in saved


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"until": ""}, "Geben Sie an, bis wann es sich wiederholt."),
        ({"until": "bald"}, "Geben Sie einen Tag an, etwa 2026-12-24."),
        ({"until": "2026-03-01"}, "Das liegt vor dem Beginn."),
        ({"until": "2028-03-01"}, "Möglich ist höchstens ein Jahr nach dem ersten Tag."),
        ({"ends_at": "2026-03-12T09:00"}, "Das Ende muss vor dem nächsten Beginn liegen."),
        ({"ends_at": "2028-03-02T09:00"}, "Mehr als ein Jahr lässt sich nicht auf einmal"),
        ({"ends_at": "bald"}, "Geben Sie Tag und Uhrzeit an, etwa 2026-03-02T09:00."),
        (
            {"starts_at": "2026-03-01T09:00", "repeats": "weekdays"},
            "Beginnen Sie an einem Tag von Montag bis Freitag.",
        ),
    ],
)
def test_what_cannot_be_blocked_is_said_in_german(
    german: Client, sent: dict[str, str], said: str
) -> None:
    assert said in read_whole(german.post(BLOCKED, {**KURS, **sent}))


def test_changing_and_removing_blocked_time_is_german(german: Client, tenant: Tenant) -> None:
    saved = read_whole(german.post(BLOCKED, KURS, follow=True))
    listed = read_whole(german.get(BLOCKED))
    first = ids(tenant.owner)[0]
    page, edit, remove = (f"{BLOCKED}{first}/{end}" for end in ("", "edit/", "remove/"))
    shown, changing, asked = (read_whole(german.get(each)) for each in (page, edit, remove))
    unclear = read_whole(german.post(remove))
    removed = read_whole(german.post(remove, {"scope": "all"}, follow=True))
    undone = read_whole(german.post(f"{BLOCKED}undo/", follow=True))
    nothing = read_whole(german.post(f"{BLOCKED}undo/", follow=True))
    alone = f"{BLOCKED}{ids(tenant.owner)[2]}/remove/"
    german.post(alone.replace("remove", "edit"), {**ZAHNARZT, "scope": "one"})
    one = read_whole(german.post(alone, {"scope": "one"}, follow=True))

    assert "2. März 2026, 09:00 – 10:30 und 2 weitere Zeiten sind blockiert." in saved
    assert "noch 3 Mal, zuletzt am Montag, 16. März 2026" in listed
    assert "Montag, 2. März 2026, 09:00 – 10:30 (Europe/Berlin)" in shown
    assert "HerkunftDaybook" in shown
    assert "Blockierte Zeit bearbeiten" in changing
    assert "Nur diese Alle: 3 Zeiten" in asked
    assert "Dieses Feld ist zwingend erforderlich." in unclear
    assert "Unten können Sie das rückgängig machen." in removed
    assert "3 Zeiten sind nicht mehr blockiert. Rückgängig: wieder blockieren" in removed
    assert "und 2 weitere Zeiten sind blockiert." in undone
    assert "Das gibt es nicht mehr: Geändert wurde nichts." in nothing
    assert "ist nicht mehr blockiert. Um das rückgängig zu machen" in one


def test_time_of_several_is_german(tenant: Tenant, signed_in: SignIn, booked: None) -> None:
    german = speaking_german(signed_in(tenant.admin))
    users = (tenant.owner, tenant.mate)
    members = list(Member.objects.filter(user__in=users).values_list("pk", flat=True))

    nobody = read_whole(german.post(BLOCKED, ZAHNARZT))
    saved = read_whole(german.post(BLOCKED, {**KURS, "members": members}, follow=True))
    listed = read_whole(german.get(BLOCKED))
    second = f"{BLOCKED}{ids(tenant.mate)[1]}/"
    asked = read_whole(german.get(f"{second}remove/"))
    of_somebody = read_whole(german.get(f"{WEEK}?date=2026-03-02&user={tenant.owner.pk}"))

    assert "Wählen Sie, wessen Zeit es ist." in nobody
    assert "In dieser Zeit liegen Termine. Sie bleiben, wie sie sind." in saved
    assert "Für Mate, Owner" in listed
    assert "Diese und die folgenden: 4 Zeiten von 2 Personen" in asked
    assert "Alle: 6 Zeiten von 2 Personen" in asked
    assert "Belegt 09:00–10:30" in of_somebody


def test_what_is_kept_is_german(german: Client, kept: list[BlockedSlot]) -> None:
    pages = [KEPT, f"{KEPT}release/", *(f"{BLOCKED}{slot.pk}/" for slot in kept[:2])]
    listed, asked, day, night = (read_whole(german.get(page)) for page in pages)
    one = read_whole(german.post(f"{BLOCKED}{kept[0].pk}/release/", follow=True))
    several = read_whole(german.post(f"{KEPT}{kept[2].pk}/release/", follow=True))
    last = read_whole(german.get(f"{KEPT}release/"))
    sent = {"seen_at": (NOW - timedelta(minutes=1)).isoformat()}
    meanwhile = read_whole(german.post(f"{KEPT}release/", sent, follow=True))
    kept[1].delete()
    none = read_whole(german.get(KEPT))

    assert "4 Zeiten noch blockiert" in listed
    assert "2 Zeiten, 4. März 2026 – 5. März 2026" in listed
    assert "Dienstag, 3. März 2026, ganztägig" in listed
    assert "4 Zeiten von 3 gelöschten Ereignissen sind dann sofort buchbar." in asked
    assert "Dienstag, 3. März 2026, ganztägig (Europe/Berlin)" in day
    assert "09:00 – Dienstag, 3. März 2026, 03:00" in night
    assert "oder in einen Kalender verlegt, der hier nicht gelesen wird" in night
    assert "Ihre Änderung wurde nicht gesichert: Das Ereignis ist nicht mehr da." in night
    assert "Die Zeit ist wieder frei." in one
    assert "2 Zeiten sind wieder frei." in several
    assert "1 Zeit eines gelöschten Ereignisses ist dann sofort buchbar." in last
    assert "Inzwischen wurde noch mehr gelöscht." in meanwhile
    assert "Nichts freizugeben Löschen Sie in iCloud ein Ereignis" in none


def test_what_is_not_to_be_released_is_said_in_german(german: Client, tenant: Tenant) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    standing = block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=source, key="1")

    refused = read_whole(german.post(f"{BLOCKED}{standing.pk}/release/", follow=True))
    from_icloud = read_whole(german.post(f"{BLOCKED}{standing.pk}/remove/", follow=True))

    assert "Dieses Ereignis steht noch in seinem Kalender." in refused
    assert "Diese Zeit kommt aus iCloud." in from_icloud
    assert "Belegt" in from_icloud
    assert "Ändern Sie es in Apples Kalender" in from_icloud
