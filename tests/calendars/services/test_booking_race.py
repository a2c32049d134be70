"""Many at once: one wins, the others hear that the time is taken, and nothing overlaps."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections, transaction

from calendars.models import Appointment, Contact, Taken, resource_of
from calendars.services.booking import BookingRequest, book
from calendars.services.refusals import NotOffered, SlotTaken
from tests.calendars.scenes import HALF_HOUR, MONDAY_NINE, NOW, make_calendar, open_mornings, wish
from tests.conftest import Tenant, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
GUESTS = 8


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("riverside")


def at_once(requests: list[BookingRequest]) -> Counter[str]:
    """Book all of them at the same moment, each on a connection of its own; count the outcomes."""
    start = Barrier(len(requests))

    def outcome(request: BookingRequest) -> str:
        try:
            start.wait()
            return f"appointment {book(request, now=NOW).pk}"
        except (SlotTaken, NotOffered) as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return Counter(pool.map(outcome, requests))


def kinds(outcomes: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for outcome, number in outcomes.items():
        found[outcome.split(" ")[0]] += number
    return found


def guest(number: int) -> str:
    return f"guest{number}@example.com"


def test_of_eight_guests_who_want_one_slot_one_gets_it(tenant: Tenant) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    calendar = make_calendar(tenant.sub_account, [tenant.owner])

    for day in range(5):
        slot = MONDAY_NINE + timedelta(days=day)
        outcomes = at_once([wish(calendar, slot, email=guest(number)) for number in range(GUESTS)])

        assert kinds(outcomes) == {"appointment": 1, "SlotTaken": GUESTS - 1}

    assert Taken.objects.count() == 5


def test_two_calendars_with_the_same_host_never_book_overlapping_times(tenant: Tenant) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    short = make_calendar(tenant.sub_account, [tenant.owner])
    long = make_calendar(
        tenant.sub_account, [tenant.owner], slug="long", duration=timedelta(hours=2)
    )

    for day in range(3):
        nine = MONDAY_NINE + timedelta(days=day)
        outcomes = at_once(
            [
                wish(calendar, start, email=guest(number))
                for number in range(GUESTS // 2)
                for calendar, start in ((short, nine + 2 * HALF_HOUR), (long, nine))
            ]
        )

        assert kinds(outcomes) == {"appointment": 1, "SlotTaken": GUESTS - 1}


def test_as_many_guests_as_hosts_get_the_slot(tenant: Tenant) -> None:
    people = [tenant.owner, tenant.mate, tenant.admin]
    for user in people:
        open_mornings(user, tenant.sub_account)
    calendar = make_calendar(tenant.sub_account, people)

    outcomes = at_once([wish(calendar, email=guest(number)) for number in range(GUESTS)])

    assert kinds(outcomes) == {"appointment": 3, "SlotTaken": GUESTS - 3}
    assert Taken.objects.values("resource").distinct().count() == 3


def test_one_form_sent_eight_times_at_once_makes_one_appointment(tenant: Tenant) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    request = wish(make_calendar(tenant.sub_account, [tenant.owner]))

    outcomes = at_once([request] * GUESTS)

    assert outcomes == {f"appointment {Appointment.objects.get().pk}": GUESTS}


def test_one_new_guest_on_several_calendars_at_once_becomes_one_contact(tenant: Tenant) -> None:
    calendars = []
    for user in (tenant.owner, tenant.mate, tenant.admin):
        open_mornings(user, tenant.sub_account)
        calendars.append(make_calendar(tenant.sub_account, [user], slug=f"with-{user.pk}"))

    outcomes = at_once([wish(calendar) for calendar in calendars])

    assert kinds(outcomes) == {"appointment": 3}
    assert Contact.objects.count() == 1


def test_time_that_is_being_taken_without_a_lock_is_not_taken_twice(tenant: Tenant) -> None:
    """On PostgreSQL the engine cannot see the other row yet: the wall itself refuses."""
    open_mornings(tenant.owner, tenant.sub_account)
    calendar = make_calendar(tenant.sub_account, [tenant.owner])
    part = book(wish(calendar, MONDAY_NINE + 2 * HALF_HOUR), now=NOW).meeting.hosts.get()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Taken.objects.create(
                resource=resource_of(tenant.owner.pk),
                meeting_host=part,
                starts_at=MONDAY_NINE,
                ends_at=MONDAY_NINE + HALF_HOUR,
            )
            other = pool.submit(at_once, [wish(calendar)])
            time.sleep(0.3)
        outcomes = other.result()

    assert outcomes == {"SlotTaken": 1}


def test_a_contact_that_somebody_is_just_making_is_not_made_twice(tenant: Tenant) -> None:
    open_mornings(tenant.owner, tenant.sub_account)
    calendar = make_calendar(tenant.sub_account, [tenant.owner])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            contact = Contact.objects.create(
                sub_account=tenant.sub_account, name="Gina", email="GINA@example.com"
            )
            booking = pool.submit(at_once, [wish(calendar)])
            time.sleep(0.3)
        outcomes = booking.result()

    assert kinds(outcomes) == {"appointment": 1}
    assert Appointment.objects.get().contact == contact
