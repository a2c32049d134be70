"""What tests about calendars start from: a Sunday noon, weekday mornings, half hours."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import SubAccount, User
from calendars.models import (
    Appointment,
    BlockedSlot,
    BusySource,
    Calendar,
    CalendarHost,
    MeetingHost,
    Schedule,
    Taken,
    WeeklyHours,
    resource_of,
)
from calendars.models.meetings import new_token
from calendars.services.booking import BookingRequest, Guest
from calendars.services.booking_keys import new_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # a Sunday
MONDAY_NINE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 09:00 in Berlin
HALF_HOUR = timedelta(minutes=30)
MORNING = (9 * 60, 12 * 60)
WALK_IN = Guest("Walter Walk-in", "walter@example.com", "", "", "Europe/Berlin")


def make_calendar(sub_account: SubAccount, hosts: Iterable[User] = (), **fields: Any) -> Calendar:
    """A round robin of half hours; its hosts have hours of their own."""
    values = {"name": "Consultation", "slug": "consultation", "time_zone": "Europe/Berlin"}
    calendar = Calendar.objects.create(sub_account=sub_account, **{**values, **fields})
    for position, user in enumerate(hosts):
        CalendarHost.objects.create(calendar=calendar, user=user, position=position)
    return calendar


def open_mornings(
    user: User | None, sub_account: SubAccount, *, calendar: Calendar | None = None, **fields: Any
) -> Schedule:
    """Monday to Friday from nine to twelve in Berlin; without a user, of a simple calendar."""
    values = {"time_zone": "Europe/Berlin", **fields}
    schedule = Schedule.objects.create(
        sub_account=sub_account, user=user, calendar=calendar, **values
    )
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, opens=MORNING[0], closes=MORNING[1])
        for weekday in range(5)
    )
    return schedule


def make_source(user: User, sub_account: SubAccount, **fields: Any) -> BusySource:
    """A feed that was read just now, far ahead."""
    values = {
        "name": "Home",
        "last_read_at": NOW - timedelta(minutes=1),
        "expanded_until": NOW + timedelta(days=365),
    }
    return BusySource.objects.create(user=user, sub_account=sub_account, **{**values, **fields})


def block(
    user: User, sub_account: SubAccount, starts_at: datetime, *, minutes: int = 60, **fields: Any
) -> BlockedSlot:
    return BlockedSlot.objects.create(
        user=user,
        sub_account=sub_account,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        **fields,
    )


def wish(calendar: Calendar, starts_at: datetime = MONDAY_NINE, **fields: Any) -> BookingRequest:
    """A guest's request with a key of its own."""
    values = {
        "name": "Gina Guest",
        "email": "gina@example.com",
        "phone": "",
        "notes": "",
        "time_zone": "Europe/Berlin",
        "key": new_key(calendar),
    }
    return BookingRequest(calendar=calendar, starts_at=starts_at, **{**values, **fields})


def add_host(calendar: Calendar, user: User) -> None:
    """One more host, the last in order, with mornings of their own."""
    open_mornings(user, calendar.sub_account)
    CalendarHost.objects.create(
        calendar=calendar, user=user, position=calendar.calendarhost_set.count()
    )


def taken_of(user: User) -> list[tuple[datetime, datetime]]:
    """What is taken of the user, in order."""
    rows = Taken.objects.filter(resource=resource_of(user.pk)).order_by("starts_at")
    return list(rows.values_list("starts_at", "ends_at"))


def flagged() -> set[int]:
    """Meetings with a part that is flagged as overlapping, by primary key."""
    return set(MeetingHost.objects.filter(is_overlapping=True).values_list("meeting", flat=True))


def another_seat(appointment: Appointment, number: int) -> Appointment:
    """One guest more in the same meeting."""
    seat: Appointment = Appointment.objects.get(pk=appointment.pk)
    seat.pk, seat.seat, seat.booking_key = None, number, None
    seat.token, seat.uid = new_token(), uuid4()
    seat.save()
    return seat
