"""Several services in one meeting: one event that names all of them, in their order."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from calendars.models import Appointment, Calendar, CalendarGroup
from calendars.services.booking_keys import new_key
from calendars.services.moving import reschedule
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on
from tests.integrations.following import deliver, sync

LENGTH = timedelta(minutes=60)


def make_menu(tenant: Tenant) -> CalendarGroup:
    menu = CalendarGroup.objects.create(sub_account=tenant.sub_account, name="Hair", slug="hair")
    for name in ("Cut", "Colour"):
        calendar = make_calendar(tenant.sub_account, tenant.owner, slug=name.lower())
        Calendar.objects.filter(pk=calendar.pk).update(name=name, kind="service", group=menu)
    return menu


def standing(account: ICloudAccount, path: str) -> list[tuple[str, object, object]]:
    return [(str(one["summary"]), one.start, one.end) for one in events_on(account, path)]


def test_services_booked_on_a_menu_are_one_event_that_moves_with_all_of_them(
    client: Client, tenant: Tenant, account: ICloudAccount, linked: str
) -> None:
    menu, start = make_menu(tenant), tomorrow_at(10)
    guest = {"name": "Gwen Guest", "email": "gwen@guest.test", "key": new_key(menu)}
    sent = {**guest, "start": start.isoformat(), "services": ["cut", "colour"]}

    answer = client.post("/book/riverside/menu/hair/", sent)
    deliver()
    sync()
    booked = standing(account, linked)
    [event] = events_on(account, linked)
    reschedule(Appointment.objects.get(), tomorrow_at(15), now=timezone.now())
    deliver()

    assert answer.status_code == 302
    title = "Cut, Colour: Gwen Guest"
    assert booked == [(title, start, start + LENGTH)]
    assert str(event["description"]).strip() == "Cut, Colour\n\nGwen Guest\ngwen@guest.test"
    assert standing(account, linked) == [(title, tomorrow_at(15), tomorrow_at(15) + LENGTH)]
