from django.test import Client

from accounts.models import Member, SubAccount, User
from tests.architecture.world import SignIn
from tests.conftest import Tenant, make_user


def test_the_start_page_asks_strangers_to_sign_in(db: None) -> None:
    answer = Client().get("/")

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_the_start_page_leads_members_to_the_week_of_their_first_sub_account(
    tenant: Tenant, signed_in: SignIn
) -> None:
    earlier = SubAccount.objects.create(agency=tenant.agency, name="Aviary", slug="aviary")
    Member.objects.create(sub_account=earlier, user=tenant.owner)

    assert signed_in(tenant.owner).get("/")["Location"] == "/s/aviary/calendar/"
    assert signed_in(tenant.mate).get("/")["Location"] == "/s/riverside/calendar/"


def test_the_start_page_leads_agency_admins_to_the_admin(tenant: Tenant, signed_in: SignIn) -> None:
    assert signed_in(tenant.agency_admin).get("/")["Location"] == "/admin/"


def test_the_start_page_tells_people_without_a_place_what_to_do(
    db: None, signed_in: SignIn
) -> None:
    nobody = make_user("nobody@nowhere.test")

    answer = signed_in(nobody).get("/")

    assert answer.status_code == 200
    assert "You are not a member anywhere yet" in answer.content.decode()
    assert "nobody@nowhere.test" in answer.content.decode()


def test_agency_admins_enter_sub_accounts_only_as_their_members(
    tenant: Tenant, signed_in: SignIn
) -> None:
    client = signed_in(tenant.agency_admin)
    assert client.get("/s/riverside/settings/team/").status_code == 404

    Member.objects.create(sub_account=tenant.sub_account, user=tenant.agency_admin)

    assert client.get("/s/riverside/settings/team/").status_code == 200


def test_a_removed_member_is_out_at_the_next_request(tenant: Tenant, signed_in: SignIn) -> None:
    client = signed_in(tenant.owner)
    assert client.get("/s/riverside/settings/profile/").status_code == 200

    Member.objects.filter(user=tenant.owner).delete()

    assert client.get("/s/riverside/settings/profile/").status_code == 404


def test_a_deactivated_user_is_signed_out_at_the_next_request(
    tenant: Tenant, signed_in: SignIn
) -> None:
    client = signed_in(tenant.owner)

    User.objects.filter(pk=tenant.owner.pk).update(is_active=False)

    answer = client.get("/s/riverside/settings/profile/")
    assert answer["Location"] == "/accounts/login/?next=/s/riverside/settings/profile/"
