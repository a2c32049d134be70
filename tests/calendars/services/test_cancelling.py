from datetime import datetime, timedelta

import pytest

from accounts.models import Member
from calendars.engine.slots import Reason
from calendars.models import (
    Appointment,
    Calendar,
    CalendarHost,
    Mail,
    OutboxItem,
    Schedule,
    WeeklyHours,
)
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel, cancel_by_guest, mark_invalid, restore
from calendars.services.refusals import ChangesClosed, NotFree, NotInThisState
from tests.architecture.rows import everything
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    block,
    flagged,
    make_source,
    taken_of,
    wish,
)
from tests.conftest import Tenant

QUARTER = timedelta(minutes=15)
WHOLE = [(MONDAY_NINE, MONDAY_NINE + HALF_HOUR)]


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar), now=NOW)


@pytest.fixture
def cancelled(tenant: Tenant, appointment: Appointment) -> Appointment:
    return cancel(appointment, by=tenant.owner)


def mails(kind: Mail.Kind) -> list[tuple[str, str]]:
    """To whom one of this kind is written, and why."""
    rows = Mail.objects.filter(kind=kind).order_by("pk").select_related("to")
    return [(str(mail.to or "guest"), mail.reason) for mail in rows]


def test_a_guest_cancels_and_everything_follows(tenant: Tenant, appointment: Appointment) -> None:
    cancelled = cancel_by_guest(appointment, reason="Ill", now=NOW)

    entry = cancelled.history.last()
    write = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)
    assert (cancelled.status, cancelled.sequence) == (Appointment.Status.CANCELLED, 1)
    assert taken_of(tenant.owner) == []
    assert entry is not None
    assert (entry.kind, entry.source, entry.by, entry.note) == ("cancelled", "guest", None, "Ill")
    assert mails(Mail.Kind.CANCELLED) == [("guest", ""), ("Owner", "Ill")]
    assert write.revision == 2


def test_what_was_cancelled_can_be_booked_again(appointment: Appointment) -> None:
    cancel_by_guest(appointment, reason="", now=NOW)

    again = book(wish(appointment.meeting.calendar, email="next@example.com"), now=NOW)

    assert again.meeting.starts_at == MONDAY_NINE


def test_staff_cancel_whatever_the_policy_says_to_guests(
    tenant: Tenant, appointment: Appointment
) -> None:
    Calendar.objects.update(guests_may_cancel=False)

    cancelled = cancel(appointment, by=tenant.owner, reason="Burst pipe")

    entry = cancelled.history.last()
    assert entry is not None
    assert (entry.source, entry.by, entry.note) == ("staff", tenant.owner, "Burst pipe")
    assert mails(Mail.Kind.CANCELLED) == [("guest", "Burst pipe")]


@pytest.mark.parametrize(
    "rules", [{"guests_may_cancel": False}, {"changes_close": timedelta(hours=21)}]
)
def test_guests_cancel_only_while_the_calendar_lets_them(
    appointment: Appointment, rules: dict[str, object]
) -> None:
    Calendar.objects.update(**rules)
    before = everything()

    with pytest.raises(ChangesClosed):
        cancel_by_guest(appointment, reason="", now=NOW)

    assert everything() == before


def test_guests_do_not_cancel_what_has_begun(appointment: Appointment) -> None:
    with pytest.raises(ChangesClosed):
        cancel_by_guest(appointment, reason="", now=MONDAY_NINE)


def test_cancelled_twice_it_is_cancelled_once(tenant: Tenant, cancelled: Appointment) -> None:
    before = everything()

    cancel(cancelled, by=tenant.owner, reason="Again")
    cancel_by_guest(cancelled, reason="Again", now=NOW)

    assert everything() == before


def test_an_invalid_one_is_gone_and_nobody_is_written_to(
    tenant: Tenant, appointment: Appointment
) -> None:
    written = Mail.objects.count()

    invalid = mark_invalid(appointment, by=tenant.owner)
    before = everything()
    mark_invalid(invalid, by=tenant.owner)

    entry = invalid.history.last()
    write = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)
    assert entry is not None
    assert (invalid.status, entry.kind) == ("invalid", "invalid")
    assert (taken_of(tenant.owner), Mail.objects.count(), write.revision) == ([], written, 2)
    assert everything() == before


def test_a_cancelled_one_is_not_marked_invalid(tenant: Tenant, cancelled: Appointment) -> None:
    before = everything()

    with pytest.raises(NotInThisState):
        mark_invalid(cancelled, by=tenant.owner)

    assert everything() == before


@pytest.mark.parametrize("status", ["cancelled", "invalid"])
def test_restored_it_has_its_time_again_and_everybody_is_told(
    tenant: Tenant, cancelled: Appointment, status: str
) -> None:
    Appointment.objects.update(status=status)
    Mail.objects.all().delete()

    restored = restore(cancelled, by=tenant.admin, now=NOW)

    entry = restored.history.last()
    write = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)
    assert (restored.status, restored.sequence) == (Appointment.Status.CONFIRMED, 2)
    assert (taken_of(tenant.owner), flagged()) == (WHOLE, set())
    assert entry is not None
    assert (entry.kind, entry.by, entry.note) == ("restored", tenant.admin, "")
    assert mails(Mail.Kind.BOOKED) == [("guest", ""), ("Owner", "")]
    assert write.revision == 3


