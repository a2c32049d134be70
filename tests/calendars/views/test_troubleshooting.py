"""The page that says why a time is offered, or not."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.models import Calendar
from tests.calendars.scenes import MONDAY_NINE, add_host, block, make_source
from tests.calendars.views.pages import text_of, words_of
from tests.calendars.views.test_calendars import page_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]


def trouble(calendar: Calendar) -> str:
    return f"{page_of(calendar)}troubleshoot/"


def test_each_time_of_the_day_stands_with_its_reason_and_code(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=30)

    page = signed_in(tenant.admin).get(trouble(calendar), {"date": "2026-03-02"})

    words = words_of(text_of(page))
    assert "Monday 2 March 2026 5 of 6 times offered · times in Europe/Berlin" in words
    assert "09:00–09:30 BLOCKED The time was blocked by hand." in words
    assert "09:30–10:00 Offered Owner." in words


def test_what_is_offered_can_be_left_out(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, minutes=30)
    query = {"date": "2026-03-02", "show": "refused"}

    page = signed_in(tenant.admin).get(trouble(calendar), query)

    assert [one.reason for one in page.context["candidates"]] == ["BLOCKED"]
    assert "5 of 6 times offered" in words_of(text_of(page))


def test_days_lead_to_one_another_and_a_day_that_is_none_is_today(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    client = signed_in(tenant.admin)

    page = text_of(client.get(trouble(calendar), {"date": "2026-03-01", "show": "refused"}))
    odd = [
        client.get(trouble(calendar), {"date": text}).context["report"].day.isoformat()
        for text in ("", "x", "\0", "0001-01-01", "9999-12-31", "2026-02-30")
    ]

    assert "?date=2026-02-28&show=refused" in page
    assert "?date=2026-03-02&show=refused" in page
    assert odd == ["2026-03-01"] * 6


@pytest.mark.parametrize("number", [1, 3])
def test_titles_of_events_are_told_to_nobody_and_queries_do_not_grow(
    tenant: Tenant,
    signed_in: SignIn,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    tenant.sub_account.hides_external_details = False
    tenant.sub_account.save()
    for user in [tenant.mate, tenant.admin][: number - 1]:
        add_host(calendar, user)
    feed = make_source(tenant.owner, tenant.sub_account, name="Secret feed")
    block(tenant.owner, tenant.sub_account, MONDAY_NINE, source=feed, title="Secret talks")
    client = signed_in(tenant.admin)

    with django_assert_num_queries(17):
        page = text_of(client.get(trouble(calendar), {"date": "2026-03-02"}))

    assert "CONFLICT" in page
    assert "Secret" not in page


def test_admins_and_the_calendars_hosts_are_led_there_and_others_are_not(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar
) -> None:
    people = (tenant.admin, tenant.owner, tenant.mate)

    answers = [signed_in(user).get(trouble(calendar)).status_code for user in people]
    settings, booking = (
        text_of(signed_in(tenant.owner).get(url))
        for url in (page_of(calendar), "/s/riverside/appointments/new/consultation/")
    )

    assert answers == [200, 200, 403]
    assert f'href="{trouble(calendar)}"' in settings
    assert f'href="{trouble(calendar)}?date=2026-03-02"' in booking
