"""People in Django admin: who is added, changed and removed there, and who is not."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import AgencyMember, Member, SubAccount, User
from integrations.models import Connection
from tests.architecture.admin_pages import request_of
from tests.architecture.world import SignIn, World
from tests.conftest import make_tenant, make_user

MEMBERS = "/admin/accounts/member/"


def errors(answer: Any) -> set[str]:
    return set(answer.context["adminform"].form.errors)


def test_an_agency_admin_adds_a_member_by_address_and_learns_nothing_about_others(
    world: World,
    admin: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    form = admin.get(f"{MEMBERS}add/").content.decode()
    assert "hillside" not in form

    with django_capture_on_commit_callbacks(execute=True):
        for email in ("owner@hillside.test", "new@example.test"):
            sent = {"sub_account": world.here.sub_account.pk, "email": email, "role": "user"}
            assert admin.post(f"{MEMBERS}add/", sent).status_code == 302

    everyone = Member.including_invited.within(world.here.sub_account).order_by("pk")
    asked = everyone.invited().values_list("user__email", flat=True)
    assert list(asked) == ["owner@hillside.test", "new@example.test"]
    assert User.objects.get(email="owner@hillside.test").has_usable_password()
    assert not User.objects.get(email="new@example.test").has_usable_password()


def test_the_admin_names_nobody_who_has_not_accepted(world: World, admin: Client) -> None:
    User.objects.filter(pk=world.there.owner.pk).update(full_name="Olivia Hidden")
    sent = {"sub_account": world.here.sub_account.pk, "email": "owner@hillside.test"}

    answers = [
        admin.post(f"{MEMBERS}add/", {**sent, "role": role}, follow=True)
        for role in ("user", "admin")  # asked again
    ]
    pages = [admin.get(url) for url in (MEMBERS, "/admin/accounts/user/")]

    assert [[str(message) for message in answer.context["messages"]] for answer in answers] == [
        ["owner@hillside.test in Riverside is invited and has been sent an e-mail."]
    ] * 2
    told = [page.content.decode() for page in (*answers, *pages)]
    assert ["Olivia Hidden" in page for page in told] == [False] * 4
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {
        "owner@hillside.test in Riverside"
    }


def test_an_agency_admin_sends_so_many_invitations_an_hour_and_no_more(
    world: World, admin: Client
) -> None:
    sent = {"sub_account": world.here.sub_account.pk, "role": "user"}
    for number in range(20):
        admin.post(f"{MEMBERS}add/", {**sent, "email": f"x{number}@example.test"})

    refused = admin.post(f"{MEMBERS}add/", {**sent, "email": "more@example.test"}, follow=True)
    seat = {"agency": world.here.agency.pk, "email": "more@example.test"}
    admin.post("/admin/accounts/agencymember/add/", seat)

    assert "tried too often" in refused.content.decode()
    assert not User.objects.filter(email="more@example.test").exists()


def test_users_are_filtered_by_the_sub_accounts_an_agency_has(
    world: World, admin: Client, signed_in: SignIn
) -> None:
    here, there = world.here.sub_account, world.there.sub_account
    Member.objects.create(sub_account=there, user=world.here.owner)
    asked = Member.objects.create(sub_account=world.sibling, user=world.here.mate)
    Member.objects.filter(pk=asked.pk).update(accepted_at=None)

    def found(sub_account: int | str) -> set[str]:
        answer = admin.get("/admin/accounts/user/", {"sub_account": sub_account})
        return {user.email for user in answer.context["cl"].queryset}

    assert found(here.pk) == {f"{name}@riverside.test" for name in ("admin", "owner", "mate")}
    assert found(world.sibling.pk) == {"admin@lakeside.test"}
    assert (found(there.pk), found("x"), found("")) == (set(), set(), set())
    assert "Hillside" not in admin.get("/admin/accounts/user/").content.decode()


def test_ranges_of_keys_do_not_tell_where_else_somebody_belongs(
    world: World, admin: Client
) -> None:
    query = {"member__sub_account__id__gte": 1, "member__sub_account__id__lt": 99}

    assert admin.get("/admin/accounts/user/", query).status_code == 400


def test_an_agency_admin_adds_nobody_to_another_agencys_sub_account(
    world: World, admin: Client
) -> None:
    sent = {"sub_account": world.there.sub_account.pk, "email": "x@example.test", "role": "admin"}

    answer = admin.post(f"{MEMBERS}add/", sent)

    assert errors(answer) == {"sub_account"}
    assert not User.objects.filter(email="x@example.test").exists()


def test_a_member_stays_who_and_where_they_are_whatever_is_posted(
    world: World, admin: Client
) -> None:
    owner = world.rows[Member]
    sent = {
        "role": "admin",
        "time_zone": "Europe/Paris",
        "user": world.there.owner.pk,
        "sub_account": world.there.sub_account.pk,
    }

    admin.post(f"{MEMBERS}{owner.pk}/change/", sent)

    changed = Member.objects.get(pk=owner.pk)
    assert (changed.role, changed.time_zone) == ("admin", "Europe/Paris")
    assert (changed.user, changed.sub_account) == (owner.user, owner.sub_account)


def test_nobody_is_added_or_appointed_twice(world: World, admin: Client) -> None:
    member = {"sub_account": world.here.sub_account.pk, "email": "OWNER@riverside.test"}
    seat = {"agency": world.here.agency.pk, "email": "agency@riverside.test"}

    answers = [
        admin.post(f"{MEMBERS}add/", {**member, "role": "admin"}),
        admin.post("/admin/accounts/agencymember/add/", seat),
    ]

    assert [errors(answer) for answer in answers] == [{"email"}, {"email"}]


def test_the_last_admin_of_a_sub_account_is_neither_demoted_nor_deleted(
    world: World, admin: Client
) -> None:
    last = Member.objects.get(user=world.here.admin)

    demoted = admin.post(f"{MEMBERS}{last.pk}/change/", {"role": "user", "time_zone": ""})
    admin.post(f"{MEMBERS}{last.pk}/delete/", {"post": "yes"})
    admin.post(MEMBERS, {"action": "delete_selected", "_selected_action": [last.pk], "post": "yes"})

    assert errors(demoted) == {"role"}
    assert Member.objects.get(pk=last.pk).role == "admin"


def test_the_last_admins_of_a_sub_account_are_not_deleted_together(
    world: World, admin: Client
) -> None:
    chosen = last_admins(world)
    sent = {"action": "delete_selected", "_selected_action": [member.pk for member in chosen]}

    page = admin.post(MEMBERS, sent)
    answer = admin.post(MEMBERS, {**sent, "post": "yes"})

    assert page.context["protected"] == [
        "Admin in Riverside: no admin would be left. Make someone else one.",
        "Owner in Riverside: no admin would be left. Make someone else one.",
    ]
    assert answer.status_code == 200
    assert admins_of(world.here.sub_account) == chosen


def test_members_are_deleted_together_or_not_at_all(world: World) -> None:
    chosen = last_admins(world)
    everyone = Member.objects.within(world.here.sub_account)
    members = django_admin.site.get_model_admin(Member)

    with pytest.raises(PermissionDenied):
        members.delete_queryset(request_of(world.here.agency_admin), everyone)

    assert admins_of(world.here.sub_account) == chosen
    assert everyone.count() == 3


def test_members_are_deleted_together_while_an_admin_stays(world: World, admin: Client) -> None:
    staying, leaving = last_admins(world)
    mate = Member.objects.get(user=world.here.mate)
    chosen = [leaving.pk, mate.pk]

    admin.post(MEMBERS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert list(Member.objects.within(world.here.sub_account)) == [staying]


@pytest.mark.parametrize("how", ["page", "action"])
def test_deleting_a_member_disconnects_their_calendars(
    how: str, world: World, admin: Client
) -> None:
    owner = world.rows[Member]
    page = admin.get(f"{MEMBERS}{owner.pk}/delete/").content.decode()
    assert "Will be disconnected: owner@icloud.riverside.test of Owner" in page

    if how == "page":
        admin.post(f"{MEMBERS}{owner.pk}/delete/", {"post": "yes"})
    else:
        sent = {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"}
        admin.post(MEMBERS, sent)

    connection = Connection.objects.get(pk=world.rows[Connection].pk)
    assert not Member.objects.filter(pk=owner.pk).exists()
    assert (connection.state, connection.secret) == ("disconnected", "")


def test_an_agency_keeps_an_admin(world: World, admin: Client) -> None:
    seats = "/admin/accounts/agencymember/"
    alone = world.rows[AgencyMember]
    chosen = {"action": "delete_selected", "_selected_action": [alone.pk], "post": "yes"}

    admin.post(f"{seats}{alone.pk}/delete/", {"post": "yes"})
    admin.post(seats, chosen)
    assert AgencyMember.objects.filter(pk=alone.pk).exists()

    second = {"agency": world.here.agency.pk, "email": "second@riverside.test"}
    assert admin.post(f"{seats}add/", second).status_code == 302
    admin.post(seats, chosen)
    left = AgencyMember.objects.filter(agency=world.here.agency)
    assert [seat.user.email for seat in left] == ["second@riverside.test"]


def test_an_agency_admin_founds_sub_accounts_in_their_own_agency_only(
    world: World, admin: Client
) -> None:
    url = "/admin/accounts/subaccount/add/"
    sent = {"name": "New", "slug": "new", "time_zone": "UTC", "stale_after": "1 00:00:00"}

    refused = admin.post(url, {**sent, "agency": world.there.agency.pk})
    taken = admin.post(url, {**sent, "agency": world.here.agency.pk})

    assert (errors(refused), taken.status_code) == ({"agency"}, 302)
    assert SubAccount.objects.get(slug="new").agency == world.here.agency


def test_a_sub_account_stays_in_its_agency(world: World, admin: Client) -> None:
    both = make_tenant("third").agency
    AgencyMember.objects.create(agency=both, user=world.here.agency_admin)
    url = f"/admin/accounts/subaccount/{world.here.sub_account.pk}/change/"
    sent = {"name": "R", "slug": "riverside", "time_zone": "UTC", "stale_after": "1 00:00:00"}

    admin.post(url, {**sent, "agency": both.pk})

    world.here.sub_account.refresh_from_db()
    assert (world.here.sub_account.name, world.here.sub_account.agency) == ("R", world.here.agency)


def test_users_are_changed_by_superusers_only(
    world: World, admin: Client, signed_in: SignIn
) -> None:
    url = f"/admin/accounts/user/{world.here.owner.pk}/change/"
    inline = {"member_set-TOTAL_FORMS": "0", "member_set-INITIAL_FORMS": "0"}
    sent = {"full_name": "Changed", "is_superuser": "on", "email": "x@example.test", **inline}

    assert admin.post(url, sent).status_code == 403
    assert signed_in(world.superuser).post(url, sent).status_code == 302

    owner = User.objects.get(pk=world.here.owner.pk)
    assert (owner.full_name, owner.email) == ("Changed", "owner@riverside.test")
    assert (owner.is_active, owner.is_superuser) == (False, False)


def test_a_users_page_tells_an_agency_only_of_its_own_sub_accounts(
    world: World, admin: Client
) -> None:
    Member.objects.create(sub_account=world.there.sub_account, user=world.here.owner)

    page = admin.get(f"/admin/accounts/user/{world.here.owner.pk}/change/").content.decode()

    assert ("Owner in Riverside" in page, "Hillside" in page) == (True, False)


def test_a_user_of_two_agencies_is_an_admin_where_they_were_appointed(
    world: World, signed_in: SignIn
) -> None:
    AgencyMember.objects.create(agency=world.there.agency, user=world.here.agency_admin)
    client = signed_in(world.here.agency_admin)
    assert {row.slug for row in listed_sub_accounts(client)} == {
        *("riverside", "lakeside", "hillside"),
    }

    AgencyMember.objects.filter(agency=world.there.agency, user=world.here.agency_admin).delete()

    assert {row.slug for row in listed_sub_accounts(client)} == {"riverside", "lakeside"}


def test_an_agency_admin_who_is_dismissed_is_out_of_the_admin_at_once(
    world: World, admin: Client
) -> None:
    AgencyMember.objects.create(agency=world.here.agency, user=make_user("next@riverside.test"))
    assert admin.get("/admin/").status_code == 200

    AgencyMember.objects.filter(user=world.here.agency_admin).delete()

    assert admin.get("/admin/").status_code == 403


def last_admins(world: World) -> list[Member]:
    """The two whom the sub-account has."""
    Member.objects.filter(user=world.here.owner).update(role=Member.Role.ADMIN)
    return admins_of(world.here.sub_account)


def admins_of(sub_account: SubAccount) -> list[Member]:
    return list(Member.objects.within(sub_account).filter(role=Member.Role.ADMIN).order_by("pk"))


def listed_sub_accounts(client: Client) -> list[SubAccount]:
    return list(client.get("/admin/accounts/subaccount/").context["cl"].queryset)


def test_an_agency_admin_names_the_sites_that_may_frame_a_sub_accounts_pages(
    world: World, admin: Client
) -> None:
    here = world.here.sub_account
    page = f"/admin/accounts/subaccount/{here.pk}/change/"
    sent = {"name": "Riverside", "slug": "riverside", "time_zone": "UTC", "stale_after": "24:00:00"}

    refused = admin.post(page, {**sent, "framed_by": "http://riverside.example"})
    admin.post(page, {**sent, "framed_by": " https://Riverside.example/\r\nhttps://shop.example "})

    assert errors(refused) == {"framed_by"}
    saved = SubAccount.objects.get(pk=here.pk)
    assert saved.framed_by == "https://riverside.example\nhttps://shop.example"
