"""Service menus are set up on pages, by admins."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from calendars.forms.menus import MenuForm
from calendars.models import Calendar, CalendarGroup
from tests.calendars.scenes import make_calendar
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
MENUS = "/s/riverside/settings/calendars/menus/"
NEW = f"{MENUS}new/"
FILLED = {
    "name": "Body care",
    "slug": "",
    "description": "All that is good for you.",
    "is_active": "on",
    "guests_choose_host": "on",
}


@pytest.fixture
def services(tenant: Tenant) -> list[Calendar]:
    """Massage, Facial and Nails; besides them a calendar that is no service."""
    make_calendar(tenant.sub_account)
    return [
        make_calendar(tenant.sub_account, kind="service", name=name, slug=name.lower())
        for name in ("Massage", "Facial", "Nails")
    ]


def on(*services: Calendar, places: tuple[str, ...] = ()) -> dict[str, str]:
    ticked = {f"service-{one.pk}-is_in": "on" for one in services}
    numbers = zip(services, places, strict=False)
    return {**ticked, **{f"service-{one.pk}-place": place for one, place in numbers}}


def on_menus() -> list[tuple[str, str | None, int]]:
    rows = Calendar.objects.filter(kind="service").order_by("pk")
    return list(rows.values_list("name", "group__slug", "place_in_menu"))


def test_an_admin_makes_a_menu_with_services_in_their_order(
    tenant: Tenant, signed_in: SignIn, services: list[Calendar]
) -> None:
    massage, facial, nails = services
    data = {**FILLED, **on(massage, nails, facial, places=("3", "", "1"))}

    answer = signed_in(tenant.admin).post(NEW, data)

    made = CalendarGroup.objects.values().get()
    assert (answer.status_code, answer["Location"]) == (302, f"{MENUS}{made['id']}/")
    assert made == {
        "id": made["id"],
        "sub_account_id": tenant.sub_account.pk,
        "name": "Body care",
        "slug": "body-care",
        "description": "All that is good for you.",
        "is_active": True,
        "guests_may_combine": False,
        "guests_choose_host": True,
    }
    assert on_menus() == [
        ("Massage", "body-care", 2),
        ("Facial", "body-care", 1),
        ("Nails", "body-care", 3),
    ]


def test_editing_takes_services_off_and_over_from_another_menu(
    tenant: Tenant, signed_in: SignIn, services: list[Calendar]
) -> None:
    massage, facial, nails = services
    client = signed_in(tenant.admin)
    client.post(NEW, {**FILLED, **on(massage, facial)})
    client.post(NEW, {**FILLED, "name": "Hands", **on(nails)})
    body = CalendarGroup.objects.get(slug="body-care")
    page = text_of(client.get(f"{MENUS}{body.pk}/"))

    client.post(
        f"{MENUS}{body.pk}/", {**FILLED, "slug": "body", **on(nails, facial, places=("1", "2"))}
    )

    assert "On “Hands” now: ticked, it moves here." in page
    assert "Consultation" not in page
    assert "http://testserver/book/riverside/menu/body-care/" in page
    assert on_menus() == [("Massage", None, 2), ("Facial", "body", 2), ("Nails", "body", 1)]


def test_a_deleted_menu_leaves_its_services(
    tenant: Tenant, signed_in: SignIn, services: list[Calendar]
) -> None:
    client = signed_in(tenant.admin)
    client.post(NEW, {**FILLED, **on(*services)})
    menu = CalendarGroup.objects.get()

    page = text_of(client.post(f"{MENUS}{menu.pk}/delete/", follow=True))

    assert "“Body care” is gone. Its services stay, each on its own page." in page
    assert CalendarGroup.objects.count() == 0
    assert [group for _, group, _ in on_menus()] == [None, None, None]


def test_the_list_says_what_to_do_next_and_how_each_menu_stands(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    client = signed_in(tenant.admin)
    CalendarGroup.objects.create(sub_account=other_tenant.sub_account, name="Theirs", slug="t")
    empty = text_of(client.get(MENUS))
    CalendarGroup.objects.create(sub_account=tenant.sub_account, name="Care", slug="care")
    CalendarGroup.objects.create(
        sub_account=tenant.sub_account, name="Old", slug="old", is_active=False
    )
    page = text_of(client.get(MENUS))

    assert "No menus yet" in empty
    assert "No services yet" in empty
    assert "Theirs" not in empty
    assert "http://testserver/book/riverside/menu/care/" in page
    assert "http://testserver/book/riverside/menu/old/" not in page
    assert ("Nothing on it" in page, "Not active" in page) == (True, True)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"name": "a\u2028b"}, "Please leave out line breaks and control characters."),
        ({"name": "初回"}, "Write an address with letters a–z, digits and hyphens."),
        ({"slug": "taken"}, "Another menu here has this address already."),
        ({"slug": "no spaces"}, "Enter a valid “slug”"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_words_and_nothing_is_lost(
    tenant: Tenant, signed_in: SignIn, changed: dict[str, str], words: str
) -> None:
    CalendarGroup.objects.create(sub_account=tenant.sub_account, name="Taken", slug="taken")

    answer = signed_in(tenant.admin).post(NEW, {**FILLED, **changed})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "All that is good for you." in text_of(answer)
    assert CalendarGroup.objects.count() == 1


def test_a_place_that_is_none_is_refused_beside_its_service(
    tenant: Tenant, signed_in: SignIn, services: list[Calendar]
) -> None:
    answer = signed_in(tenant.admin).post(NEW, {**FILLED, **on(services[0], places=("0",))})

    assert answer.status_code == 422
    assert "Place of Massage: Ensure this value is greater than or equal to 1." in text_of(answer)
    assert on_menus() == [("Massage", None, 0), ("Facial", None, 0), ("Nails", None, 0)]


def test_services_of_another_sub_account_are_not_put_on_a_menu(
    tenant: Tenant, other_tenant: Tenant, signed_in: SignIn
) -> None:
    theirs = make_calendar(other_tenant.sub_account, kind="service")

    signed_in(tenant.admin).post(NEW, {**FILLED, **on(theirs)})

    assert CalendarGroup.objects.count() == 1
    assert on_menus() == [("Consultation", None, 0)]


def test_an_address_taken_between_check_and_save_is_an_error_and_no_crash(tenant: Tenant) -> None:
    data: dict[str, Any] = {**FILLED, "slug": "care"}
    form = MenuForm(data, instance=CalendarGroup(sub_account=tenant.sub_account), services=[])
    assert form.is_valid()
    CalendarGroup.objects.create(sub_account=tenant.sub_account, name="Care", slug="care")

    is_saved = form.save_once()

    assert not is_saved
    assert form.errors == {"slug": ["Another menu here has this address already."]}


def test_only_admins_come_to_menus_and_are_led_there(tenant: Tenant, signed_in: SignIn) -> None:
    answers = [signed_in(tenant.owner).get(url).status_code for url in (MENUS, NEW)]
    pages = [
        text_of(signed_in(user).get("/s/riverside/settings/calendars/"))
        for user in (tenant.owner, tenant.admin)
    ]

    assert answers == [403, 403]
    assert [f'href="{MENUS}"' in page for page in pages] == [False, True]
