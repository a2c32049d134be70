"""A hairdresser's menu: cutting and colouring, by the owner and by the mate."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from calendars.models import Appointment, Calendar, CalendarGroup, CalendarHost, MeetingService
from calendars.services.booking import BookingRequest, book
from calendars.services.booking_keys import new_key
from tests.calendars.scenes import MONDAY_NINE, NOW, make_calendar, open_mornings, wish
from tests.conftest import Tenant

MENU = "/book/riverside/menu/hair/"


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def make_menu(tenant: Tenant, **fields: Any) -> CalendarGroup:
    values = {"name": "Hair", "slug": "hair", "description": "By appointment.", **fields}
    return CalendarGroup.objects.create(sub_account=tenant.sub_account, **values)


def make_service(
    menu: CalendarGroup, name: str, takes: int, hosts: Iterable[User], **fields: Any
) -> Calendar:
    """A service on the menu that takes so many minutes."""
    values = {"kind": "service", "group": menu, "duration": minutes(takes), **fields}
    named = {"name": name, "slug": name.lower(), **values}
    return make_calendar(menu.sub_account, hosts, **named)


def make_cut_and_colour(tenant: Tenant, menu: CalendarGroup) -> tuple[Calendar, Calendar]:
    """A cut takes half an hour, by both hosts; colour takes an hour, by the owner alone."""
    for user in (tenant.owner, tenant.mate):
        open_mornings(user, tenant.sub_account)
    cut = make_service(menu, "Cut", 30, [tenant.mate, tenant.owner], price="€ 30")
    colour = make_service(menu, "Colour", 60, [tenant.owner], price="€ 80", place_in_menu=1)
    return cut, colour


def add_server(service: Calendar, user: User) -> None:
    """One more who serves it, the last in order."""
    CalendarHost.objects.create(
        calendar=service, user=user, position=service.calendarhost_set.count()
    )


def wish_for(
    services: Iterable[Calendar], starts_at: datetime = MONDAY_NINE, **fields: Any
) -> BookingRequest:
    """A guest's request for these services, one after the other, with a key of its own."""
    first, *further = services
    menu = first.group
    assert menu is not None
    return wish(
        first,
        starts_at,
        **{"menu": menu, "key": new_key(menu), "further": tuple(further), **fields},
    )


def book_services(
    services: Iterable[Calendar], starts_at: datetime = MONDAY_NINE, **fields: Any
) -> Appointment:
    return book(wish_for(services, starts_at, **fields), now=NOW)


def services_in(appointment: Appointment) -> list[tuple[str, timedelta]]:
    """What its meeting consists of, in order, and how long each takes."""
    rows = MeetingService.objects.filter(meeting=appointment.meeting_id).order_by("position")
    return list(rows.values_list("calendar__name", "duration"))
