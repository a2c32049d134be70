"""Log lines as they are written, not as they are handed to the logger."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client

from calendars.services.cancelling import cancel
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.conftest import Tenant


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What the handler of `LOGGING` writes."""
    [handler] = [
        handler for handler in logging.getLogger().handlers if handler.get_name() == "console"
    ]
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def test_private_links_are_not_logged(client: Client, tenant: Tenant, lines: StringIO) -> None:
    appointment = book_at(make_calendar(tenant.sub_account, tenant.owner), tomorrow_at(10))
    cancel(appointment, by=tenant.owner)

    answer = client.post(f"/appointments/{appointment.token}/reschedule/", {"start": "x"})

    assert answer.status_code == 409
    assert appointment.token not in lines.getvalue()
    assert 'event="Conflict: /appointments/…/reschedule/"' in lines.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/accounts/reset/MQ/c4b9xz-0123456789abcdef/nothing", "/accounts/reset/MQ/…/nothing"),
        (
            "/accounts/invitations/7/MQ/c4b9xz-0123456789abcdef/nothing",
            "/accounts/invitations/7/MQ/…/nothing",
        ),
        ("/s/riverside/appointments/7/nothing/", "/s/riverside/appointments/7/nothing/"),
    ],
)
def test_links_that_set_a_password_neither_and_other_addresses_stay(
    client: Client, lines: StringIO, address: str, logged: str
) -> None:
    assert client.get(address).status_code == 404

    assert f'event="Not Found: {logged}"' in lines.getvalue()
