from collections.abc import Callable

import pytest

from calendars.models import Appointment, Calendar, HistoryEntry, Mail, OutboxItem
from calendars.services.booking import book
from calendars.services.confirming import confirm, mark_noshow, mark_showed
from calendars.services.refusals import NotInThisState
from tests.architecture.rows import everything
from tests.calendars.scenes import MONDAY_NINE, NOW, taken_of, wish
from tests.conftest import Tenant

Action = Callable[..., Appointment]


@pytest.fixture
def waiting(calendar: Calendar) -> Appointment:
    """Booked by a guest on a calendar whose bookings wait for a host's word."""
    Calendar.objects.update(needs_confirmation=True)
    return book(wish(calendar), now=NOW)


def with_status(appointment: Appointment, status: str) -> Appointment:
    Appointment.objects.update(status=status)
    appointment.refresh_from_db()
    return appointment


def test_a_booking_that_waits_holds_its_time(tenant: Tenant, waiting: Appointment) -> None:
    assert waiting.status == Appointment.Status.NEW
    assert [start for start, _ in taken_of(tenant.owner)] == [MONDAY_NINE]
    assert {mail.kind for mail in Mail.objects.all()} == {"requested"}


def test_confirmed_it_counts_and_its_guest_is_told(tenant: Tenant, waiting: Appointment) -> None:
    confirmed = confirm(waiting, by=tenant.owner)

    entry = confirmed.history.last()
    write = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)
    assert (confirmed.status, confirmed.sequence) == (Appointment.Status.CONFIRMED, 1)
    assert entry is not None
    assert (entry.kind, entry.source, entry.by) == ("confirmed", "staff", tenant.owner)
    assert [mail.to for mail in Mail.objects.filter(kind=Mail.Kind.CONFIRMED)] == [None]
    assert write.revision == 2  # its event is no longer tentative


def test_hosts_are_told_when_somebody_else_confirms(tenant: Tenant, waiting: Appointment) -> None:
    confirm(waiting, by=tenant.admin)

    mails = Mail.objects.filter(kind=Mail.Kind.CONFIRMED).order_by("pk")
    assert [mail.to for mail in mails] == [None, tenant.owner]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        (mark_showed, "confirmed", "showed"),
        (mark_showed, "noshow", "showed"),
        (mark_noshow, "confirmed", "noshow"),
        (mark_noshow, "showed", "noshow"),
        (confirm, "showed", "confirmed"),
        (confirm, "noshow", "confirmed"),
    ],
)
def test_whether_the_guest_came_is_noted_and_nobody_is_written_to(
    tenant: Tenant, waiting: Appointment, action: Action, before: str, after: str
) -> None:
    appointment = with_status(waiting, before)
    written = Mail.objects.count()

    changed = action(appointment, by=tenant.owner)

    entry = HistoryEntry.objects.last()
    assert entry is not None
    assert (changed.status, entry.kind, entry.by) == (after, after, tenant.owner)
    assert Mail.objects.count() == written
    assert [start for start, _ in taken_of(tenant.owner)] == [MONDAY_NINE]


@pytest.mark.parametrize(
    ("action", "status"), [(confirm, "confirmed"), (mark_showed, "showed"), (mark_noshow, "noshow")]
)
def test_said_twice_it_is_so_once(
    tenant: Tenant, waiting: Appointment, action: Action, status: str
) -> None:
    appointment = with_status(waiting, status)
    before = everything()

    assert action(appointment, by=tenant.owner).status == status

    assert everything() == before


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (mark_showed, "new"),
        (mark_noshow, "new"),
        *((action, "cancelled") for action in (confirm, mark_showed, mark_noshow)),
        *((action, "invalid") for action in (confirm, mark_showed, mark_noshow)),
    ],
)
def test_other_changes_of_status_are_refused_and_leave_everything_as_it_was(
    tenant: Tenant, waiting: Appointment, action: Action, status: str
) -> None:
    appointment = with_status(waiting, status)
    before = everything()

    with pytest.raises(NotInThisState):
        action(appointment, by=tenant.owner)

    assert everything() == before


def test_what_counts_is_the_status_in_the_database_not_that_of_the_page(
    tenant: Tenant, waiting: Appointment
) -> None:
    Appointment.objects.update(status="cancelled")

    with pytest.raises(NotInThisState):
        confirm(waiting, by=tenant.owner)
