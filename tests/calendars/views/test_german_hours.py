"""Hours, and what is offered because of them, for staff whose browser asks for German."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from calendars.engine.slots import Reason
from calendars.models import Calendar
from calendars.services.reasons import in_words
from tests.calendars.scenes import (
    MONDAY_NINE,
    add_host,
    block,
    make_calendar,
    make_source,
    open_mornings,
)
from tests.calendars.views.test_calendars import page_of
from tests.conftest import Tenant
from tests.words.reading import LANGUAGE, english_in, read


@pytest.fixture
def german(tenant: Tenant, signed_in: Callable[[User], Client], frozen: None) -> Client:
    client = signed_in(tenant.admin)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


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
