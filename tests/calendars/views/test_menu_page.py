"""The public page of a service menu: what can be chosen, and booking it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from calendars.models import Appointment, Calendar, CalendarGroup
from calendars.services.booking_keys import new_key
from tests.calendars.asking import change
from tests.calendars.menus import (
    MENU,
    add_server,
    book_services,
    make_cut_and_colour,
    make_menu,
    minutes,
    services_in,
)
from tests.calendars.scenes import MONDAY_NINE, block
from tests.calendars.views.pages import text_of, words_of
from tests.calendars.views.test_public import GUEST, START, key_in, starts_in
from tests.conftest import Tenant

BOTH = f"{MENU}?services=cut&services=colour"
Pair = tuple[Calendar, Calendar]


@pytest.fixture
def menu(tenant: Tenant, frozen: None) -> CalendarGroup:
    return make_menu(tenant)


@pytest.fixture
def both(tenant: Tenant, menu: CalendarGroup) -> Pair:
    return make_cut_and_colour(tenant, menu)


def services_shown(response: Any) -> list[tuple[str, str]]:
    """What can be chosen, with the kind of its box."""
    boxes = re.findall(r'<input type="(\w+)" name="services" value="([^"]+)"', text_of(response))
    return [(value, kind) for kind, value in boxes if kind != "hidden"]


def send(client: Client, menu: CalendarGroup, *services: str, **fields: Any) -> Any:
    """A complete form with a new key, but for what is said otherwise."""
    values = {**GUEST, "start": START, "key": new_key(menu), "services": services}
    return client.post(MENU, {**values, **fields})


def test_the_menu_shows_its_services_with_length_price_and_description(
    client: Client, menu: CalendarGroup, both: Pair
) -> None:
    change(both[0], description="Washed first.")

    page = client.get(MENU)

    assert page.status_code == 200
    assert services_shown(page) == [("cut", "checkbox"), ("colour", "checkbox")]
    words = words_of(text_of(page))
    assert "Hair By appointment." in words
    assert "Cut 30 minutes · € 30 Washed first. Colour 1 hour · € 80" in words


def test_one_service_only_is_chosen_where_guests_may_not_combine(
    client: Client, tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    CalendarGroup.objects.update(guests_may_combine=False)

    page, answer = client.get(MENU), send(client, menu, "cut", "colour")

    assert services_shown(page) == [("cut", "radio"), ("colour", "radio")]
    assert answer.status_code == 422
    assert "Please choose one service only." in text_of(answer)
    assert not Appointment.objects.exists()


def test_a_guest_books_two_services_and_reads_both_on_their_page(
    client: Client, both: Pair
) -> None:
    page = client.get(BOTH)
    fields = {**GUEST, "start": starts_in(page)[0], "key": key_in(page), "host": ""}

    answer = client.post(BOTH, {**fields, "services": ["cut", "colour"]})

    appointment = Appointment.objects.get()
    assert answer["Location"] == f"/appointments/{appointment.token}/"
    assert appointment.meeting.starts_at == MONDAY_NINE
    assert appointment.meeting.ends_at == MONDAY_NINE + minutes(90)
    assert services_in(appointment) == [("Cut", minutes(30)), ("Colour", minutes(60))]
    assert "Cut, Colour" in text_of(client.get(answer["Location"]))
    file = client.get(answer["Location"] + "calendar.ics").content.decode()
    assert "SUMMARY:Cut\\, Colour" in file
    reschedule = client.get(answer["Location"] + "reschedule/")
    assert "1 hour 30 minutes" in text_of(reschedule)


def test_staff_read_all_services_in_their_order(
    tenant: Tenant, both: Pair, signed_in: Callable[[User], Client]
) -> None:
    booked, staff = book_services(both[::-1]), signed_in(tenant.admin)

    page = staff.get(f"/s/riverside/appointments/{booked.pk}/")
    listed = staff.get("/s/riverside/appointments/")

    assert "CalendarColour, Cut" in words_of(text_of(page))
    assert "Colour, Cut" in text_of(listed)


def test_a_guest_books_one_service(client: Client, both: Pair) -> None:
    page = client.get(f"{MENU}?services=cut")

    answer = client.post(
        MENU, {**GUEST, "start": starts_in(page)[0], "key": key_in(page), "services": "cut"}
    )

    appointment = Appointment.objects.get()
    assert answer.status_code == 302
    assert appointment.meeting.calendar == both[0]
    assert services_in(appointment) == []


def test_the_page_says_how_long_the_chosen_services_take_and_what_each_costs(
    client: Client, both: Pair
) -> None:
    words = words_of(text_of(client.get(BOTH)))

    assert "Hair Cut 30 minutes · € 30 Colour 1 hour · € 80 Choose other services" in words
    assert "1 hour 30 minutes" in words


def test_times_are_those_at_which_one_host_can_do_all_of_it(
    client: Client, tenant: Tenant, both: Pair
) -> None:
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + minutes(45), minutes=15)

    together, alone = client.get(BOTH), client.get(f"{MENU}?services=cut")

    assert starts_in(together) == ["2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z"]
    assert starts_in(alone)[0] == START


def test_booking_needs_no_cookie_and_sets_none(menu: CalendarGroup, both: Pair) -> None:
    strict = Client(enforce_csrf_checks=True)

    strict.get(BOTH)

    assert send(strict, menu, "cut", "colour").status_code == 302
    assert not strict.cookies


def test_guests_ask_for_a_host_who_serves_all_of_it(
    client: Client, tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    alone, together = client.get(f"{MENU}?services=cut"), client.get(BOTH)
    add_server(both[1], tenant.mate)
    of_two = client.get(BOTH)
    send(client, menu, "cut", "colour", host=tenant.owner.pk)

    assert [names in text_of(alone) for names in (">Anyone<", ">Owner<", ">Mate<")] == [True] * 3
    assert ">Mate<" not in text_of(together)
    assert [names in text_of(of_two) for names in (">Anyone<", ">Owner<", ">Mate<")] == [True] * 3
    part = Appointment.objects.get().meeting.hosts.get()
    assert (part.user, part.chosen_because) == (tenant.owner, "picked by the guest")


def test_a_host_is_passed_over_where_guests_do_not_choose(
    client: Client, tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    CalendarGroup.objects.update(guests_choose_host=False)

    page = client.get(f"{MENU}?services=cut&host={tenant.owner.pk}")
    send(client, menu, "cut", host=tenant.owner.pk)

    assert ">Anyone<" not in text_of(page)
    part = Appointment.objects.get().meeting.hosts.get()
    assert part.user == tenant.mate
    assert part.chosen_because != "picked by the guest"


@pytest.mark.parametrize("services", [[], ["nonsense"], ["cut", "nonsense"], ["'\x00<script>"]])
def test_services_that_are_not_on_the_menu_book_nothing(
    client: Client, menu: CalendarGroup, both: Pair, services: list[str]
) -> None:
    shown = client.get(MENU, {"services": services})
    answer = send(client, menu, *services)

    assert (shown.status_code, answer.status_code) == (200, 422)
    assert [name for name, _ in services_shown(answer)] == ["cut", "colour"]
    assert "<script>" not in answer.content.decode().replace('<script src="', "")
    assert not Appointment.objects.exists()


def test_services_of_other_menus_and_inactive_ones_are_not_offered(
    client: Client, tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    change(both[1], is_active=False)
    Calendar.objects.filter(pk=both[0].pk).update(group=make_menu(tenant, slug="other"))

    page, answer = client.get(MENU), send(client, menu, "cut")

    assert "Nothing to book at present" in text_of(page)
    assert answer.status_code == 422


def test_a_menu_that_is_off_or_elsewhere_is_not_there(
    client: Client, other_tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    elsewhere = client.get(MENU.replace("riverside", "hillside"))
    CalendarGroup.objects.update(is_active=False)

    assert elsewhere.status_code == 404
    assert client.get(MENU).status_code == 404
    assert send(client, menu, "cut").status_code == 404


def test_a_time_that_was_taken_meanwhile_keeps_what_was_entered_and_chosen(
    client: Client, menu: CalendarGroup, both: Pair
) -> None:
    send(client, menu, "cut", "colour")

    answer = send(client, menu, "cut", "colour", name="Late Guest")

    page = text_of(answer)
    assert answer.status_code == 409
    assert "That time was just taken." in page
    assert 'value="Late Guest"' in page
    assert page.count('<input type="hidden" name="services" value="colour">') == 2


def test_a_used_key_with_other_services_is_refused(
    client: Client, menu: CalendarGroup, both: Pair
) -> None:
    key = new_key(menu)
    first = send(client, menu, "cut", "colour", key=key)

    again = send(client, menu, "cut", "colour", key=key)
    other = send(client, menu, "colour", key=key)

    assert again["Location"] == first["Location"]
    assert other.status_code == 409
    assert Appointment.objects.count() == 1


def test_a_key_of_a_calendars_own_page_is_refused(client: Client, both: Pair) -> None:
    answer = send(client, both[0].group, "cut", key=new_key(both[0]))  # type: ignore[arg-type]

    assert answer.status_code == 403
    assert not Appointment.objects.exists()


def test_services_that_take_more_than_a_week_together_are_refused(
    client: Client, menu: CalendarGroup, both: Pair
) -> None:
    for service in both:
        change(service, duration=timedelta(days=4))

    answer = send(client, menu, "cut", "colour")

    assert answer.status_code == 422
    assert "Together they take more than seven days." in text_of(answer)


def test_the_index_lists_menus_with_something_on_them(
    client: Client, tenant: Tenant, menu: CalendarGroup, both: Pair
) -> None:
    make_menu(tenant, name="Bare", slug="bare")
    make_menu(tenant, name="Off", slug="off", is_active=False)

    page = text_of(client.get("/book/riverside/"))

    assert re.findall(r'href="(/book/riverside/menu/[^"]+)"', page) == [MENU]
