"""Every page, form, filter and action of the admin, used on another agency's rows."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.admin_site import AgencyScoped
from accounts.models import Agency, SubAccount
from integrations.models import Heartbeat
from tests.architecture.admin_pages import (
    FOREIGN,
    MODELS,
    OF_AGENCIES,
    Model,
    choices_of,
    crafted_lookups,
    filters_by_relation,
    listed,
    name,
    page,
    request_of,
    scoped,
)
from tests.architecture.rows import everything
from tests.architecture.world import SignIn, World

every_model = pytest.mark.parametrize("model", MODELS, ids=name)
every_agency_model = pytest.mark.parametrize("model", OF_AGENCIES, ids=name)


@pytest.fixture
def stranger(world: World, signed_in: SignIn) -> Client:
    """The agency admin of the other agency."""
    return signed_in(world.there.agency_admin)


@every_model
def test_every_model_can_be_searched_and_filtered_in_the_admin(model: Model) -> None:
    options = scoped(model)

    assert isinstance(options, AgencyScoped)
    assert options.search_fields
    assert options.list_filter or model in {Agency, Heartbeat}


@every_agency_model
def test_agency_admins_see_their_own_rows(model: Model, world: World, signed_in: SignIn) -> None:
    client, row = signed_in(world.here.agency_admin), world.rows[model]

    assert row.pk in listed(client, model)
    assert client.get(page(model, "change", row.pk)).status_code == 200
    assert client.get(page(model, "history", row.pk)).status_code == 200


@every_model
def test_superusers_see_the_rows_of_all_agencies(
    model: Model, world: World, signed_in: SignIn
) -> None:
    client = signed_in(world.superuser)

    assert {world.rows[model].pk, world.other_rows[model].pk} <= listed(client, model)
    assert client.get(page(model, "change", world.rows[model].pk)).status_code == 200


@every_agency_model
def test_lists_and_searches_leave_out_rows_of_other_agencies(
    model: Model, world: World, stranger: Client
) -> None:
    hidden, own = world.rows[model].pk, world.other_rows[model].pk

    assert own in listed(stranger, model)
    for query in ({}, {"_popup": 1}, {"q": "riverside"}, {"q": "owner"}):
        assert hidden not in listed(stranger, model, **query)


@every_agency_model
def test_filters_offer_and_find_nothing_of_other_agencies(
    model: Model, world: World, stranger: Client
) -> None:
    for related, spec in filters_by_relation(model, world.there.agency_admin):
        hidden, own = world.rows[related].pk, world.other_rows[related].pk

        assert own in {pk for pk, _ in spec.lookup_choices}
        assert hidden not in {pk for pk, _ in spec.lookup_choices}
        assert listed(stranger, model, **{spec.lookup_kwarg: hidden}) == set()


@every_agency_model
def test_filters_do_not_tell_where_else_a_shared_user_belongs(
    model: Model, world: World, stranger: Client
) -> None:
    world.here.sub_account.member_set.create(user=world.there.owner)

    for related, spec in filters_by_relation(model, world.there.agency_admin):
        if related is SubAccount:
            elsewhere = {spec.lookup_kwarg: world.here.sub_account.pk}
            assert listed(stranger, model, **elsewhere) == set()


@every_agency_model
def test_pages_of_other_agencies_rows_are_not_there(
    model: Model, world: World, stranger: Client
) -> None:
    before, pk = everything(), world.rows[model].pk
    urls = [page(model, what, pk) for what in ("change", "history", "delete")]

    answers = [stranger.get(url) for url in urls]
    answers += [stranger.post(url, {"post": "yes", "name": "taken over"}) for url in urls]

    assert {(answer.status_code, answer.get("Location", "")) for answer in answers} <= {
        (302, "/admin/"),
        (403, ""),
    }
    assert everything() == before
    assert LogEntry.objects.count() == 0


@every_agency_model
def test_actions_change_nothing_of_other_agencies(
    model: Model, world: World, stranger: Client
) -> None:
    before, pk = everything(), world.rows[model].pk

    for action in scoped(model).get_actions(request_of(world.there.agency_admin)):
        sent = {"action": action, "_selected_action": [pk], "post": "yes", "confirmed": "yes"}
        stranger.post(page(model, "changelist"), sent)

    assert everything() == before


@every_agency_model
def test_forms_offer_no_rows_of_other_agencies(
    model: Model, world: World, stranger: Client
) -> None:
    urls = [page(model, "change", world.other_rows[model].pk)]
    if scoped(model).has_add_permission(request_of(world.there.agency_admin)):
        urls.append(page(model, "add"))

    for url in urls:
        for field, rows in choices_of(stranger, url):
            assert world.rows[rows.model] not in rows, field


@every_agency_model
def test_forms_take_no_rows_of_other_agencies(model: Model, world: World, stranger: Client) -> None:
    before, url = everything(), page(model, "add")
    if not scoped(model).has_add_permission(request_of(world.there.agency_admin)):
        assert (stranger.get(url).status_code, stranger.post(url).status_code) == (403, 403)
        return
    foreign = {
        field: world.rows[rows.model].pk
        for field, rows in choices_of(stranger, url)
        if field in stranger.get(url).context["adminform"].form.fields
    }

    answer = stranger.post(url, foreign)

    assert foreign
    assert set(foreign) <= set(answer.context["adminform"].form.errors)
    assert everything() == before


@every_agency_model
def test_addresses_made_up_to_ask_hidden_columns_are_refused(
    model: Model, world: World, stranger: Client
) -> None:
    options, request = scoped(model), request_of(world.there.agency_admin)
    lookups = [*crafted_lookups(model), "sub_account__agency__name", "pk__in"]
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]

    assert [it for it in lookups if options.lookup_allowed(it, "x", request)] == []
    assert [it for it in columns if options.to_field_allowed(request, it)] == []
    assert stranger.get(page(model, "changelist"), {lookups[0]: "x"}).status_code == 400
    assert stranger.get(page(model, "changelist"), {"_to_field": columns[0]}).status_code == 400


@every_model
def test_rows_a_filter_names_are_asked_for_by_key_and_never_by_range(
    model: Model, world: World, stranger: Client
) -> None:
    options, request = scoped(model), request_of(world.there.agency_admin)

    for _, spec in filters_by_relation(model, world.there.agency_admin):
        key = spec.lookup_kwarg.removesuffix("__exact")
        ranges = [f"{key}__{how}" for how in ("gte", "gt", "lte", "lt", "in", "range")]

        assert options.lookup_allowed(spec.lookup_kwarg, "1", request)
        assert [it for it in ranges if options.lookup_allowed(it, "1", request)] == []


def test_members_without_an_agency_are_kept_out_of_the_admin(
    world: World, signed_in: SignIn
) -> None:
    client = signed_in(world.here.admin)
    urls = [page(model, "changelist") for model in MODELS]
    urls += [page(model, "change", world.rows[model].pk) for model in MODELS]

    answers = {url: (client.get(url).status_code, client.post(url).status_code) for url in urls}

    assert answers == dict.fromkeys(urls, (403, 403))
    assert client.get("/admin/").status_code == 403


def test_anonymous_visitors_of_the_admin_are_asked_to_sign_in(world: World) -> None:
    urls = [page(model, "change", world.rows[model].pk) for model in MODELS]

    answers = {Client().get(url)["Location"] for url in urls}

    assert answers == {f"/admin/login/?next={url}" for url in urls}


@pytest.mark.parametrize("model", FOREIGN, ids=name)
def test_models_of_other_packages_are_for_superusers_to_look_at(
    model: Model, world: World, stranger: Client, signed_in: SignIn
) -> None:
    root = signed_in(world.superuser)

    assert stranger.get(page(model, "changelist")).status_code == 403
    assert root.get(page(model, "changelist")).status_code == 200
    assert root.get(page(model, "add")).status_code == 403
    assert root.post(page(model, "add")).status_code == 403


def test_no_row_is_to_be_had_by_model_and_number(world: World, stranger: Client) -> None:
    kind = ContentType.objects.get_for_model(SubAccount)
    query = {"app_label": "accounts", "model_name": "member", "field_name": "user"}

    assert stranger.get(f"/admin/r/{kind.pk}/{world.here.sub_account.pk}/").status_code == 404
    assert stranger.get("/admin/autocomplete/", query).status_code == 404
