import pytest

from accounts.models import SubAccount
from calendars.models import Contact
from calendars.services.contacts import contact_for
from tests.conftest import Tenant


def make_contact(sub_account: SubAccount, **fields: str) -> Contact:
    return Contact.objects.create(sub_account=sub_account, **{"name": "Known", **fields})


def guest(sub_account: SubAccount, email: str = "gina@example.com", phone: str = "") -> Contact:
    return contact_for(sub_account, name="Gina", email=email, phone=phone)


def test_an_unknown_guest_becomes_a_contact(tenant: Tenant) -> None:
    made = guest(tenant.sub_account, phone="030 1")

    assert (made.sub_account, made.name) == (tenant.sub_account, "Gina")
    assert (made.email, made.phone) == ("gina@example.com", "030 1")


@pytest.mark.parametrize("email", ["gina@example.com", "GINA@Example.COM"])
def test_a_guest_is_known_by_e_mail_whatever_the_case(tenant: Tenant, email: str) -> None:
    known = make_contact(tenant.sub_account, email="Gina@Example.com")

    assert guest(tenant.sub_account, email) == known


def test_a_known_contact_keeps_its_own_data(tenant: Tenant) -> None:
    known = make_contact(tenant.sub_account, email="gina@example.com", phone="1")

    guest(tenant.sub_account, "GINA@example.com", phone="2")

    known.refresh_from_db()
    assert (known.name, known.email, known.phone) == ("Known", "gina@example.com", "1")


def test_a_phone_number_finds_a_contact_without_e_mail(tenant: Tenant) -> None:
    known = make_contact(tenant.sub_account, phone="030 1")

    found = guest(tenant.sub_account, phone="030 1")

    assert (found, found.email) == (known, "")


def test_a_phone_number_does_not_find_a_contact_with_another_e_mail(tenant: Tenant) -> None:
    known = make_contact(tenant.sub_account, email="other@example.com", phone="030 1")

    assert guest(tenant.sub_account, phone="030 1") != known


def test_no_phone_number_finds_nobody(tenant: Tenant) -> None:
    known = make_contact(tenant.sub_account)

    assert guest(tenant.sub_account) != known


def test_the_e_mail_counts_before_the_phone_number(tenant: Tenant) -> None:
    make_contact(tenant.sub_account, phone="030 1")
    by_email = make_contact(tenant.sub_account, email="gina@example.com")

    assert guest(tenant.sub_account, phone="030 1") == by_email


def test_contacts_of_another_sub_account_are_not_found(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    make_contact(other_tenant.sub_account, email="gina@example.com")
    make_contact(other_tenant.sub_account, phone="030 1")

    made = guest(tenant.sub_account, phone="030 1")

    assert made.sub_account == tenant.sub_account
