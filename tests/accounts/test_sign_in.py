import re
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.architecture.world import SignIn
from tests.conftest import PASSWORD, Tenant

LOGIN = "/accounts/login/"


def sign_in(email: str, password: str, client: Client | None = None, **query: Any) -> Any:
    sent = {"username": email, "password": password, **query}
    return (client or Client()).post(LOGIN, sent)


def text_of(answer: HttpResponse, email: str) -> str:
    """A page without what differs by nature: the token, and the address that was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return page.replace(email, "")


def test_people_sign_in_by_e_mail_address_in_any_case(tenant: Tenant) -> None:
    answer = sign_in("OWNER@riverside.test", PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(tenant: Tenant) -> None:
    known, unknown = "owner@riverside.test", "nobody@riverside.test"

    answers = [sign_in(email, "wrong") for email in (known, unknown)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert text_of(answers[0], known) == text_of(answers[1], unknown)


@pytest.mark.parametrize("page", [LOGIN, "/admin/login/"])
@pytest.mark.parametrize("email", ["owner@riverside.test", "nobody@riverside.test"])
def test_ten_wrong_passwords_lock_known_and_unknown_addresses_alike(
    page: str, email: str, tenant: Tenant
) -> None:
    tries = [
        Client().post(page, {"username": email, "password": "wrong"}).status_code for _ in range(10)
    ]

    assert tries == [200] * 9 + [429]
    locked = sign_in(email, PASSWORD)
    assert locked.status_code == 429
    assert "Too many attempts" in locked.content.decode()


def test_a_lock_holds_for_the_account_wherever_the_tries_come_from(tenant: Tenant) -> None:
    for host in range(10):
        spelling = "owner@riverside.test" if host % 2 else " OWNER@Riverside.test"
        sent = {"username": spelling, "password": "wrong"}
        Client().post(LOGIN, sent, REMOTE_ADDR=f"192.0.2.{host}")

    sent = {"username": "owner@riverside.test", "password": PASSWORD}
    assert Client().post(LOGIN, sent, REMOTE_ADDR="198.51.100.1").status_code == 429


def test_a_lock_holds_for_the_place_the_tries_come_from_whatever_the_account(
    tenant: Tenant,
) -> None:
    for number in range(10):
        sign_in(f"guess{number}@riverside.test", "wrong")

    assert sign_in("owner@riverside.test", PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test/",
        "https://evil.test/",
        "https:evil.test",
        "\\\\evil.test",
        "/\\evil.test",
        "//testserver@evil.test/",
        "javascript:alert(1)",
    ],
)
def test_signing_in_never_leads_to_another_site(target: str, tenant: Tenant) -> None:
    answer = sign_in("owner@riverside.test", PASSWORD, next=target)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_session_gets_a_new_name_at_sign_in_and_dies_at_sign_out(tenant: Tenant) -> None:
    client = Client()
    client.get(LOGIN)
    sign_in("owner@riverside.test", PASSWORD, client)
    stolen = client.cookies["session"].value

    client.post("/accounts/logout/")

    thief = Client()
    thief.cookies["session"] = stolen
    assert thief.get("/")["Location"] == "/accounts/login/?next=/"


def test_signing_out_takes_a_post(tenant: Tenant, signed_in: SignIn) -> None:
    client = signed_in(tenant.owner)

    assert client.get("/accounts/logout/").status_code == 405
    assert client.get("/s/riverside/settings/profile/").status_code == 200


def test_a_new_password_ends_the_sessions_made_with_the_old_one(
    tenant: Tenant, signed_in: SignIn
) -> None:
    here, elsewhere = signed_in(tenant.owner), signed_in(tenant.owner)
    new = "another correct horse"

    here.post(
        "/accounts/password_change/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert here.get("/")["Location"] == "/s/riverside/calendar/"
    assert elsewhere.get("/")["Location"] == "/accounts/login/?next=/"


def test_asking_for_a_password_link_tells_nothing_about_who_has_an_account(
    tenant: Tenant,
) -> None:
    answers = [
        Client().post("/accounts/password_reset/", {"email": email}, follow=True)
        for email in ("owner@riverside.test", "nobody@riverside.test")
    ]

    assert [answer.redirect_chain for answer in answers] == [
        [("/accounts/password_reset/done/", 302)]
    ] * 2
    assert answers[0].content == answers[1].content
    assert [message.to for message in mail.outbox] == [["owner@riverside.test"]]


def test_a_password_link_leads_to_our_own_address_whatever_the_request_says(
    tenant: Tenant, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    Client().post(
        "/accounts/password_reset/", {"email": "owner@riverside.test"}, HTTP_HOST="evil.test"
    )

    assert "http://testserver/accounts/reset/" in str(mail.outbox[0].body)
    assert "evil.test" not in str(mail.outbox[0].body)


def test_deactivated_people_get_no_password_link(tenant: Tenant) -> None:
    User.objects.filter(pk=tenant.owner.pk).update(is_active=False)

    Client().post("/accounts/password_reset/", {"email": "owner@riverside.test"})

    assert mail.outbox == []


@pytest.mark.parametrize(
    "page",
    ["password_reset/", "password_reset/done/", "reset/MQ/made-up/", "reset/done/"],
)
def test_pages_about_passwords_are_open_to_those_who_cannot_sign_in(page: str, db: None) -> None:
    assert Client().get(f"/accounts/{page}").status_code == 200
