"""Nobody becomes a member, or is seen by one, before they say yes."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection as database
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Member, SubAccount, User
from accounts.services.memberships import invite
from tests.architecture.world import SignIn
from tests.conftest import PASSWORD, Tenant, make_tenant, make_user

TEAM = "/s/riverside/settings/team/"
INVITATIONS = "/accounts/invitations/"


def invited(tenant: Tenant, user: User, role: str = "user") -> Member:
    return invite(user.email, to=tenant.sub_account, role=role)


def places(user: User) -> list[str]:
    return sorted(member.sub_account.slug for member in Member.objects.filter(user=user))


def test_members_are_those_who_accepted_wherever_one_looks(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    stranger = other_tenant.owner
    invitation = invited(tenant, stranger)

    assert Member._default_manager.filter(pk=invitation.pk).count() == 0
    assert tenant.sub_account.member_set.filter(user=stranger).count() == 0
    assert list(stranger.member_set.values_list("sub_account__slug", flat=True)) == ["hillside"]
    assert Member.including_invited.get(pk=invitation.pk).accepted_at is None


def test_a_row_made_by_code_is_a_membership_at_once(tenant: Tenant) -> None:
    user = make_user("new@example.test")

    Member.objects.create(sub_account=tenant.sub_account, user=user)

    assert places(user) == ["riverside"]


def test_an_invited_person_is_neither_shown_to_the_sub_account_nor_let_in(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    stranger = other_tenant.owner
    User.objects.filter(pk=stranger.pk).update(full_name="Olivia Hidden")
    invitation = invited(tenant, stranger)
    admin = signed_in(tenant.admin)

    pages = [admin.get(url).content.decode() for url in (TEAM, "/s/riverside/calendar/")]

    assert ["Olivia Hidden" in page for page in pages] == [False, False]
    assert "Invited, not accepted yet" in pages[0]
    assert "owner@hillside.test" in pages[0]
    assert admin.post(f"{TEAM}{invitation.pk}/role/", {"role": "admin"}).status_code == 404
    assert admin.post(f"{TEAM}{invitation.pk}/remove/").status_code == 404
    assert signed_in(stranger).get("/s/riverside/calendar/").status_code == 404


def test_plain_members_do_not_see_who_is_invited(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    invited(tenant, other_tenant.owner)

    assert "owner@hillside.test" not in signed_in(tenant.owner).get(TEAM).content.decode()


def test_the_team_page_answers_alike_whether_or_not_an_account_exists(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    known, unknown = "owner@hillside.test", "nobody@hillside.test"
    admin = signed_in(tenant.admin)
    told = []

    for email in (known, unknown):
        page = admin.post(f"{TEAM}add/", {"email": email, "role": "user"}, follow=True)
        invitation = Member.including_invited.get(sub_account=tenant.sub_account, user__email=email)
        card = page.content.decode().split('id="invitations"')[1].split("</section>")[0]
        card = re.sub(r'middlewaretoken" value="\w+"', "", card)
        told.append(card.replace(email, "…").replace(f"/{invitation.pk}/", "/…/"))
        assert f"{email} is invited and has been sent an e-mail." in page.content.decode()
        invitation.delete()

    assert told[0] == told[1]


def test_an_invitation_is_accepted_by_whom_it_invites(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    invitation = invited(tenant, other_tenant.owner, role="admin")
    client = signed_in(other_tenant.owner)
    assert "Riverside" in client.get(INVITATIONS).content.decode()

    answer = client.post(f"{INVITATIONS}{invitation.pk}/accept/")

    assert (answer.status_code, answer["Location"]) == (302, "/s/riverside/calendar/")
    assert places(other_tenant.owner) == ["hillside", "riverside"]
    assert Member.objects.get(pk=invitation.pk).role == "admin"
    assert list(client.get(INVITATIONS).context["invitations"]) == []


def test_an_invitation_is_declined_by_whom_it_invites(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    invitation = invited(tenant, other_tenant.owner)

    answer = signed_in(other_tenant.owner).post(f"{INVITATIONS}{invitation.pk}/decline/")

    assert (answer.status_code, answer["Location"]) == (302, INVITATIONS)
    assert not Member.including_invited.filter(pk=invitation.pk).exists()


@pytest.mark.parametrize("what", ["accept", "decline"])
def test_nobody_answers_for_somebody_else_or_twice(
    what: str, tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    invitation = invited(tenant, other_tenant.owner)
    url = f"{INVITATIONS}{invitation.pk}/{what}/"
    others = [tenant.admin, tenant.agency_admin, other_tenant.mate, other_tenant.admin]

    assert {signed_in(user).post(url).status_code for user in others} == {404}
    assert Member.including_invited.get(pk=invitation.pk).accepted_at is None

    Member.including_invited.filter(pk=invitation.pk).accept()
    assert signed_in(other_tenant.owner).post(url).status_code == 404
    assert places(other_tenant.owner) == ["hillside", "riverside"]


def test_the_start_page_and_my_profile_lead_to_open_invitations(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    nobody = make_user("nobody@nowhere.test")
    before = signed_in(other_tenant.owner).get("/s/hillside/settings/profile/").content.decode()
    for user in (nobody, other_tenant.owner):
        invited(tenant, user)

    start = signed_in(nobody).get("/").content.decode()
    profile = signed_in(other_tenant.owner).get("/s/hillside/settings/profile/").content.decode()

    assert (f'href="{INVITATIONS}"' in start, ">Accept<" in start) == (True, True)
    assert f'href="{INVITATIONS}"' in before
    assert ["You are invited" in page for page in (before, profile)] == [False, True]


def test_a_withdrawn_invitation_is_gone_and_an_accepted_one_is_not_withdrawn(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    first, second = invited(tenant, other_tenant.owner), invited(tenant, other_tenant.mate)
    Member.including_invited.filter(pk=second.pk).accept()
    admin = signed_in(tenant.admin)

    answers = [admin.post(f"{TEAM}{row.pk}/withdraw/", follow=True) for row in (first, second)]

    assert "The invitation is withdrawn." in answers[0].content.decode()
    assert "has been accepted" in answers[1].content.decode()
    assert not Member.including_invited.filter(pk=first.pk).exists()
    assert Member.objects.filter(pk=second.pk).exists()


def test_who_is_invited_again_gets_the_new_role_and_another_mail(
    tenant: Tenant,
    other_tenant: Tenant,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = invited(tenant, other_tenant.owner)
        again = invited(tenant, other_tenant.owner, role="admin")

    assert again.pk == first.pk
    assert Member.including_invited.get(pk=first.pk).role == "admin"
    assert [message.to for message in mail.outbox] == [["owner@hillside.test"]] * 2


def test_a_first_password_accepts_the_invitation_that_brought_the_link_and_no_other(
    tenant: Tenant,
    other_tenant: Tenant,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for place in (tenant.sub_account, other_tenant.sub_account):
            invite("nora@example.test", to=place, role="user")
    link = str(mail.outbox[1].body).split("http://testserver")[1].split()[0]
    guest = Client()

    form = guest.get(link, follow=True).redirect_chain[-1][0]
    guest.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert places(User.objects.get(email="nora@example.test")) == ["hillside"]


def test_a_new_password_of_somebody_who_had_one_accepts_nothing(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    invitation, guest, new = invited(tenant, other_tenant.owner), Client(), "another correct horse"
    guest.post("/accounts/password_reset/", {"email": "owner@hillside.test"})
    reset = str(mail.outbox[-1].body).split("/accounts/reset/")[1].split()[0]

    form = guest.get(f"{INVITATIONS}{invitation.pk}/{reset}", follow=True).redirect_chain[-1][0]
    guest.post(form, {"new_password1": new, "new_password2": new})

    assert User.objects.get(pk=other_tenant.owner.pk).check_password(new)
    assert places(other_tenant.owner) == ["hillside"]


def test_somebody_sends_so_many_invitations_an_hour_and_no_more(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    admin = signed_in(tenant.admin)
    for number in range(20):
        admin.post(f"{TEAM}add/", {"email": f"x{number}@example.test", "role": "user"})

    refused = admin.post(f"{TEAM}add/", {"email": "one-more@example.test", "role": "user"})
    elsewhere = signed_in(other_tenant.admin).post(
        "/s/hillside/settings/team/add/", {"email": "y@example.test", "role": "user"}
    )

    assert refused.status_code == 422
    assert "tried too often" in refused.content.decode()
    assert not User.objects.filter(email="one-more@example.test").exists()
    assert elsewhere.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_new_address_is_invited_by_many_at_once_and_becomes_one_account() -> None:
    agency = make_tenant("riverside").agency
    homes = [
        SubAccount.objects.create(agency=agency, name=f"Home {number}", slug=f"home-{number}")
        for number in range(8)
    ]

    together = Barrier(len(homes))

    def ask(home: SubAccount) -> int:
        try:
            database.ensure_connection()
            together.wait(10)
            return invite("Nora@example.test", to=home, role="user").user_id
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(ask, homes))

    nora = User.objects.get(email="nora@example.test")
    assert (set(asked), nora.has_usable_password()) == ({nora.pk}, False)
    assert Member.including_invited.filter(user=nora).count() == 8
