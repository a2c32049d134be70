"""Connections and Calendar Configuration, for a host whose browser asks for German."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from integrations.caldav.discovery import CalendarKind
from integrations.models import Connection, SyncRun
from integrations.services.configuring import choose_conflicts, choose_linked, configuration_of
from integrations.services.connecting import (
    AlreadyConnected,
    AnotherAccount,
    BeingRead,
    Disconnected,
    NotAMember,
    record_listing,
)
from tests.conftest import Tenant
from tests.integrations.conftest import listing, named
from tests.words.reading import LANGUAGE, english_in, read

SETTINGS = "/s/riverside/settings/"
CONNECTIONS = f"{SETTINGS}calendars/connections/"
CONFIGURATION = f"{SETTINGS}calendars/configuration/"


@pytest.fixture
def german(tenant: Tenant, signed_in: Callable[[User], Client]) -> Client:
    client = signed_in(tenant.owner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


@pytest.fixture
def chosen(connection: Connection) -> Connection:
    """One calendar linked and checked, one that may only be read, one that is not offered."""
    kept = [
        listing("/1/haus/", "Haus"),
        listing("/1/verein/", "Verein", can_write=False, is_shared=True),
        listing("/1/feste/", "Feste", kind=CalendarKind.SUBSCRIBED),
    ]
    record_listing(connection, kept, now=timezone.now())
    configuration = configuration_of(connection.user, connection.sub_account)
    choose_linked(configuration, named(connection, "Haus"))
    choose_conflicts(configuration, [named(connection, "Haus"), named(connection, "Verein")])
    return connection


def test_before_the_first_connection_all_is_german(german: Client) -> None:
    pages = [CONNECTIONS, f"{CONNECTIONS}new/", f"{CONNECTIONS}icloud/"]

    told = [read(german.get(page)) for page in (*pages, f"{SETTINGS}profile/integrations/")]
    missing = read(german.post(f"{CONNECTIONS}icloud/", {"apple_id": "", "app_password": ""}))

    assert "Kalender Termine Kontakte Einstellungen Mein Profil" in told[0]
    assert "Noch kein Kalenderkonto verbunden" in told[0]
    assert "dann „App-spezifisches Passwort erstellen“." in told[2]
    assert "Apple-ID: Dieses Feld ist zwingend erforderlich." in missing


def test_a_connection_and_all_that_can_be_done_with_it_is_german(
    german: Client, chosen: Connection
) -> None:
    own = f"{CONNECTIONS}{chosen.pk}/"
    began = timezone.now() - timedelta(minutes=2)
    done = SyncRun.Result.DONE
    chosen.runs.create(started_at=began, finished_at=began, result=done, events_changed=2)
    verein = named(chosen, "Verein").pk

    pages = [
        CONNECTIONS,
        *(f"{own}{page}/" for page in ("history", "password", "deletions", "disconnect")),
        CONFIGURATION,
        *(f"{CONFIGURATION}{page}/" for page in ("linked", "conflicts")),
        f"{CONFIGURATION}conflicts/{verein}/",
        f"{SETTINGS}profile/integrations/",
    ]
    told = {page: read(german.get(page)) for page in pages}

    assert "Feste: Ein abonnierter Kalender" in told[CONNECTIONS]
    assert "2 Ereignisse neu oder geändert" in told[f"{own}history/"]
    assert "Nur lesbar: Termine lassen sich nicht eintragen." in told[f"{CONFIGURATION}linked/"]
    assert "Leseeinstellungen von Verein" in told[f"{CONFIGURATION}conflicts/{verein}/"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("pause", "ana@icloud.com ist pausiert. Was blockiert ist, bleibt blockiert."),
        ("disconnect", "ana@icloud.com ist getrennt und das Passwort gelöscht."),
    ],
)
def test_what_was_done_is_told_in_german(
    german: Client, chosen: Connection, what: str, said: str
) -> None:
    answer = german.post(f"{CONNECTIONS}{chosen.pk}/{what}/", follow=True)

    assert said in read(answer)


@pytest.mark.parametrize(
    ("refusal", "whom"),
    [
        (AlreadyConnected, ["ana@icloud.com"]),
        (AnotherAccount, ["ana@icloud.com"]),
        (NotAMember, []),
        (Disconnected, []),
        (BeingRead, []),
    ],
)
def test_what_hinders_a_connection_is_said_in_german(
    refusal: Callable[..., Exception], whom: list[str]
) -> None:
    with translation.override("de"):
        assert english_in(str(refusal(*whom))) == []
    assert english_in(str(refusal(*whom))) != []


def test_the_state_alone_is_german_and_has_a_mark_of_its_own(
    german: Client, chosen: Connection
) -> None:
    state = f"{CONNECTIONS}{chosen.pk}/status/"

    answer = german.get(state)
    english = german.get(state, headers={"Accept-Language": "en"})

    assert "Wird synchronisiert" in answer.content.decode()
    assert "Syncing" in english.content.decode()
