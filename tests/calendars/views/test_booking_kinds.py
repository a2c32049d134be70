"""Each kind of calendar over HTTP: as guests and staff meet it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from calendars.models import Appointment, Calendar
from calendars.services.booking_keys import new_key
from calendars.services.openings import sent_as
from tests.calendars.kinds import (
    make_class,
    make_collective,
    make_pair,
    make_simple,
    seat,
    served_by,
    who_comes,
)
from tests.calendars.scenes import MONDAY_NINE
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
TEN = MONDAY_NINE + timedelta(hours=1)
MAKERS: dict[str, Callable[[Tenant], Calendar]] = {
    "round robin": lambda tenant: make_pair(tenant, seats=2),
    "collective": make_collective,
    "class": make_class,
    "service": lambda tenant: make_pair(tenant, seats=1, kind="service"),
    "simple": lambda tenant: make_simple(tenant, seats=2),
}


def page_of(calendar: Calendar) -> str:
    return f"/book/riverside/{calendar.slug}/"


def send(client: Client, calendar: Calendar, name: str = "Ann") -> Any:
    data = {
        "start": sent_as(MONDAY_NINE),
        "name": name,
        "email": "ann@example.com",
        "key": new_key(calendar),
    }
    return client.post(page_of(calendar), data)


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_is_booked_rescheduled_and_cancelled_by_its_guest(
    client: Client, tenant: Tenant, frozen: None, kind: str
) -> None:
    calendar = MAKERS[kind](tenant)

    offered = text_of(client.get(page_of(calendar)))
    booked = send(client, calendar)
    appointment = Appointment.objects.get()
    link = f"/appointments/{appointment.token}/"
    confirmation = text_of(client.get(link))
    moved = client.post(f"{link}reschedule/", {"start": sent_as(TEN)})
    appointment.refresh_from_db()
    at = appointment.meeting.starts_at
    cancelled = client.post(f"{link}cancel/", {"reason": ""})

    assert "09:00" in offered
    assert (booked.status_code, booked["Location"]) == (302, link)
    assert "You’re booked, Ann" in confirmation
    assert (moved.status_code, at) == (302, TEN)
    assert cancelled.status_code == 302
    assert Appointment.objects.get().status == "cancelled"


def test_a_page_says_how_many_seats_are_left_where_it_may(
    client: Client, tenant: Tenant, frozen: None
) -> None:
    yoga = make_class(tenant, seats=3)
    seat(yoga, "Ann")
    seat(yoga, "Bob")

    shown = text_of(client.get(page_of(yoga)))
    Calendar.objects.update(shows_seats_left=False)
    hidden = text_of(client.get(page_of(yoga)))

    assert (shown.count("1 seat left"), shown.count("3 seats left")) == (1, 5)
    assert ("09:00" in hidden, "left" in hidden) == (True, False)


def test_a_full_class_is_just_taken(client: Client, tenant: Tenant, frozen: None) -> None:
    yoga = make_class(tenant, seats=1)
    seat(yoga, "Bob")

    answer = send(client, yoga)

    assert answer.status_code == 409
    assert "That time was just taken" in text_of(answer)


@pytest.mark.parametrize("kind", ["collective", "class", "simple"])
def test_nobody_is_asked_for_by_name_where_that_does_not_matter(
    client: Client, tenant: Tenant, frozen: None, kind: str
) -> None:
    page = text_of(client.get(page_of(MAKERS[kind](tenant))))

    assert 'name="host" id="look_host"' not in page
    assert "Anyone" not in page


def test_a_simple_calendars_pages_name_no_host_and_staff_read_why(
    client: Client, tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    hall = make_simple(tenant)
    appointment = seat(hall, "Ann")
    staff = signed_in(tenant.admin)

    public = text_of(client.get(f"/appointments/{appointment.token}/"))
    detail = text_of(staff.get(f"/s/riverside/appointments/{appointment.pk}/"))
    settings = text_of(staff.get(f"/s/riverside/settings/calendars/{hall.pk}/"))
    listed = text_of(staff.get("/s/riverside/appointments/"))

    assert "<dt>With</dt>" not in public
    assert "the iCloud integration is not available for it" in detail
    assert "the iCloud integration is not available for it" in settings
    assert [page.count("None at") for page in (public, detail, listed)] == [0, 0, 0]


def test_staff_see_who_else_comes_and_who_is_the_primary_host(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    yoga = make_class(tenant)
    ann, bob = seat(yoga, "Ann"), seat(yoga, "Bob")

    page = text_of(signed_in(tenant.admin).get(f"/s/riverside/appointments/{ann.pk}/"))

    assert "Comes with 1 other guest" in page
    assert f'href="/s/riverside/appointments/{bob.pk}/"' in page
    assert "(primary host)" not in page


def test_of_several_hosts_the_primary_one_is_marked(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    ann = seat(make_collective(tenant), "Ann")

    page = text_of(signed_in(tenant.admin).get(f"/s/riverside/appointments/{ann.pk}/"))

    assert page.count("Owner (primary host)") == 1
    assert page.count("(primary host)") == 1


def test_staff_move_one_guest_or_tick_a_box_for_all(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    yoga = make_class(tenant)
    ann, bob, cid = (seat(yoga, name) for name in ("Ann", "Bob", "Cid"))
    staff = signed_in(tenant.admin)
    page = f"/s/riverside/appointments/{ann.pk}/move/"

    alone = staff.post(page, {"start": sent_as(TEN)})
    shown = text_of(staff.get(f"/s/riverside/appointments/{bob.pk}/move/"))
    later = sent_as(TEN + timedelta(hours=1))
    everybody = staff.post(
        f"/s/riverside/appointments/{bob.pk}/move/", {"start": later, "everybody": "on"}
    )

    assert (alone.status_code, everybody.status_code) == (302, 302)
    assert "Move all 2 guests" in shown
    cid.refresh_from_db()
    assert cid.meeting.starts_at == TEN + timedelta(hours=1)
    assert who_comes(cid.meeting) == [(2, "Bob"), (3, "Cid")]
    ann.refresh_from_db()
    assert ann.meeting.starts_at == TEN


def test_who_comes_alone_has_nobody_to_move_along(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    ann = seat(make_class(tenant), "Ann")

    page = text_of(signed_in(tenant.admin).get(f"/s/riverside/appointments/{ann.pk}/move/"))

    assert "everybody" not in page


def test_staff_book_one_seat_too_many_after_they_read_that_none_is_left(
    tenant: Tenant, signed_in: SignIn, frozen: None
) -> None:
    yoga = make_class(tenant, seats=1)
    ann = seat(yoga, "Ann")
    staff = signed_in(tenant.owner)
    data = {"start": sent_as(MONDAY_NINE), "name": "Walter", "email": "", "key": new_key(yoga)}
    url = "/s/riverside/appointments/new/yoga/"

    refused = staff.post(url, data)
    staff.post(url, {**data, "anyway": sent_as(MONDAY_NINE)})

    assert refused.status_code == 409
    assert Appointment.objects.count() == 2
    assert served_by(ann.meeting)[0][0] == "Owner"


def test_a_week_shows_a_class_in_short(tenant: Tenant, signed_in: SignIn, frozen: None) -> None:
    yoga = make_class(tenant)
    ann = seat(yoga, "Ann")
    seat(yoga, "Bob")

    page = text_of(signed_in(tenant.owner).get("/s/riverside/calendar/?week=2026-03-02"))

    assert "Yoga (2/10)" in page
    assert f'href="/s/riverside/appointments/{ann.pk}/"' in page
