from datetime import UTC, datetime, timedelta

import pytest

from calendars.engine.slots import Reason
from calendars.models import (
    Appointment,
    Calendar,
    CalendarHost,
    HistoryEntry,
    Mail,
    OutboxItem,
    Taken,
    resource_of,
)
from calendars.services.booking import book, book_for_guest
from calendars.services.cancelling import cancel
from calendars.services.moving import move, reschedule
from calendars.services.refusals import ChangesClosed, Ended, NotFree, NotOffered, SlotTaken
from tests.architecture.rows import everything
from tests.calendars.scenes import (
    HALF_HOUR,
    MONDAY_NINE,
    NOW,
    WALK_IN,
    add_host,
    block,
    flagged,
    make_source,
    taken_of,
    wish,
)
from tests.conftest import Tenant

TEN = MONDAY_NINE + timedelta(hours=1)
EVENING = MONDAY_NINE + timedelta(hours=10)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    """Nine o'clock on Monday, served by the owner."""
    return book(wish(calendar), now=NOW)


def host_of(appointment: Appointment) -> tuple[str, str]:
    """Who serves it, and why."""
    part = appointment.meeting.hosts.serving().get()
    return part.person.full_name, part.chosen_because


def test_a_guest_moves_the_appointment_and_everything_follows(
    tenant: Tenant, appointment: Appointment
) -> None:
    write = OutboxItem.objects.get(effect=OutboxItem.Effect.WRITE)

    moved = reschedule(appointment, TEN, now=NOW)

    meeting = moved.meeting
    assert (meeting.starts_at, meeting.ends_at) == (TEN, TEN + HALF_HOUR)
    assert taken_of(tenant.owner) == [(TEN, TEN + HALF_HOUR)]
    assert (moved.status, moved.sequence) == (Appointment.Status.CONFIRMED, 1)
    entry = moved.history.last()
    assert entry is not None
    assert (entry.kind, entry.source, entry.by) == ("moved", "guest", None)
    assert (entry.was_at, entry.now_at) == (MONDAY_NINE, TEN)
    mails = Mail.objects.filter(kind=Mail.Kind.MOVED).order_by("pk")
    assert [(mail.to, mail.was_at, mail.starts_at, mail.sequence) for mail in mails] == [
        (None, MONDAY_NINE, TEN, 1),
        (tenant.owner, MONDAY_NINE, TEN, 1),
    ]
    write.refresh_from_db()
    assert write.revision == 2


def test_moving_keeps_the_host_when_free(tenant: Tenant, appointment: Appointment) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    CalendarHost.objects.filter(user=tenant.mate).update(priority=CalendarHost.Priority.HIGH)

    moved = reschedule(appointment, TEN, now=NOW)

    assert host_of(moved) == ("Owner", "the only free host")