def test_restored_twice_it_is_restored_once(tenant: Tenant, cancelled: Appointment) -> None:
    restored = restore(cancelled, by=tenant.owner, now=NOW)
    before = everything()

    restore(restored, by=tenant.owner, now=NOW)

    assert everything() == before


def refuses(appointment: Appointment, tenant: Tenant, *, now: datetime = NOW) -> Reason:
    """Why the owner cannot have it back; nothing is written."""
    before = everything()
    with pytest.raises(NotFree) as refusal:
        restore(appointment, by=tenant.owner, now=now)
    assert everything() == before
    return refusal.value.verdict.refused[tenant.owner.pk]


def test_restoring_checks_for_what_was_booked_since(tenant: Tenant, cancelled: Appointment) -> None:
    book(wish(cancelled.meeting.calendar, email="next@example.com"), now=NOW)

    assert refuses(cancelled, tenant) == Reason.BOOKED


def test_restoring_checks_also_when_the_start_is_nearer_than_the_notice(
    tenant: Tenant, cancelled: Appointment
) -> None:
    book(wish(cancelled.meeting.calendar, email="next@example.com"), now=NOW)

    assert refuses(cancelled, tenant, now=MONDAY_NINE - timedelta(minutes=5)) == Reason.BOOKED
    assert refuses(cancelled, tenant, now=MONDAY_NINE + timedelta(days=1)) == Reason.BOOKED


def test_restoring_checks_also_outside_of_opening_hours(
    tenant: Tenant, cancelled: Appointment
) -> None:
    WeeklyHours.objects.all().delete()
    block(tenant.owner, tenant.sub_account, MONDAY_NINE)

    assert refuses(cancelled, tenant) == Reason.BLOCKED


def test_restoring_checks_the_time_it_had_whatever_the_calendar_lasts_today(
    tenant: Tenant, cancelled: Appointment
) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + QUARTER, source=source, key="1")
    Calendar.objects.update(duration=QUARTER, interval=QUARTER)

    assert refuses(cancelled, tenant) == Reason.CONFLICT


def test_restoring_checks_the_buffers_it_was_booked_with(
    tenant: Tenant, calendar: Calendar
) -> None:
    Calendar.objects.update(buffer_after=QUARTER)
    cancelled = cancel(book(wish(calendar), now=NOW), by=tenant.owner)
    Calendar.objects.update(buffer_after=timedelta(0))
    block(tenant.owner, tenant.sub_account, MONDAY_NINE + HALF_HOUR)

    assert refuses(cancelled, tenant) == Reason.BUFFER


def test_restoring_checks_that_the_hosts_calendars_were_read(
    tenant: Tenant, cancelled: Appointment
) -> None:
    make_source(tenant.owner, tenant.sub_account, last_read_at=NOW - timedelta(days=2))

    assert refuses(cancelled, tenant) == Reason.STALE


def test_what_its_host_no_longer_serves_is_not_restored_unasked(
    tenant: Tenant, cancelled: Appointment
) -> None:
    CalendarHost.objects.all().delete()
    assert refuses(cancelled, tenant) == Reason.USER

    CalendarHost.objects.create(calendar=cancelled.meeting.calendar, user=tenant.owner)
    Member.objects.filter(user=tenant.owner).delete()
    assert refuses(cancelled, tenant) == Reason.USER


def test_hours_notice_and_the_grid_do_not_count_again(tenant: Tenant, calendar: Calendar) -> None:
    evening = MONDAY_NINE + timedelta(hours=10)
    late = book_for_guest(calendar, evening, WALK_IN, by=tenant.owner, now=NOW, anyway=True)
    cancel(late, by=tenant.owner)
    Schedule.objects.all().delete()

    restored = restore(late, by=tenant.owner, now=evening - timedelta(minutes=1))

    assert restored.status == Appointment.Status.CONFIRMED


def test_restored_anyway_it_takes_what_is_free_is_flagged_and_noted(
    tenant: Tenant, cancelled: Appointment
) -> None:
    Calendar.objects.update(interval=QUARTER)
    start = MONDAY_NINE + QUARTER
    other = book(wish(cancelled.meeting.calendar, start, email="next@example.com"), now=NOW)

    restored = restore(cancelled, by=tenant.owner, now=NOW, anyway=True)

    entry = restored.history.last()
    assert taken_of(tenant.owner) == [(MONDAY_NINE, start), (start, start + HALF_HOUR)]
    assert flagged() == {restored.meeting.pk, other.meeting.pk}
    assert entry is not None
    assert entry.note == "Restored anyway, over what lies there by now."
