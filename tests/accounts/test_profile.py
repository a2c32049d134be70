from accounts.models import Member
from tests.architecture.world import SignIn
from tests.conftest import Tenant

PROFILE = "/s/riverside/settings/profile/"


def test_my_profile_changes_ones_name_and_time_zone_in_this_sub_account(
    tenant: Tenant, signed_in: SignIn
) -> None:
    answer = signed_in(tenant.owner).post(
        PROFILE, {"full_name": "Olive Owner", "time_zone": "America/New_York"}
    )

    member = Member.objects.get(user=tenant.owner)
    assert (answer.status_code, answer["Location"]) == (302, PROFILE)
    assert (member.user.full_name, member.time_zone) == ("Olive Owner", "America/New_York")


def test_an_empty_time_zone_means_the_sub_accounts(tenant: Tenant, signed_in: SignIn) -> None:
    signed_in(tenant.owner).post(PROFILE, {"full_name": "Owner", "time_zone": ""})

    assert Member.objects.get(user=tenant.owner).zone.key == "Europe/Berlin"


def test_my_profile_refuses_a_place_that_is_no_time_zone(tenant: Tenant, signed_in: SignIn) -> None:
    answer = signed_in(tenant.owner).post(
        PROFILE, {"full_name": "Changed", "time_zone": "Mars/Olympus"}
    )

    assert answer.status_code == 422
    assert Member.objects.get(user=tenant.owner).user.full_name == "Owner"


def test_my_profile_changes_nobodys_role_address_or_rights(
    tenant: Tenant, signed_in: SignIn
) -> None:
    signed_in(tenant.owner).post(
        PROFILE,
        {
            "full_name": "Owner",
            "time_zone": "",
            "role": "admin",
            "email": "root@daybook.test",
            "is_superuser": "on",
            "user": tenant.admin.pk,
            "sub_account": "1",
        },
    )

    member = Member.objects.get(user=tenant.owner)
    assert (member.role, member.user.email, member.user.is_superuser) == (
        "user",
        "owner@riverside.test",
        False,
    )


def test_my_profile_leads_to_integrations_and_the_password(
    tenant: Tenant, signed_in: SignIn
) -> None:
    page = signed_in(tenant.owner).get(PROFILE).content.decode()

    assert f'href="{PROFILE}integrations/"' in page
    assert 'href="/accounts/password_change/"' in page
    assert f'href="{PROFILE}calendar-configuration/"' not in page
