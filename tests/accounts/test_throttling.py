"""Limits that hold for all processes together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection as database
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.client_identity import address_of
from accounts.models import Throttle, User
from accounts.services.throttling import TooOften, count, forget_old
from calendars.models import Appointment
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount

HOUR = timedelta(hours=1)
RESET = "/accounts/password_reset/"
NOON = datetime(2026, 3, 2, 12, 10, tzinfo=ZoneInfo("UTC"))


@pytest.mark.django_db
def test_the_limit_holds_within_a_window_and_for_each_alone() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            count("try", "ana", limit=3, per=HOUR)
        with pytest.raises(TooOften, match="try again in 50 minutes"):
            count("try", "ana", limit=3, per=HOUR)
        count("try", "ben", limit=3, per=HOUR)
        count("other", "ana", limit=3, per=HOUR)

        clock.shift(timedelta(minutes=50))
        count("try", "ana", limit=3, per=HOUR)


@pytest.mark.django_db
def test_what_is_counted_names_nobody_and_is_forgotten() -> None:
    with time_machine.travel(NOON, tick=False):
        count("try", "192.0.2.7", limit=3, per=HOUR)

    assert "192.0.2.7" not in Throttle.objects.get().who
    assert forget_old() == 1


@pytest.mark.django_db(transaction=True)
def test_no_try_is_lost_between_processes() -> None:
    def attempt(_: int) -> bool:
        try:
            count("race", "ana", limit=5, per=HOUR)
        except TooOften:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(attempt, range(24)))

    assert sum(passed) <= 5
    assert sum(Throttle.objects.values_list("count", flat=True)) == 24


def test_an_address_books_so_often_an_hour_and_no_more(
    client: Client, tenant: Tenant, settings: Settings
) -> None:
    settings.BOOKING_RATE = 2
    make_calendar(tenant.sub_account, tenant.owner, tenant.mate)

    answers = [book(client, hour, address="192.0.2.1") for hour in (9, 10, 11)]
    elsewhere = book(client, 11, address="192.0.2.2")

    assert [status for status, _ in answers] == [302, 302, 429]
    assert "Please try again in" in answers[2][1]
    assert 'value="Gwen"' in answers[2][1]
    assert elsewhere[0] == 302
    assert Appointment.objects.count() == 3


def test_a_made_up_forwarding_header_is_not_believed(
    client: Client, tenant: Tenant, settings: Settings
) -> None:
    settings.BOOKING_RATE = 1
    make_calendar(tenant.sub_account, tenant.owner)

    statuses = [
        book(client, hour, address="192.0.2.1", forwarded=f"10.0.0.{hour}")[0] for hour in (9, 10)
    ]

    assert statuses == [302, 429]


def test_behind_our_proxy_the_address_it_appended_counts(
    client: Client, tenant: Tenant, settings: Settings
) -> None:
    settings.BOOKING_RATE, settings.BEHIND_PROXY = 1, True
    make_calendar(tenant.sub_account, tenant.owner)

    sent = ["made-up, 192.0.2.1", "other, 192.0.2.1", "made-up, 192.0.2.2"]
    statuses = [
        book(client, 9 + number, address="127.0.0.1", forwarded=header)[0]
        for number, header in enumerate(sent)
    ]

    assert statuses == [302, 429, 302]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("somewhere", "somewhere"),
        ("", ""),
    ],
)
def test_ipv6_addresses_count_by_the_network_one_household_has(address: str, counted: str) -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


@pytest.mark.parametrize("email", ["owner@riverside.test", "nobody@riverside.test"])
def test_an_address_is_mailed_five_password_links_an_hour_with_the_same_answer(
    email: str, tenant: Tenant
) -> None:
    answers = [
        Client().post(RESET, {"email": spelling}, REMOTE_ADDR=f"192.0.2.{host}")
        for host, spelling in enumerate([email, email.upper()] * 4)
    ]

    sent = 5 if email.startswith("owner") else 0
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/accounts/password_reset/done/")
    }
    assert [message.to for message in mail.outbox] == [[email]] * sent


def test_one_place_asks_for_twenty_password_links_an_hour_with_the_same_answer(
    tenant: Tenant,
) -> None:
    for number in range(20):
        Client().post(RESET, {"email": f"guess{number}@riverside.test"})

    answer = Client().post(RESET, {"email": "owner@riverside.test"})
    elsewhere = Client().post(RESET, {"email": "mate@riverside.test"}, REMOTE_ADDR="192.0.2.9")

    assert (answer["Location"], elsewhere["Location"]) == ("/accounts/password_reset/done/",) * 2
    assert [message.to for message in mail.outbox] == [["mate@riverside.test"]]


def test_connecting_is_not_a_way_to_guess_passwords(
    tenant: Tenant, account: ICloudAccount, signed_in: Callable[[User], Client]
) -> None:
    staff = signed_in(tenant.owner)
    typed = {"apple_id": account.apple_id, "app_password": "wrong"}
    url = "/s/riverside/settings/calendars/connections/icloud/"
    for _ in range(20):
        staff.post(url, typed)
    account.server.clear()

    refused = staff.post(url, typed)

    assert refused.status_code == 422
    assert "tried too often" in refused.content.decode()
    assert account.server.requests == []


def book(client: Client, hour: int, *, address: str, forwarded: str = "") -> tuple[int, str]:
    start = tomorrow_at(hour)
    url = f"/book/riverside/intro/?date={start:%Y-%m-%d}&tz=UTC"
    page = client.get(url).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    form = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "name": "Gwen", "email": "g@guest.test"}
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    answer = client.post(url, {**form, "key": key}, headers=headers, REMOTE_ADDR=address)
    return answer.status_code, answer.content.decode()
