"""What a guest typed stays on the page, though nothing is left where they looked."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from calendars.services.booking_keys import new_key
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, block, wish
from tests.calendars.views.pages import sent_by, text_of
from tests.conftest import Tenant

PAGE = "/book/riverside/consultation/"
GUEST = {"name": "Gina Guest", "email": "gina@example.com", "phone": "030 1", "notes": "Hello"}
START = "2026-03-02T08:00:00Z"
INSTEAD = "That date cannot be booked. The first free one is shown instead."


def lose(client: Client, calendar: Calendar, page: str = PAGE) -> Any:
    """Somebody else is faster."""
    book(wish(calendar, email="other@example.com"), now=NOW)
    return client.post(page, {**GUEST, "start": START, "key": new_key(calendar)})


def leave_only_nine(tenant: Tenant, *, days: int) -> None:
    """From half past nine on Monday the owner has no time, for so many days."""
    minutes = days * 24 * 60 - 30
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + HALF_HOUR, minutes=minutes)


@pytest.mark.parametrize("page", [PAGE, PAGE + "?date=2026-03-02", PAGE + "?month=2026-03"])
def test_who_loses_the_last_time_of_a_day_goes_on_at_the_first_day_with_times(
    client: Client, tenant: Tenant, calendar: Calendar, page: str
) -> None:
    leave_only_nine(tenant, days=1)

    refused = lose(client, calendar, page)

    assert refused.status_code == 409
    assert INSTEAD in text_of(refused)
    assert "Tuesday 3 March" in text_of(refused)
    kept = sent_by(refused, "Book this time")
    assert {name: kept[name] for name in GUEST} == GUEST
    assert client.post(page, {**kept, "start": "2026-03-03T08:00:00Z"}).status_code == 302
    made = Appointment.objects.get(guest_name="Gina Guest", guest_email="gina@example.com")
    assert made.meeting.starts_at == MONDAY_NINE + timedelta(days=1)


def test_who_loses_the_last_time_of_all_keeps_what_was_typed(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    leave_only_nine(tenant, days=400)

    refused = lose(client, calendar)

    assert refused.status_code == 409
    assert "No times are free on this day" in text_of(refused)
    assert INSTEAD not in text_of(refused)
    kept = sent_by(refused, "Book this time")
    assert {name: kept[name] for name in GUEST} == GUEST


def test_a_guest_who_only_looks_at_a_day_without_times_is_led_nowhere(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    book(wish(calendar), now=NOW)
    leave_only_nine(tenant, days=1)

    page = text_of(client.get(PAGE, {"date": "2026-03-02"}))

    assert "No times are free on this day" in page
    assert INSTEAD not in page
    assert "Book this time" not in page
