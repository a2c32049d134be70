"""Faults 2 and 7: the web process dies while it books, and a database that takes nothing."""

import re
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from calendars.models import (
    Appointment,
    Contact,
    HistoryEntry,
    Mail,
    Meeting,
    MeetingHost,
    OutboxItem,
    Taken,
)
from calendars.services.booking import book
from calendars.services.booking_keys import new_key
from tests.bookings import make_calendar
from tests.calendars.scenes import wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant
from tests.faults.play import DAY, Play, at
from tests.faults.troubles import TROUBLES
from tests.machine.interruptions import crash

PAGE = "/book/riverside/intro/"
LONG = "Second floor. " * 140
BOOKING: tuple[type[models.Model], ...] = (
    *(Appointment, Contact, HistoryEntry, Mail, Meeting, MeetingHost, OutboxItem, Taken, OrmQ),
)


def written() -> list[int]:
    """How many rows there are of all that a booking writes."""
    return [model._default_manager.count() for model in BOOKING]


def test_fault_2_the_web_process_dies_at_any_statement_of_a_booking(tenant: Tenant) -> None:
    request = wish(make_calendar(tenant.sub_account, tenant.owner), at(10))
    deaths, booked, nothing = 0, None, written()

    while booked is None:
        assert written() == nothing
        with crash(before=deaths + 1):
            booked = book(request, now=timezone.now())
        deaths += booked is None
    after, again = written(), book(request, now=timezone.now())

    assert deaths > 20
    # Two mails, to guest and host, and an event: three rows of the outbox, and one bell for them.
    assert after == [1, 1, 1, 2, 1, 1, 3, 1, 1]
    assert again == booked
    assert written() == after


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_fault_7_a_database_that_takes_nothing_loses_nothing_and_says_so(
    play: Play, client: Client, trouble: str
) -> None:
    play.book(9)
    Appointment.objects.update(notes=LONG)
    client.force_login(play.tenant.owner, backend="django.contrib.auth.backends.ModelBackend")
    start = f"{at(10):%Y-%m-%dT%H:%M:%SZ}"
    form = {"start": start, "name": "Gina", "email": "g@x.test", "notes": LONG.strip()}
    form["key"] = new_key(play.calendar)
    page, before = f"{PAGE}?date={DAY.date()}", written()
    play.icloud.clear()

    with TROUBLES[trouble]():
        guest = Client().post(page, form)
        staff = client.post("/s/riverside/appointments/new/intro/", form)

    assert (guest.status_code, guest["Retry-After"]) == (503, "30")
    assert "Nothing can be saved just now. Your details are kept" in text_of(guest)
    assert sent_in(guest) == (start, "Gina", "g@x.test", form["key"])
    assert LONG.strip() in text_of(guest)
    assert (staff.status_code, staff["Retry-After"]) == (503, "30")
    assert "It is kept on this page" in text_of(staff)
    assert written() == before
    assert play.writes() == []

    assert Client().post(page, form).status_code == 302
    play.settle()
    assert sorted(each.meeting.starts_at for each in Appointment.objects.live()) == [at(9), at(10)]
    play.check()


# What is full still has room for what fits into a page that is there.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["locked", "read only"])
def test_fault_7_a_guest_who_moves_or_cancels_is_asked_to_send_it_again(
    play: Play, trouble: str
) -> None:
    play.book(9)
    own = f"/appointments/{Appointment.objects.get().token}/"
    start, before = f"{at(10):%Y-%m-%dT%H:%M:%SZ}", written()

    with TROUBLES[trouble]():
        moved = Client().post(f"{own}reschedule/?date={DAY.date()}", {"start": start})
        ended = Client().post(f"{own}cancel/", {"reason": "Ill, sadly"})

    for answer, kept in ((moved, f'value="{start}"'), (ended, "Ill, sadly</textarea>")):
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "Nothing can be saved just now. Please send it again" in text_of(answer)
        assert kept in text_of(answer)
    assert written() == before
    assert Appointment.objects.get().meeting.starts_at == at(9)

    assert Client().post(f"{own}cancel/", {"reason": "Ill, sadly"}).status_code == 302
    assert not Appointment.objects.live().exists()


def sent_in(page: Any) -> tuple[str, ...]:
    """What the form holds: the time chosen, name, address and key."""
    text = text_of(page)
    [start] = re.findall(r'name="start" value="([^"]+)"[^>]* checked', text)
    values = [
        re.findall(rf'name="{name}" value="([^"]*)"', text) for name in ("name", "email", "key")
    ]
    return (start, *(value for [value] in values))
