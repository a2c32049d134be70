"""Every address, called by everyone who has no business there."""

from typing import Any

import pytest
from django.core import mail
from django.db import models
from django.test import Client

from accounts.admin_forms import tenant_of
from accounts.models import Member, SubAccount, User
from accounts.tenancy import TenantModel
from integrations.models import RemoteAccount
from tests.architecture.routes import (
    ADMIN,
    HOST,
    MEMBER,
    OWNER,
    PUBLIC,
    SIGNED_IN,
    TABLE,
    Access,
    Route,
    routes,
    values_for,
)
from tests.architecture.rows import everything, facts, our_models
from tests.architecture.world import SignIn, World

GATED = [route for route in routes() if "sub_account" in route.arguments]
STAFF = [route for route in GATED if route.path.startswith("s/")]
WITH_ROW = [route for route in GATED if len(route.arguments) > 1]
UNKNOWN = Access("nobody knows")


def access(route: Route) -> Access:
    return TABLE.get(route.name, UNKNOWN)


def right_person(route: Route, world: World) -> User:
    return world.here.admin if access(route).who == ADMIN else world.here.owner


def test_every_route_is_in_the_table() -> None:
    assert {route.name for route in routes()} == set(TABLE)


def test_every_model_has_a_row_in_the_matrix(world: World) -> None:
    assert set(world.rows) == our_models()


def test_every_staff_page_is_for_members() -> None:
    open_to = {route.name: access(route).who for route in STAFF}

    assert set(open_to.values()) <= {MEMBER, HOST, ADMIN, OWNER}


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_anonymous_visitors_of_staff_pages_are_asked_to_sign_in(route: Route, world: World) -> None:
    before, url = everything(), route.url(**values_for(route, world.rows))

    answers = [Client().get(url), Client().post(url)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert {answer["Location"] for answer in answers} == {f"/accounts/login/?next={url}"}
    assert everything() == before


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_outsiders_find_no_staff_page(route: Route, world: World, signed_in: SignIn) -> None:
    before, url = everything(), route.url(**values_for(route, world.rows))

    answers = {user.email: both(signed_in(user), url) for user in world.outsiders}

    assert answers == {email: [404, 404] for email in answers}
    assert everything() == before


@pytest.mark.parametrize("route", WITH_ROW, ids=str)
def test_rows_of_another_tenant_are_not_found_through_ones_own_sub_account(
    route: Route, world: World, signed_in: SignIn
) -> None:
    before, values = everything(), values_for(route, world.rows)
    visits = [
        (world.there.sub_account, world.there.admin),
        (world.there.sub_account, world.there.owner),
        (world.sibling, world.sibling_admin),
    ]

    answers = {
        status
        for own, user in visits
        for status in both(signed_in(user), route.url(**{**values, "sub_account": own.slug}))
    }

    assert answers <= {403, 404, 405}
    assert answers != {405}
    assert everything() == before


@pytest.mark.parametrize("route", [r for r in STAFF if access(r).who == OWNER], ids=str)
def test_team_mates_do_not_reach_what_is_somebodys_own(
    route: Route, world: World, signed_in: SignIn
) -> None:
    before, url = everything(), route.url(**values_for(route, world.rows))

    answers = {
        status
        for user in (world.here.mate, world.here.admin)
        for status in both(signed_in(user), url)
    }

    assert answers <= {403, 404, 405}
    assert answers != {405}
    assert everything() == before


@pytest.mark.parametrize("route", [r for r in STAFF if access(r).who in {ADMIN, HOST}], ids=str)
def test_plain_users_do_not_do_what_admins_do(
    route: Route, world: World, signed_in: SignIn
) -> None:
    before, url = everything(), route.url(**values_for(route, world.rows))

    answer = signed_in(world.here.mate).post(url)

    assert answer.status_code == 403
    assert everything() == before


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_the_right_person_gets_through(route: Route, world: World, signed_in: SignIn) -> None:
    client = signed_in(right_person(route, world))
    url = route.url(**values_for(route, world.rows))

    seen = client.get(url)

    assert seen.status_code in {200, 302, 405}
    if seen.status_code == 405:
        assert client.post(url).status_code in {200, 302, 422}


@pytest.mark.parametrize("route", routes(), ids=str)
def test_looking_changes_nothing(route: Route, world: World, signed_in: SignIn) -> None:
    before = everything()
    client = signed_in(right_person(route, world))

    client.get(route.url(**values_for(route, world.rows)))
    client.head(route.url(**values_for(route, world.rows)))

    assert (everything(), mail.outbox) == (before, [])


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_changes_need_a_token_against_forged_requests(route: Route, world: World) -> None:
    before = everything()
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        right_person(route, world), backend="django.contrib.auth.backends.ModelBackend"
    )

    answer = client.post(route.url(**values_for(route, world.rows)))

    assert answer.status_code == 403
    assert everything() == before


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_forms_take_no_rows_of_another_tenant(
    route: Route, world: World, signed_in: SignIn
) -> None:
    """Whatever a form calls its fields: every name that could mean a row holds a stranger's."""
    theirs = untouchable(world)
    person = world.there.admin if access(route).who == ADMIN else world.there.owner
    url = route.url(**values_for(route, world.other_rows))

    for data in strange_data(world):
        signed_in(person).post(url, data)

    assert untouchable(world) == theirs
    assert strays() == []


