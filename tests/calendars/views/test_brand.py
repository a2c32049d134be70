"""Public pages in the colour of their agency, with its logo."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Agency, Logo
from accounts.services.branding import sheet_for, version_of
from calendars.models import Calendar
from calendars.services.booking import book
from tests.calendars.menus import MENU, make_menu, make_service
from tests.calendars.scenes import NOW, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant, make_tenant
from tests.pictures import make_logo

SHEET = f"/brand/0b7a75/{version_of(sheet_for('#0b7a75'))}.css"


@pytest.fixture
def pages(tenant: Tenant, calendar: Calendar) -> list[str]:
    """Every public page of the sub-account."""
    make_service(make_menu(tenant), "Cut", 30, [tenant.owner])
    closed = book(wish(calendar), now=NOW)
    Calendar.objects.filter(pk=calendar.pk).update(guests_may_cancel=False)
    book_pages = ["/book/riverside/", "/book/riverside/consultation/", MENU]
    files = ("", "reschedule/", "cancel/")
    return [*book_pages, *(f"/appointments/{closed.token}/{file}" for file in files)]


def test_every_public_page_shows_its_agencys_logo_and_colour(
    client: Client, tenant: Tenant, pages: list[str]
) -> None:
    Agency.objects.filter(pk=tenant.agency.pk).update(colour="#0b7a75")
    logo = make_logo(tenant.agency)

    shown = [text_of(client.get(url)) for url in pages]

    image = f'<img src="{logo.url}" alt="Riverside Agency, in letters" width="12" height="4">'
    assert [page.count(f"{image}<span>Riverside</span></a>") for page in shown] == [1] * 6
    assert [
        page.count(f'<link rel="icon" href="{logo.url}" type="image/png">') for page in shown
    ] == [1] * 6
    assert [page.count(f'<link rel="stylesheet" href="{SHEET}">') for page in shown] == [1] * 6
    assert [page for page in shown if "style=" in page or "<style" in page] == []


def test_another_agencys_pages_stay_as_they_are(
    client: Client, tenant: Tenant, pages: list[str]
) -> None:
    other = make_tenant("hillside")
    Agency.objects.filter(pk=other.agency.pk).update(colour="#0b7a75")
    make_logo(other.agency)

    assert [url for url in pages if "/brand/" in text_of(client.get(url))] == []
    assert text_of(client.get("/book/hillside/")).count("/brand/") == 3


def test_a_page_reads_its_brand_with_one_query_and_never_the_logos_bytes(
    client: Client,
    tenant: Tenant,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_logo(tenant.agency)

    with django_assert_num_queries(4) as asked:
        client.get("/book/riverside/")

    queries = [query["sql"] for query in asked.captured_queries]
    assert [sql for sql in queries if '"accounts_logo"."content"' in sql] == []
    assert len([sql for sql in queries if '"accounts_logo"' in sql]) == 1


@pytest.mark.parametrize("colour", ["red", "#AABBCC", "#12345"])
def test_what_is_no_colour_leaves_pages_in_daybooks_own(
    client: Client, tenant: Tenant, calendar: Calendar, colour: str
) -> None:
    Agency.objects.filter(pk=tenant.agency.pk).update(colour=colour)

    page = client.get("/book/riverside/")

    assert page.status_code == 200
    assert "/brand/" not in text_of(page)


def test_a_logo_without_words_is_called_as_its_agency_is_by_now(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    make_logo(tenant.agency)
    Logo.objects.update(words="")
    Agency.objects.filter(pk=tenant.agency.pk).update(name="Riverbank")

    assert 'alt="Riverbank"' in text_of(client.get("/book/riverside/"))
