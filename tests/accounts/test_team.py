import re

from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Member, User
from tests.architecture.world import SignIn
from tests.conftest import PASSWORD, Tenant, make_user

TEAM = "/s/riverside/settings/team/"


def roles(tenant: Tenant) -> dict[str, str]:
    return dict(Member.objects.within(tenant.sub_account).values_list("user__email", "role"))


BEFORE = {
    "admin@riverside.test": "admin",
    "owner@riverside.test": "user",
    "mate@riverside.test": "user",
}


def test_the_team_page_lists_members_and_gives_controls_to_admins_only(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    for_admin = signed_in(tenant.admin).get(TEAM).content.decode()
    for_user = signed_in(tenant.owner).get(TEAM).content.decode()

    for page in (for_admin, for_user):
        assert [email in page for email in BEFORE] == [True, True, True]
        assert "hillside.test" not in page
    assert "Invite a member" in for_admin
    assert "<form method" not in for_user.split('id="main"')[1]


def test_a_new_user_becomes_a_member_by_setting_a_password_with_the_link(
    tenant: Tenant,
    signed_in: SignIn,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(tenant.admin).post(
            f"{TEAM}add/", {"email": "Nora@Example.test", "role": "user"}
        )

    user = User.objects.get(email="nora@example.test")
    assert (answer.status_code, user.has_usable_password()) == (302, False)
    assert roles(tenant) == BEFORE
    assert [message.to for message in mail.outbox] == [["nora@example.test"]]

    guest = Client()
    link = re.findall(r"http://testserver(/accounts/invitations/\S+)", str(mail.outbox[0].body))[0]
    form = guest.get(link, follow=True).redirect_chain[-1][0]
    guest.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert roles(tenant) == {**BEFORE, "nora@example.test": "user"}
    sign_in = {"username": user.email, "password": PASSWORD}
    assert guest.post("/accounts/login/", sign_in, follow=True).redirect_chain[-1] == (
        "/s/riverside/calendar/",
        302,
    )
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_an_invitation_never_alters_an_account_that_exists(
    tenant: Tenant,
    other_tenant: Tenant,
    signed_in: SignIn,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    before = User.objects.values().get(pk=other_tenant.owner.pk)
    sent = {"email": "OWNER@hillside.test", "role": "admin", "full_name": "X", "password": "x"}

    with django_capture_on_commit_callbacks(execute=True):
        signed_in(tenant.admin).post(f"{TEAM}add/", sent)

    assert User.objects.values().get(pk=other_tenant.owner.pk) == before
    assert roles(tenant) == BEFORE
    assert "http://testserver/accounts/invitations/\n" in str(mail.outbox[0].body)


def test_nobody_is_added_twice(tenant: Tenant, signed_in: SignIn) -> None:
    answer = signed_in(tenant.admin).post(
        f"{TEAM}add/", {"email": "owner@riverside.test", "role": "admin"}
    )

    assert answer.status_code == 422
    assert "is a member already" in answer.content.decode()
    assert roles(tenant) == BEFORE


def test_a_made_up_role_is_refused(tenant: Tenant, signed_in: SignIn) -> None:
    client = signed_in(tenant.admin)
    owner = Member.objects.get(user=tenant.owner)

    added = client.post(f"{TEAM}add/", {"email": "x@example.test", "role": "superuser"})
    client.post(f"{TEAM}{owner.pk}/role/", {"role": "superuser"})

    assert added.status_code == 422
    assert roles(tenant) == BEFORE


def test_a_change_of_role_counts_from_the_next_request_on(
    tenant: Tenant, signed_in: SignIn
) -> None:
    owner, client = Member.objects.get(user=tenant.owner), signed_in(tenant.owner)
    invitation = {"email": "x@example.test", "role": "user"}
    assert client.post(f"{TEAM}add/", invitation).status_code == 403

    signed_in(tenant.admin).post(f"{TEAM}{owner.pk}/role/", {"role": "admin"})
    assert client.post(f"{TEAM}add/", invitation).status_code == 302

    signed_in(tenant.admin).post(f"{TEAM}{owner.pk}/role/", {"role": "user"})
    assert client.post(f"{TEAM}add/", invitation).status_code == 403


def test_the_last_admin_cannot_step_down(tenant: Tenant, signed_in: SignIn) -> None:
    admin = Member.objects.get(user=tenant.admin)

    answer = signed_in(tenant.admin).post(f"{TEAM}{admin.pk}/role/", {"role": "user"}, follow=True)

    assert "A sub-account needs an admin" in answer.content.decode()
    assert roles(tenant) == BEFORE


def test_a_deactivated_admin_does_not_count_as_one(tenant: Tenant, signed_in: SignIn) -> None:
    gone = make_user("gone@riverside.test")
    Member.objects.create(sub_account=tenant.sub_account, user=gone, role=Member.Role.ADMIN)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    admin = Member.objects.get(user=tenant.admin)

    signed_in(tenant.admin).post(f"{TEAM}{admin.pk}/role/", {"role": "user"})

    assert Member.objects.get(pk=admin.pk).role == "admin"