@pytest.mark.parametrize("route", [r for r in routes() if access(r).who == SIGNED_IN], ids=str)
def test_pages_of_ones_own_ask_to_sign_in(route: Route, world: World) -> None:
    response = Client().get(route.url(**values_for(route, world.rows)))

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("route", [r for r in routes() if access(r).who == PUBLIC], ids=str)
def test_public_pages_are_public(route: Route, world: World) -> None:
    response = Client().get(route.url(**values_for(route, world.rows)))

    assert response.status_code in {200, 302, 405, 503}
    assert "/accounts/login/" not in response.get("Location", "")


def both(client: Client, url: str) -> list[int]:
    """The status of looking at a page and of sending to it."""
    return [client.get(url).status_code, client.post(url).status_code]


def strange_data(world: World) -> list[dict[str, Any]]:
    """Form data whose every field holds a key of another tenant's row."""
    named = {model.__name__.lower(): row.pk for model, row in world.rows.items()}
    calendar, member = named["remotecalendar"], named["member"]
    plain: dict[str, Any] = {
        **named,
        **{f"{name}s": pk for name, pk in named.items()},
        "sub_account": named["subaccount"],
        "host": world.here.owner.pk,
        "hosts": [world.here.owner.pk],
        "linked": calendar,
        "conflicts": [calendar],
        "members": [member],
        "is_superuser": "on",
        "is_staff": "on",
        "role": "admin",
    }
    return [plain, {**plain, "calendar": calendar, "calendars": [calendar]}]


def untouchable(world: World) -> list[dict[str, Any]]:
    """The first tenant's rows, and who is a superuser."""
    return [
        *(facts(model._base_manager.get(pk=row.pk)) for model, row in world.rows.items()),
        *map(facts, User.objects.filter(is_superuser=True).order_by("pk")),
        *map(facts, Member.objects.within(world.here.sub_account).order_by("pk")),
    ]


def strays() -> list[str]:
    """Rows that point into another sub-account, or at somebody who belongs only elsewhere."""
    return [
        f"{row} ({field.name})"
        for model in our_models()
        if issubclass(model, TenantModel) and model is not RemoteAccount
        for row in model._default_manager.select_related(*(it.name for it in pointers(model)))
        for field in pointers(model)
        if _is_astray(getattr(row, field.name), tenant_of(row))
    ]


def pointers(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _is_astray(target: Any, tenant: SubAccount | None) -> bool:
    if isinstance(target, User):
        places = set(target.member_set.values_list("sub_account", flat=True))
        return bool(places) and (tenant is None or tenant.pk not in places)
    if isinstance(target, RemoteAccount) or not isinstance(target, TenantModel):
        return False
    return tenant_of(target) != tenant
