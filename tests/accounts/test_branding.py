"""The files that public pages are dressed in."""

from hashlib import sha256

from django.test import Client

from accounts.services.branding import sheet_for, version_of
from tests.conftest import Tenant
from tests.pictures import make_logo, png

FOR_GOOD = "public, max-age=31536000, immutable"


def test_a_colours_sheet_is_kept_for_good(client: Client) -> None:
    sheet = sheet_for("#0b7a75")

    answer = client.get(f"/brand/0b7a75/{version_of(sheet)}.css")

    assert (answer.status_code, answer.content.decode()) == (200, sheet)
    assert ":root { --accent: #0b7a75; --accent-hover: #096863;" in sheet
    assert "@media (prefers-color-scheme: dark) { :root { --accent: #0b7a75;" in sheet
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == FOR_GOOD
    assert answer.cookies == {}


def test_of_another_version_the_present_one_is_sent_and_kept_by_nobody(client: Client) -> None:
    answer = client.get("/brand/0b7a75/0123.css")

    assert answer.content.decode() == sheet_for("#0b7a75")
    assert answer["Cache-Control"] == "no-cache"


def test_there_is_no_sheet_for_what_is_no_colour(client: Client) -> None:
    asked = [f"/brand/{colour}/x.css" for colour in ("red", "0B7A75", "0b7a75ff", "0b7a7g")]

    assert [client.get(url).status_code for url in asked] == [404] * 4


def test_a_logo_is_sent_as_what_it_is_and_kept_for_good(client: Client, tenant: Tenant) -> None:
    logo = make_logo(tenant.agency)

    answer = client.get(logo.url)

    assert logo.url == f"/brand/logo/{sha256(png()).hexdigest()}"
    assert (answer.status_code, answer.content) == (200, png())
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == FOR_GOOD
    assert answer.cookies == {}


def test_another_picture_has_another_address_and_the_former_one_is_gone(
    client: Client, tenant: Tenant
) -> None:
    before = make_logo(tenant.agency).url
    after = make_logo(tenant.agency, png(8, 8)).url

    assert [client.get(url).status_code for url in (before, after)] == [404, 200]


def test_two_agencies_may_have_the_same_picture(
    client: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    make_logo(tenant.agency)
    url = make_logo(other_tenant.agency).url

    assert client.get(url).status_code == 200
