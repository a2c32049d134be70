"""A meeting of several guests: one event, edited in place, with the roster in its text."""

import pytest
from django.utils import timezone

from calendars.models import Appointment, Calendar, Mail
from calendars.services.cancelling import cancel
from calendars.services.confirming import confirm
from calendars.services.moving import reschedule
from calendars.services.offering import slots
from integrations.models import MirroredEvent
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount
from tests.integrations.events import events_on, hrefs_on, starts_on
from tests.integrations.following import HALF_HOUR, deliver, sync, taken, when
from tests.integrations.test_collective_events import drag


@pytest.fixture
def yoga(tenant: Tenant, linked: str) -> Calendar:
    """A class of ten seats."""
    calendar = make_calendar(tenant.sub_account, tenant.owner)
    Calendar.objects.update(kind=Calendar.Kind.CLASS, seats=10, name="Yoga")
    calendar.refresh_from_db()
    return calendar


def join(calendar: Calendar, name: str, hour: int = 10) -> Appointment:
    return book_at(calendar, tomorrow_at(hour), name=name)


def deliver_and_sync() -> None:
    deliver()
    sync()


def titles(account: ICloudAccount, path: str) -> list[str]:
    return [str(event["summary"]) for event in events_on(account, path)]


def roster(account: ICloudAccount, path: str) -> list[str]:
    [event] = events_on(account, path)
    return [part.splitlines()[0] for part in str(event["description"]).strip().split("\n\n")]


def test_guests_come_and_go_and_one_event_says_who_comes(
    tenant: Tenant, account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    seen = []
    ann = join(yoga, "Ann")
    deliver_and_sync()
    [href] = hrefs_on(account, linked)
    seen.append((titles(account, linked), roster(account, linked)))
    bob = join(yoga, "Bob")
    deliver_and_sync()
    seen.append((titles(account, linked), roster(account, linked)))
    for number in range(3, 11):
        join(yoga, f"Guest {number}")
    deliver_and_sync()
    full = titles(account, linked)
    cancel(ann, by=tenant.admin)
    reschedule(bob, tomorrow_at(15), now=timezone.now())
    deliver_and_sync()

    assert seen == [(["Yoga (1/10)"], ["Ann"]), (["Yoga (2/10)"], ["Ann", "Bob"])]
    assert full == ["Yoga (10/10)"]
    events = {event.start: str(event["summary"]) for event in events_on(account, linked)}
    assert events == {tomorrow_at(10): "Yoga (8/10)", tomorrow_at(15): "Yoga (1/10)"}
    first = MirroredEvent.objects.get(href=href)
    assert (first.generation, first.state) == (1, "written")
    assert MirroredEvent.objects.count() == 2


def test_the_text_has_contact_data_and_notes_of_each_seat(
    account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    join(yoga, "Ann")
    join(yoga, "Bob")
    deliver()

    [event] = events_on(account, linked)
    lines = "gwen@guest.test\n+49 30 1234\nSecond floor"
    assert str(event["description"]).strip() == f"Ann\n{lines}\n\nBob\n{lines}"


def test_a_seat_to_be_confirmed_is_marked_and_the_event_tentative_while_all_are(
    tenant: Tenant, account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    Calendar.objects.update(needs_confirmation=True)
    yoga.refresh_from_db()
    ann = join(yoga, "Ann")
    join(yoga, "Bob")
    deliver()
    waiting = titles(account, linked)
    confirm(ann, by=tenant.owner)
    deliver()

    assert waiting == ["To confirm: Yoga (2/10)"]
    assert titles(account, linked) == ["Yoga (2/10)"]
    assert roster(account, linked) == ["Ann", "Bob (to confirm)"]


def test_the_last_guest_takes_the_event_away(
    tenant: Tenant, account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    seats = [join(yoga, "Ann"), join(yoga, "Bob")]
    deliver_and_sync()
    for one in seats:
        cancel(one, by=tenant.admin)
    deliver_and_sync()

    assert hrefs_on(account, linked) == []
    assert taken() == []


def test_a_class_with_seats_left_is_not_blocked_by_its_own_event(
    tenant: Tenant, account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    other = make_calendar(tenant.sub_account, tenant.owner, slug="talk")
    join(yoga, "Ann")
    deliver_and_sync()
    first, last = tomorrow_at(10), tomorrow_at(11)

    found = [slots(one, first=first, last=last, now=timezone.now()) for one in (yoga, other)]

    starts = [[slot.start for slot in offered] for offered in found]
    half_past = int((tomorrow_at(10) + HALF_HOUR).timestamp())
    assert starts == [[int(first.timestamp()), half_past], [half_past]]
    assert join(yoga, "Bob").seat == 2


def test_a_class_that_its_host_moves_moves_for_all_and_all_are_told(
    account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    seats = [join(yoga, "Ann"), join(yoga, "Bob")]
    deliver_and_sync()
    Mail.objects.all().delete()

    drag(account, linked, 16)
    sync()
    deliver_and_sync()

    assert [when(one) for one in seats] == [tomorrow_at(16), tomorrow_at(16)]
    assert starts_on(account, linked) == [tomorrow_at(16)]
    mails = Mail.objects.order_by("appointment", "pk")
    assert [(mail.kind, mail.to, mail.appointment) for mail in mails] == [
        ("moved", None, seats[0]),
        ("moved", None, seats[1]),
    ]


def test_what_the_host_wrote_below_the_roster_stays_there(
    account: ICloudAccount, linked: str, yoga: Calendar
) -> None:
    join(yoga, "Ann")
    deliver_and_sync()
    [href] = hrefs_on(account, linked)
    body = account.server.get(href)
    account.server.put(href, body.replace("Second floor", "Second floor\\n\\nBring mats"))
    sync()

    join(yoga, "Bob")
    deliver_and_sync()

    assert roster(account, linked) == ["Ann", "Bob", "Bring mats"]
    assert titles(account, linked) == ["Yoga (2/10)"]
