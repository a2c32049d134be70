"""An owner's own event, for one whose browser asks for German."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from accounts.models import User
from calendars.models import BlockedSlot, BusySource, MeetingHost
from integrations.caldav import editing as wire
from integrations.caldav.editing import Said
from integrations.models import Connection, OwnerEdit, RemoteCalendar, RemoteEvent
from integrations.services import (
    delivering,
    disconnecting,
    editing,
    pending_edits,
    reaching,
    revising,
)
from integrations.services.configuring import choose_linked, configuration_of
from integrations.services.connecting import record_listing
from tests.bookings import book_at, make_calendar
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant
from tests.icloud import utc_event
from tests.integrations.conftest import listing, named
from tests.words.reading import LANGUAGE, english_in, read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 8, tzinfo=UTC)  # in Berlin
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    """It is `NOW` for as long as the test lasts."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def german(tenant: Tenant, signed_in: Callable[[User], Client]) -> Client:
    client = signed_in(tenant.owner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    return client


@pytest.fixture
def event(connection: Connection) -> RemoteEvent:
    """In the linked calendar, and read."""
    record_listing(connection, [listing("/1/haus/", "Haus")], now=NOW)
    calendar = named(connection, "Haus")
    choose_linked(configuration_of(connection.user, connection.sub_account), calendar)
    calendar.refresh_from_db()
    event = RemoteEvent.objects.create(
        remote_calendar=calendar,
        href="/1/haus/zahnarzt.ics",
        etag='"1"',
        uid="zahnarzt",
        raw=utc_event("zahnarzt", NINE, NINE + HOUR, summary="Zahnarzt"),
    )
    BlockedSlot.objects.create(
        sub_account=connection.sub_account,
        user=connection.user,
        source=calendar.busy_source,
        key=str(event.pk),
        starts_at=NINE,
        ends_at=NINE + HOUR,
        title="Zahnarzt",
    )
    far = NOW + timedelta(days=365)
    BusySource.objects.update(last_read_at=NOW, expanded_until=far)
    return event


def page_of(event: RemoteEvent) -> str:
    slot = BlockedSlot.objects.filter(key=str(event.pk)).earliest("pk")
    return f"/s/riverside/calendar/blocked/{slot.pk}/"


def filled(page: Any, **values: str) -> dict[str, str]:
    """The form as it is shown, with other values."""
    [version] = re.findall(r'name="version" value="(\w+)"', text_of(page))
    shown = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T10:00", "title": "Zahnarzt"}
    return {**shown, "version": version, **values}


def test_changing_an_event_is_german(german: Client, event: RemoteEvent) -> None:
    page = page_of(event)
    edit, undo = f"{page}event/", f"{page}event/undo/"
    form = german.get(edit)
    later = filled(form, starts_at="2026-03-02T11:00", ends_at="2026-03-03T12:00")

    shown, asked = read(german.get(page)), read(form)
    wrong = read(german.post(edit, filled(form, ends_at="2026-05-02T09:00")))
    same = read(german.post(edit, filled(form), follow=True))
    saved = read(german.post(edit, later, follow=True))
    waiting = read(german.get(page))
    again = read(german.post(edit, filled(form, title="Tierarzt")))
    taken_back = read(german.post(undo, follow=True))
    renamed = read(german.post(edit, filled(form, title=""), follow=True))
    untitled = read(german.get(page))

    assert "HerkunftHaus" in shown
    assert "Titel und Zeit ändern" in shown
    assert "Wird in Ihren Kalender Haus in iCloud geschrieben." in asked
    assert "Länger als einen Monat darf ein Ereignis hier nicht dauern." in wrong
    assert "Geändert wurde nichts: So steht es schon im Ereignis." in same
    assert "sind die alte und die neue Zeit blockiert." in saved
    assert "Blockiert, bis iCloud die neue Zeit hat" in saved
    assert "„Zahnarzt“, Montag, 2. März 2026, 11:00 – Dienstag, 3. März 2026, 12:00" in waiting
    assert "Das Ereignis wurde geändert, während diese Seite offen war" in again
    assert "Inzwischen steht dort: „Zahnarzt“, Montag, 2. März 2026, 11:00" in again
    assert "Die Änderung ist zurückgenommen." in taken_back
    assert "Ihre Änderung wird in iCloud gesichert." in renamed
    assert "„Belegt“, Montag, 2. März 2026, 09:00 – 10:00" in untitled


def test_a_meeting_at_the_new_time_is_told_in_german(
    german: Client, event: RemoteEvent, tenant: Tenant
) -> None:
    book_at(make_calendar(tenant.sub_account, tenant.owner), NINE + 2 * HOUR, name="Gina Gast")
    MeetingHost.objects.update(copy=MeetingHost.Copy.NONE)
    edit = f"{page_of(event)}event/"
    later = {"starts_at": "2026-03-02T11:00", "ends_at": "2026-03-02T12:00"}

    saved = read(german.post(edit, filled(german.get(edit), **later), follow=True))

    assert "In dieser Zeit haben Sie einen Termin. Er bleibt, wie er ist." in saved


def test_what_hinders_a_change_is_said_in_german(german: Client, event: RemoteEvent) -> None:
    page = page_of(event)
    edit = OwnerEdit(remote_event=event, problem=revising.KEEPS_CHANGING)
    edit.before = edit.wanted = Said("Tierarzt", NINE, NINE + HOUR)
    edit.save()
    waiting = read(german.get(page))
    OwnerEdit.objects.update(state=OwnerEdit.State.GIVEN_UP, problem=revising.GONE)
    given_up = read(german.get(page))
    RemoteCalendar.objects.update(can_write=False)
    read_only = read(german.get(page))
    refused = read(german.post(f"{page}event/", follow=True))
    OwnerEdit.objects.all().delete()
    RemoteEvent.objects.update(raw=utc_event("zahnarzt", NINE, NINE + HOUR, "RRULE:FREQ=DAILY"))
    RemoteCalendar.objects.update(can_write=True)
    BlockedSlot.objects.update(note=pending_edits.NOT_SAVED)
    series = read(german.get(page))

    assert "noch einmal versucht: Es wird in iCloud immer wieder geändert." in waiting
    assert "Ihre Änderung wurde nicht gesichert Das Ereignis ist nicht mehr in seinem" in given_up
    assert "Sie wollten: „Tierarzt“" in given_up
    assert "In iCloud steht: „Zahnarzt“" in given_up
    assert "Daybook darf in diesen Kalender nicht schreiben." in read_only
    assert "Daybook darf in diesen Kalender nicht schreiben." in refused
    assert "Ihre Änderung wurde nicht gesichert Das Ereignis wurde in iCloud vorher" in series
    assert "dann ändert es sich auch hier. Es wiederholt sich." in series


@pytest.mark.parametrize(
    "words",
    [
        *(wire.GUESTS, wire.REPEATS, wire.ALL_DAY, wire.NO_SPAN, wire.UNKNOWN_ZONE, wire.ODD),
        *(wire.NOT_ON_ITS_CLOCK, editing.NOT_LINKED, editing.READ_ONLY, editing.CALENDAR_GONE),
        *(editing.NOT_HANDED_OUT, editing.AN_APPOINTMENT, editing.NOT_KNOWN),
        *(reaching.NO_HOST, *reaching.NO_ACCOUNT.values(), delivering.OURS),
        *(delivering.REFUSED, disconnecting.LEFT_BEHIND),
        *(revising.GONE, revising.FORBIDDEN, revising.REFUSED, revising.BOTH_CHANGED),
        *(revising.KEEPS_CHANGING, revising.NO_VERSION),
        *(pending_edits.SAVING, pending_edits.STILL_THERE, pending_edits.NOT_SAVED),
        *(problem.label for problem in Connection.Problem if problem),
    ],
)
def test_what_is_stored_in_english_is_said_in_german(words: str) -> None:
    with translation.override("de"):
        said = translation.gettext(words)

    assert said != words
    assert english_in(said) == []
