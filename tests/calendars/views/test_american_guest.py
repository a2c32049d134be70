"""Guests who read a clock of twelve hours, and whose weeks begin on Sunday."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from calendars.models import Appointment, Calendar
from tests.calendars.views.pages import text_of, words_of
from tests.calendars.views.test_public import GUEST, PAGE, key_in, send, starts_in
from tests.conftest import Tenant
from tests.integrations.mailing.reading import mail_to, sent, text_in

SignIn = Callable[[User], Client]
DAYS = "Days with free times"


def read(answer: Any) -> str:
    return words_of(text_of(answer))


def browser(language: str) -> Client:
    return Client(headers={"Accept-Language": f"{language},en;q=0.8"})


def test_an_american_books_at_nine_am(calendar: Calendar) -> None:
    american = browser("en-US")
    shown = american.get(PAGE)

    booked = american.post(PAGE, {**GUEST, "start": starts_in(shown)[0], "key": key_in(shown)})
    confirmed = read(american.get(booked["Location"]))
    message = sent(mail_to("guest", "booked"))

    assert f"{DAYS} SunSundayMonMonday" in read(shown)
    assert "Monday, March 2 Time 9:00 AM 9:30 AM" in read(shown)
    when = "Monday, March 2, 2026, 9:00 AM–9:30 AM (CET, Europe/Berlin)"
    assert when in confirmed
    assert when in text_in(message)
    assert Appointment.objects.get().guest_language == "en-us"


@pytest.mark.parametrize(
    ("language", "first_day", "time"),
    [
        ("en-GB", "Monday", "09:00"),
        ("en-AU", "Monday", "9:00 a.m."),
        ("en-NZ", "Monday", "9:00 a.m."),
        ("en-CA", "Sunday", "9:00 a.m."),
        ("en-IN", "Sunday", "9:00 a.m."),
        ("en", "Monday", "09:00"),
    ],
)
def test_english_is_written_as_it_is_where_the_guest_lives(
    calendar: Calendar, language: str, first_day: str, time: str
) -> None:
    shown = read(browser(language).get(PAGE))

    assert f"{DAYS} {first_day[:3]}{first_day}" in shown
    assert f"Monday 2 March Time {time}" in shown


def test_staff_read_a_clock_of_24_hours(
    calendar: Calendar, tenant: Tenant, signed_in: SignIn
) -> None:
    send(browser("en-US"), calendar)
    staff = signed_in(tenant.owner)

    listed = staff.get("/s/riverside/appointments/", headers={"Accept-Language": "en-US"})

    assert "Mon 2 Mar 2026, 09:00" in read(listed)
    assert listed["Content-Language"] == "en"