def test_moving_picks_another_host_when_the_first_is_not_free(
    tenant: Tenant, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    block(tenant.owner, tenant.sub_account, TEN)

    moved = reschedule(appointment, TEN, now=NOW)

    assert host_of(moved) == ("Mate", "the only free host")
    assert (taken_of(tenant.owner), taken_of(tenant.mate)) == ([], [(TEN, TEN + HALF_HOUR)])
    assert list(moved.history.values_list("kind", flat=True)) == ["booked", "moved", "handed_over"]
    mails = Mail.objects.exclude(kind=Mail.Kind.BOOKED).order_by("pk")
    assert [(mail.kind, mail.to) for mail in mails] == [
        ("moved", None),
        ("moved", tenant.mate),
        ("cancelled", tenant.owner),
    ]
    parts = {part.user: part for part in moved.meeting.hosts.select_related("user")}
    assert parts[tenant.owner].is_serving is False
    wanted = OutboxItem.objects.due(NOW).filter(effect=OutboxItem.Effect.WRITE)
    assert set(wanted.values_list("subject", flat=True)) == {part.pk for part in parts.values()}


def test_a_host_who_gave_it_away_and_takes_it_back_has_one_part_in_it(
    tenant: Tenant, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)

    move(appointment, TEN, by=tenant.admin, now=NOW, host=tenant.mate.pk)
    moved = move(appointment, TEN, by=tenant.admin, now=NOW, host=tenant.owner.pk)

    assert host_of(moved) == ("Owner", "picked by staff")
    assert moved.meeting.hosts.count() == 2
    assert (taken_of(tenant.owner), taken_of(tenant.mate)) == ([(TEN, TEN + HALF_HOUR)], [])


def test_a_meeting_does_not_block_itself_when_it_moves_by_half_its_length(
    tenant: Tenant, appointment: Appointment
) -> None:
    Calendar.objects.update(interval=QUARTER)

    moved = reschedule(appointment, MONDAY_NINE + QUARTER, now=NOW)

    assert moved.meeting.starts_at == MONDAY_NINE + QUARTER
    assert taken_of(tenant.owner) == [(MONDAY_NINE + QUARTER, MONDAY_NINE + QUARTER + HALF_HOUR)]


def test_buffers_keep_a_moved_meeting_off_the_next_one(
    tenant: Tenant, appointment: Appointment
) -> None:
    book(wish(appointment.meeting.calendar, TEN, email="next@example.com"), now=NOW)
    Calendar.objects.update(buffer_before=QUARTER, buffer_after=QUARTER)

    with pytest.raises(SlotTaken):
        reschedule(appointment, TEN - HALF_HOUR, now=NOW)
    moved = reschedule(appointment, TEN + 2 * HALF_HOUR, now=NOW)

    assert (moved.meeting.buffer_before, moved.meeting.buffer_after) == (QUARTER, QUARTER)
    start = TEN + 2 * HALF_HOUR
    assert taken_of(tenant.owner)[-1] == (start - QUARTER, start + HALF_HOUR + QUARTER)


def test_sent_twice_it_is_moved_once(appointment: Appointment) -> None:
    reschedule(appointment, TEN, now=NOW)
    before = everything()

    again = reschedule(appointment, TEN, now=NOW)

    assert again.meeting.starts_at == TEN
    assert everything() == before


def test_staff_who_send_it_twice_move_it_once(tenant: Tenant, appointment: Appointment) -> None:
    move(appointment, TEN, by=tenant.owner, now=NOW, host=tenant.owner.pk)
    before = everything()

    move(appointment, TEN, by=tenant.owner, now=NOW, host=tenant.owner.pk)

    assert everything() == before


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [(TEN, SlotTaken), (EVENING, NotOffered), (datetime(1, 1, 1, tzinfo=UTC), NotOffered)],
)
def test_a_refused_guest_leaves_everything_as_it_was(
    appointment: Appointment, starts_at: datetime, refusal: type[Exception]
) -> None:
    book(wish(appointment.meeting.calendar, TEN, email="other@example.com"), now=NOW)
    before = everything()

    with pytest.raises(refusal):
        reschedule(appointment, starts_at, now=NOW)

    assert everything() == before


@pytest.mark.parametrize(
    "rules",
    [
        {"guests_may_reschedule": False},
        {"is_active": False},
        {"changes_close": timedelta(hours=21)},
    ],
    ids=lambda rules: next(iter(rules)),
)
def test_guests_move_only_what_the_calendar_lets_them(
    appointment: Appointment, rules: dict[str, object]
) -> None:
    Calendar.objects.update(**rules)
    before = everything()

    with pytest.raises(ChangesClosed):
        reschedule(appointment, TEN, now=NOW + timedelta(minutes=1))

    assert everything() == before


def test_guests_may_move_until_the_very_moment_changes_close(appointment: Appointment) -> None:
    Calendar.objects.update(changes_close=timedelta(hours=19))

    moved = reschedule(appointment, TEN, now=NOW + timedelta(minutes=59, seconds=59))

    assert moved.meeting.starts_at == TEN


@pytest.mark.parametrize("status", ["showed", "noshow"])
def test_guests_do_not_move_what_is_over(appointment: Appointment, status: str) -> None:
    Appointment.objects.update(status=status)

    with pytest.raises(ChangesClosed):
        reschedule(appointment, TEN, now=NOW)


@pytest.mark.parametrize("status", ["cancelled", "invalid"])
def test_what_has_ended_is_not_moved(tenant: Tenant, appointment: Appointment, status: str) -> None:
    Appointment.objects.update(status=status)
    before = everything()

    with pytest.raises(Ended):
        reschedule(appointment, TEN, now=NOW)
    with pytest.raises(Ended):
        move(appointment, TEN, by=tenant.owner, now=NOW, anyway=True)

    assert everything() == before


def test_staff_move_it_and_are_not_written_to_themselves(
    tenant: Tenant, appointment: Appointment
) -> None:
    moved = move(appointment, TEN, by=tenant.owner, now=NOW)

    entry = moved.history.last()
    assert entry is not None
    assert (entry.source, entry.by) == ("staff", tenant.owner)
    assert [mail.to for mail in Mail.objects.filter(kind=Mail.Kind.MOVED)] == [None]


def test_staff_give_it_to_another_host_at_the_same_time(
    tenant: Tenant, appointment: Appointment
) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)

    moved = move(appointment, MONDAY_NINE, by=tenant.owner, now=NOW, host=tenant.mate.pk)

    assert host_of(moved) == ("Mate", "picked by staff")
    assert taken_of(tenant.mate) == [(MONDAY_NINE, MONDAY_NINE + HALF_HOUR)]
    given_away = Mail.objects.filter(kind=Mail.Kind.CANCELLED)
    assert not given_away.exists()  # it was the owner who gave it away


