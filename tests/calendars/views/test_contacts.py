from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from calendars.models import Appointment, Calendar, Contact
from calendars.services.booking import book
from tests.architecture.rows import everything
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

LIST = "/s/riverside/contacts/"
GINA = {"name": "Gina Grown", "email": "gina@new.example", "phone": "030 7"}
SignIn = Callable[[User], Client]


@pytest.fixture
def contact(calendar: Calendar) -> Contact:
    return book(wish(calendar, phone="+49 30 1234"), now=NOW).contact


def page_of(contact: Contact) -> str:
    return f"{LIST}{contact.pk}/"


def known(contact: Contact) -> dict[str, str]:
    contact.refresh_from_db()
    return {"name": contact.name, "email": contact.email, "phone": contact.phone}


@pytest.mark.parametrize(
    ("text", "found"),
    [("", True), ("gina g", True), ("GINA@", True), ("4930-1234", True), ("hugo", False)],
)
def test_contacts_are_listed_and_found(
    tenant: Tenant, signed_in: SignIn, contact: Contact, text: str, *, found: bool
) -> None:
    page = text_of(signed_in(tenant.mate).get(LIST, {"q": text}))

    assert (page_of(contact) in page) == found
    assert ("Nobody found" in page) != found


def test_other_sub_accounts_contacts_are_not_there(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    theirs = Contact.objects.create(sub_account=other_tenant.sub_account, name="Theirs")
    client = signed_in(tenant.admin)

    assert "No contacts yet" in text_of(client.get(LIST))
    assert client.get(page_of(theirs)).status_code == 404
    assert client.post(page_of(theirs), GINA).status_code == 404
    assert known(theirs)["name"] == "Theirs"


def test_a_contact_stands_with_all_appointments(
    tenant: Tenant, signed_in: SignIn, calendar: Calendar, contact: Contact
) -> None:
    book(wish(calendar, MONDAY_NINE + HALF_HOUR), now=NOW)

    page = text_of(signed_in(tenant.mate).get(page_of(contact)))

    assert "Mon 2 Mar 2026, 09:00" in page
    assert "Mon 2 Mar 2026, 09:30" in page
    assert 'value="gina@example.com"' in page


def test_a_contact_is_put_right_and_its_appointments_keep_what_was_given(
    tenant: Tenant, signed_in: SignIn, contact: Contact
) -> None:
    page = signed_in(tenant.owner).post(page_of(contact), GINA, follow=True)

    assert "The contact is saved." in text_of(page)
    assert known(contact) == GINA
    assert Appointment.objects.get().guest_email == "gina@example.com"


def test_an_old_page_puts_nothing_back_that_a_colleague_put_right(
    tenant: Tenant, signed_in: SignIn, contact: Contact
) -> None:
    seen = {f"initial-{part}": text for part, text in known(contact).items()}
    old = {**known(contact), **seen}
    signed_in(tenant.owner).post(page_of(contact), GINA)

    signed_in(tenant.admin).post(page_of(contact), {**old, "phone": "030 99"})

    assert known(contact) == {**GINA, "phone": "030 99"}


def test_its_own_address_may_be_written_differently(
    tenant: Tenant, signed_in: SignIn, contact: Contact
) -> None:
    signed_in(tenant.owner).post(page_of(contact), {**GINA, "email": "GINA@example.com"})

    assert known(contact)["email"] == "GINA@example.com"


def test_an_address_that_another_contact_has_is_refused_and_explained(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn, contact: Contact
) -> None:
    for sub_account, email in (
        (tenant.sub_account, "hugo@example.com"),
        (other_tenant.sub_account, "gina@new.example"),
    ):
        Contact.objects.create(sub_account=sub_account, name="Hugo", email=email)
    client, before = signed_in(tenant.owner), everything()

    refused = client.post(page_of(contact), {**GINA, "email": "HUGO@example.com"})
    assert refused.status_code == 422
    assert "Another contact has this address." in text_of(refused)
    assert 'value="Gina Grown"' in text_of(refused)
    assert "<h1>Gina Guest</h1>" in text_of(refused)
    assert everything() == before

    client.post(page_of(contact), GINA)
    assert known(contact) == GINA  # the other sub-account's contact is no obstacle


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a\nb"}, {"email": "nobody"}, {"phone": "1\x07"}]
)
def test_what_is_not_right_is_refused(
    tenant: Tenant, signed_in: SignIn, contact: Contact, wrong: dict[str, str]
) -> None:
    before = everything()

    page = signed_in(tenant.owner).post(page_of(contact), {**GINA, **wrong})

    assert page.status_code == 422
    assert everything() == before


def test_contacts_without_an_address_may_be_many(
    tenant: Tenant, signed_in: SignIn, contact: Contact
) -> None:
    Contact.objects.create(sub_account=tenant.sub_account, name="Phil")

    signed_in(tenant.owner).post(page_of(contact), {**GINA, "email": ""})

    assert known(contact)["email"] == ""


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_however_long_it_is(
    tenant: Tenant,
    signed_in: SignIn,
    frozen: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for index in range(number):
        Contact.objects.create(sub_account=tenant.sub_account, name=f"Guest {index}")
    client = signed_in(tenant.owner)

    with django_assert_num_queries(9):
        client.get(LIST)
