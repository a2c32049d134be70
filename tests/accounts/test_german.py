"""Signing in, with a browser that asks for German."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts.models import User
from accounts.services.inviting import send_invitation
from accounts.services.memberships import invite
from tests.conftest import Tenant, make_user
from tests.words.reading import LANGUAGE, english_in, read

SignIn = Callable[[User], Client]


@pytest.fixture
def german() -> Client:
    return Client(headers=LANGUAGE)


def test_signing_in_and_setting_a_password_is_german(german: Client, tenant: Tenant) -> None:
    wrong = german.post("/accounts/login/", {"username": "owner@riverside.test", "password": "?"})
    asking = german.get("/accounts/password_reset/")
    sent = german.post("/accounts/password_reset/", {"email": "owner@riverside.test"}, follow=True)
    [message] = mail.outbox
    body = str(message.body)
    [link] = re.findall(r"https?://[^/]+(/\S+)", body)
    choosing = german.get(link, follow=True)
    page = choosing.redirect_chain[-1][0]
    short = german.post(page, {"new_password1": "1", "new_password2": "2"})
    stale = german.get("/accounts/reset/MQ/1-1/")

    told = [read(answer) for answer in (wrong, asking, sent, choosing, short, stale)]
    assert "E-Mail-Adresse Passwort Anmelden Passwort vergessen?" in told[0]
    assert "Neues Passwort setzen" in told[1]
    assert "Sehen Sie in Ihr Postfach" in told[2]
    assert message.subject == "Ihr Passwort für Daybook"
    assert english_in(body) == []
    assert "Wählen Sie ein Passwort" in told[3]
    assert "Dieser Link gilt nicht mehr" in told[5]


def test_invitations_are_german(signed_in: SignIn, tenant: Tenant) -> None:
    newcomer = make_user("neu@example.test")
    german = signed_in(newcomer)
    alone = [german.get(page, headers=LANGUAGE) for page in ("/", "/accounts/invitations/")]
    invitation = invite(newcomer.email, to=tenant.sub_account, role="user")
    invited = [german.get(page, headers=LANGUAGE) for page in ("/", "/accounts/invitations/")]
    declined = german.post(
        f"/accounts/invitations/{invitation.pk}/decline/", follow=True, headers=LANGUAGE
    )

    invitation = invite(newcomer.email, to=tenant.sub_account, role="user")
    accepted = german.post(
        f"/accounts/invitations/{invitation.pk}/accept/", follow=True, headers=LANGUAGE
    )

    told = [read(answer) for answer in (*alone, *invited, declined, accepted)]
    assert "Sie sind noch nirgends Mitglied" in told[0]
    assert "Zurzeit wartet keine Einladung auf Ihre Antwort." in told[1]
    assert "Sie sind eingeladen" in told[2]
    assert "Riverside Als Mitglied des Unterkontos." in told[3]
    assert "Abgelehnt. Riverside hat nichts über Sie erfahren." in told[4]
    assert "Sie sind jetzt Mitglied von Riverside." in told[5]


def test_profile_and_team_are_german(signed_in: SignIn, tenant: Tenant) -> None:
    german = signed_in(tenant.admin)
    german.defaults["HTTP_ACCEPT_LANGUAGE"] = LANGUAGE["Accept-Language"]
    settings = "/s/riverside/settings/"
    mate = tenant.sub_account.member_set.get(user=tenant.mate)

    pages = ["profile/", "team/", f"team/{mate.pk}/remove/", "calendars/"]
    told = [read(german.get(settings + page)) for page in pages]
    sent = {"email": "neu@example.test", "role": "user"}
    invited = read(german.post(f"{settings}team/add/", sent, follow=True))
    promoted = read(german.post(f"{settings}team/{mate.pk}/role/", {"role": "admin"}, follow=True))
    removed = read(german.post(f"{settings}team/{mate.pk}/remove/", follow=True))

    assert "Sie melden sich als admin@riverside.test an." in told[0]
    assert "neu@example.test ist eingeladen und hat eine E-Mail erhalten." in invited
    assert "Mate ist jetzt Admin des Unterkontos." in promoted
    assert "Mate ist nicht mehr Mitglied von Riverside." in removed


def test_an_invitation_is_in_the_language_of_who_invites(tenant: Tenant) -> None:
    invitation = invite("neu@example.test", to=tenant.sub_account, role="user")

    with translation.override("de"):
        send_invitation(invitation)

    [message] = mail.outbox
    assert message.subject == "Riverside lädt Sie zu Daybook ein"
    assert english_in(str(message.body)) == []