def test_staff_read_why_each_host_cannot(tenant: Tenant, appointment: Appointment) -> None:
    add_host(appointment.meeting.calendar, tenant.mate)
    block(tenant.owner, tenant.sub_account, TEN)
    source = make_source(tenant.mate, tenant.sub_account)
    block(tenant.mate, tenant.sub_account, TEN, source=source, key="1")
    before = everything()

    with pytest.raises(NotFree) as refusal:
        move(appointment, TEN, by=tenant.admin, now=NOW)

    assert refusal.value.verdict.refused == {
        tenant.owner.pk: Reason.BLOCKED,
        tenant.mate.pk: Reason.CONFLICT,
    }
    assert everything() == before


def test_moved_anyway_it_takes_what_is_free_and_is_flagged_until_the_other_goes(
    tenant: Tenant, appointment: Appointment
) -> None:
    Calendar.objects.update(interval=QUARTER)
    late = book(wish(appointment.meeting.calendar, TEN, email="other@example.com"), now=NOW)

    moved = move(appointment, TEN - QUARTER, by=tenant.admin, now=NOW, anyway=True)

    assert taken_of(tenant.owner) == [(TEN - QUARTER, TEN), (TEN, TEN + HALF_HOUR)]
    assert flagged() == {moved.meeting.pk, late.meeting.pk}
    assert host_of(moved)[0] == "Owner"
    note = HistoryEntry.objects.get(kind=HistoryEntry.Kind.MOVED).note
    assert note == "Booked anyway: another appointment lies there."

    cancel(late, by=tenant.admin)

    assert taken_of(tenant.owner) == [(TEN - QUARTER, TEN), (TEN, TEN + QUARTER)]
    assert flagged() == set()


def test_moved_away_again_it_gives_the_time_to_the_other_whole(
    tenant: Tenant, appointment: Appointment
) -> None:
    calendar = appointment.meeting.calendar
    over = book_for_guest(calendar, MONDAY_NINE, WALK_IN, by=tenant.admin, now=NOW, anyway=True)
    assert flagged() == {appointment.meeting.pk, over.meeting.pk}

    move(appointment, TEN, by=tenant.admin, now=NOW)

    assert flagged() == set()
    assert taken_of(tenant.owner) == [
        (MONDAY_NINE, MONDAY_NINE + HALF_HOUR),
        (TEN, TEN + HALF_HOUR),
    ]
    assert over.meeting.hosts.get().taken.count() == 1


def test_two_appointments_change_places_over_a_free_time(
    tenant: Tenant, appointment: Appointment
) -> None:
    other = book(wish(appointment.meeting.calendar, TEN, email="other@example.com"), now=NOW)

    with pytest.raises(NotFree):
        move(appointment, TEN, by=tenant.admin, now=NOW)
    move(other, TEN + HALF_HOUR, by=tenant.admin, now=NOW)
    first = move(appointment, TEN, by=tenant.admin, now=NOW)
    second = move(other, MONDAY_NINE, by=tenant.admin, now=NOW)

    assert (first.meeting.starts_at, second.meeting.starts_at) == (TEN, MONDAY_NINE)
    assert taken_of(tenant.owner) == [
        (MONDAY_NINE, MONDAY_NINE + HALF_HOUR),
        (TEN, TEN + HALF_HOUR),
    ]
    assert flagged() == set()


def test_two_appointments_swapped_anyway_end_up_without_a_flag(
    tenant: Tenant, appointment: Appointment
) -> None:
    other = book(wish(appointment.meeting.calendar, TEN, email="other@example.com"), now=NOW)

    move(appointment, TEN, by=tenant.admin, now=NOW, anyway=True)
    move(other, MONDAY_NINE, by=tenant.admin, now=NOW)

    assert flagged() == set()
    assert taken_of(tenant.owner) == [
        (MONDAY_NINE, MONDAY_NINE + HALF_HOUR),
        (TEN, TEN + HALF_HOUR),
    ]


def test_the_wall_refuses_a_move_onto_time_that_the_engine_took_for_free(
    tenant: Tenant, appointment: Appointment
) -> None:
    # The engine counts whole seconds; the database sees the half one that is left.
    eight = MONDAY_NINE - timedelta(hours=1)
    early = book_for_guest(
        appointment.meeting.calendar, eight, WALK_IN, by=tenant.admin, now=NOW, anyway=True
    )
    Taken.objects.create(
        resource=resource_of(tenant.owner.pk),
        meeting_host=early.meeting.hosts.get(),
        starts_at=TEN - timedelta(seconds=1),
        ends_at=TEN + timedelta(milliseconds=500),
    )
    before = everything()

    with pytest.raises(SlotTaken):
        reschedule(appointment, TEN, now=NOW)
    with pytest.raises(SlotTaken):
        move(appointment, TEN, by=tenant.admin, now=NOW)

    assert everything() == before
