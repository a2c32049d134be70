"""What the database would refuse, Django admin says at the field."""

from typing import Any

import pytest
from django.test import Client

from calendars.models import Calendar, CalendarGroup, CalendarHost, Contact
from tests.admin.test_offers import as_sent
from tests.architecture.admin_pages import page
from tests.architecture.world import World

OTHERS: dict[Any, dict[str, str]] = {
    Calendar: {"name": "Other", "slug": "taken"},
    CalendarGroup: {"name": "Other", "slug": "taken"},
    Contact: {"name": "Other", "email": "taken@guest.test"},
}
ONE_PRIMARY = "Another host of this calendar is marked as primary: take that mark away first."


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


@pytest.mark.parametrize(
    ("model", "change", "said"),
    [
        (Calendar, {"slug": "taken"}, "Another calendar here has this address already."),
        (CalendarGroup, {"slug": "taken"}, "Another menu here has this address already."),
        (
            Contact,
            {"email": "Taken@Guest.test"},
            "Another contact here has this e-mail address already.",
        ),
    ],
)
def test_what_another_row_of_the_sub_account_has_is_refused_at_its_field(
    world: World, admin: Client, model: Any, change: dict[str, str], said: str
) -> None:
    model.objects.create(sub_account=world.here.sub_account, **OTHERS[model])
    before = model.objects.values().get(pk=world.rows[model].pk)
    url = page(model, "change", world.rows[model].pk)

    answer = admin.post(url, {**as_sent(admin.get(url)), **change})

    assert (answer.status_code, errors(answer)) == (200, {next(iter(change)): [said]})
    assert model.objects.values().get(pk=world.rows[model].pk) == before


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Calendar, {"slug": "taken"}),
        (CalendarGroup, {"slug": "taken"}),
        (Contact, {"email": "taken@guest.test"}),
    ],
)
def test_what_a_row_of_another_sub_account_has_is_free(
    world: World, admin: Client, model: Any, change: dict[str, str]
) -> None:
    model.objects.create(sub_account=world.sibling, **OTHERS[model])
    url = page(model, "change", world.rows[model].pk)

    answer = admin.post(url, {**as_sent(admin.get(url)), **change})

    assert answer.status_code == 302
    assert model.objects.filter(pk=world.rows[model].pk, **change).exists()


def test_a_second_primary_host_is_refused_on_the_hosts_own_page(
    world: World, admin: Client
) -> None:
    add_mate(world, is_primary=True)
    url = page(CalendarHost, "change", world.rows[CalendarHost].pk)

    answer = admin.post(url, {**as_sent(admin.get(url)), "is_primary": "on"})

    assert errors(answer) == {"is_primary": [ONE_PRIMARY]}
    assert primary_hosts(world) == [world.here.mate.pk]


def test_a_second_primary_host_is_refused_in_the_list_on_the_calendars_page(
    world: World, admin: Client
) -> None:
    add_mate(world, is_primary=True)

    answer = send_hosts(world, admin, {"calendarhost_set-0-is_primary": "on"})

    [hosts] = answer.context["inline_admin_formsets"]
    assert hosts.formset.errors == [{}, {"is_primary": [ONE_PRIMARY]}]
    assert primary_hosts(world) == [world.here.mate.pk]


@pytest.mark.parametrize(
    "gives_way",
    [{"calendarhost_set-1-is_primary": ""}, {"calendarhost_set-1-DELETE": "on"}],
    ids=["unmarked", "removed"],
)
def test_another_host_becomes_primary_in_one_save(
    world: World, admin: Client, gives_way: dict[str, str]
) -> None:
    add_mate(world, is_primary=True)

    answer = send_hosts(world, admin, {"calendarhost_set-0-is_primary": "on", **gives_way})

    assert answer.status_code == 302
    assert primary_hosts(world) == [world.here.owner.pk]


def test_a_primary_host_stays_one_whatever_else_is_saved(world: World, admin: Client) -> None:
    add_mate(world, is_primary=True)

    answer = send_hosts(world, admin, {"calendarhost_set-0-priority": "3"})

    assert answer.status_code == 302
    assert primary_hosts(world) == [world.here.mate.pk]


def test_hosts_do_not_change_places_by_their_names(world: World, admin: Client) -> None:
    add_mate(world, is_primary=False)
    owner, mate = world.here.owner.pk, world.here.mate.pk

    answer = send_hosts(
        world, admin, {"calendarhost_set-0-user": mate, "calendarhost_set-1-user": owner}
    )

    hosts = CalendarHost.objects.filter(calendar=world.rows[Calendar])
    assert answer.status_code == 302
    assert list(hosts.values_list("user", flat=True)) == [owner, mate]


def test_a_host_is_removed_from_the_list_and_added_anew(world: World, admin: Client) -> None:
    anew = {
        "calendarhost_set-TOTAL_FORMS": 2,
        "calendarhost_set-0-DELETE": "on",
        "calendarhost_set-1-user": world.here.owner.pk,
        "calendarhost_set-1-priority": 3,
        "calendarhost_set-1-position": 0,
        "calendarhost_set-1-is_primary": "on",
    }

    answer = send_hosts(world, admin, anew)

    assert answer.status_code == 302
    assert CalendarHost.objects.get(calendar=world.rows[Calendar]).priority == 3
    assert primary_hosts(world) == [world.here.owner.pk]


def add_mate(world: World, *, is_primary: bool) -> None:
    CalendarHost.objects.create(
        calendar=world.rows[Calendar], user=world.here.mate, position=1, is_primary=is_primary
    )


def send_hosts(world: World, admin: Client, change: dict[str, Any]) -> Any:
    """The calendar's page as it is, but for that."""
    url = page(Calendar, "change", world.rows[Calendar].pk)
    return admin.post(url, {**as_sent(admin.get(url)), **change})


def primary_hosts(world: World) -> list[int]:
    hosts = CalendarHost.objects.filter(calendar=world.rows[Calendar], is_primary=True)
    return list(hosts.values_list("user", flat=True))
