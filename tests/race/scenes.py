"""What the guests of one round all want at the same moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.models import Agency, Member, SubAccount, User
from calendars.models import Appointment, Calendar, CalendarHost, Schedule, WeeklyHours
from calendars.services.booking import BookingRequest, Guest, book, book_for_guest
from calendars.services.booking_keys import new_key
from calendars.services.cancelling import cancel
from calendars.services.confirming import confirm
from calendars.services.moving import move, reschedule
from calendars.services.remote_changes import RemoteMove, take_remote_moves

HALF_HOUR = timedelta(minutes=30)
ROUND = timedelta(hours=4)  # no two rounds share any time
SEATS = 10
Attempt = Callable[[], Appointment | None]


@dataclass(frozen=True)
class Stage:
    """Three hosts and their calendars, open day and night."""

    alone: Calendar  # half an hour with the first host
    longer: Calendar  # two hours with the first host, a quarter of an hour before and after
    both: Calendar  # half an hour with the first or the second
    three: Calendar  # half an hour with any of the three
    panel: Calendar  # half an hour with the first and the second together
    class_: Calendar  # half an hour with the first, for ten guests
    asks: Calendar  # half an hour with the first, who confirms it
    hall: Calendar  # half an hour with nobody
    staff: User


def build_stage() -> None:
    agency = Agency.objects.create(name="Race")
    sub_account = SubAccount.objects.create(agency=agency, name="Race", slug="race")
    names = ("one", "two", "three", "staff")
    people = [User.objects.create(email=f"{name}@race.test") for name in names]
    for user in people:
        Member.objects.create(sub_account=sub_account, user=user)
        _open_all_day(Schedule.objects.create(sub_account=sub_account, user=user))
    quarter = timedelta(minutes=15)
    longer = {"duration": timedelta(hours=2), "buffer_before": quarter, "buffer_after": quarter}
    _calendar(sub_account, "alone", people[:1])
    _calendar(sub_account, "longer", people[:1], **longer)
    _calendar(sub_account, "both", people[:2])
    _calendar(sub_account, "three", people[:3])
    _calendar(sub_account, "panel", people[:2], kind="collective")
    _calendar(sub_account, "class_", people[:1], kind="class", seats=SEATS)
    _calendar(sub_account, "asks", people[:1], needs_confirmation=True)
    hall = _calendar(sub_account, "hall", (), kind="simple")
    _open_all_day(Schedule.objects.create(sub_account=sub_account, calendar=hall))


def read_stage() -> Stage:
    """The stage as every process finds it."""
    rows = Calendar.objects.select_related("sub_account")
    calendars = {calendar.slug: calendar for calendar in rows}
    return Stage(**calendars, staff=User.objects.get(email="staff@race.test"))


def _open_all_day(schedule: Schedule) -> None:
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=day, opens=0, closes=1440) for day in range(7)
    )


def _calendar(
    sub_account: SubAccount, slug: str, hosts: Sequence[User], **fields: object
) -> Calendar:
    values: dict[str, object] = {"notice": 0, "horizon": 730, **fields}
    calendar: Calendar = Calendar.objects.create(
        sub_account=sub_account, name=slug, slug=slug, **values
    )
    for position, user in enumerate(hosts):
        CalendarHost.objects.create(calendar=calendar, user=user, position=position)
    return calendar


def time_of(number: int) -> datetime:
    """When round `number` takes place: two days ahead and later, on the half hour."""
    first = (timezone.now() + timedelta(days=2)).astimezone(UTC)
    return first.replace(hour=0, minute=0, second=0, microsecond=0) + number * ROUND + 2 * HALF_HOUR


@dataclass(frozen=True)
class Scene:
    """`prepare` is done once before the round; `attempt` says what guest `number` tries. `meetings`
    and `seats` say how many of each may be held afterwards, at least and at most."""

    name: str
    prepare: Callable[[Stage, datetime], object]
    attempt: Callable[[Stage, datetime, int], Attempt]
    meetings: tuple[int, int]
    seats: tuple[int, int]


def _nothing(stage: Stage, at: datetime) -> None:
    """Nobody was here before."""


def _wish(calendar: Calendar, at: datetime, number: int, *, host: int | None = None) -> Attempt:
    request = BookingRequest(
        calendar=calendar,
        starts_at=at,
        name=f"Guest {number}",
        email=f"guest{number}@race.test",
        phone="",
        notes="",
        time_zone="UTC",
        key=new_key(calendar),
        host=host,
    )
    return lambda: book(request, now=timezone.now())


def _equal(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.alone, at, number)


def _overlapping(stage: Stage, at: datetime, number: int) -> Attempt:
    if number % 2:
        return _wish(stage.longer, at, number)
    return _wish(stage.alone, at + (number % 4) * HALF_HOUR / 2, number)


def _mixed(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.both if number % 2 else stage.alone, at, number)


def _three(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.three, at, number)


def _together_or_one(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.both if number % 2 else stage.panel, at, number)


def _half_full(stage: Stage, at: datetime) -> None:
    """More guests want the seats that are left than there are."""
    for number in range(SEATS // 2):
        _wish(stage.class_, at, 90 + number)()


def _seats(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.class_, at, number)


def wish_for_a_seat(stage: Stage, at: datetime, number: int) -> Attempt:
    """What guest `number` of a crowd wants, all of whom want the same class."""
    return _wish(stage.class_, at, number)


def _hall(stage: Stage, at: datetime, number: int) -> Attempt:
    return _wish(stage.hall, at, number)


def _asked_for(stage: Stage, at: datetime) -> None:
    """Somebody has asked for the time; it waits for the host."""
    _wish(stage.asks, at, 99)()


def _confirm_against_book(stage: Stage, at: datetime, number: int) -> Attempt:
    if number:
        return _wish(stage.alone, at, number)
    waiting = Appointment.objects.get(meeting__starts_at=at, guest_name="Guest 99")
    return lambda: confirm(waiting, by=stage.staff)


def _remote_move_against_book(stage: Stage, at: datetime, number: int) -> Attempt:
    if number:
        return _wish(stage.alone, at, number)
    part = _earlier(at).meeting.hosts.get()
    moved = RemoteMove(part.pk, at, at + HALF_HOUR, instead_of=at - HALF_HOUR)
    return lambda: take_remote_moves([moved])


def _booked(stage: Stage, at: datetime) -> None:
    """Somebody has the half hour before; they are the ones who move, or cancel."""
    _wish(stage.alone, at - HALF_HOUR, 99)()


def _earlier(at: datetime) -> Appointment:
    return Appointment.objects.get(meeting__starts_at=at - HALF_HOUR, guest_name="Guest 99")


def _reschedule_against_book(stage: Stage, at: datetime, number: int) -> Attempt:
    if number:
        return _wish(stage.alone, at, number)
    earlier = _earlier(at)
    return lambda: reschedule(earlier, at, now=timezone.now())


def _cancel_against_book(stage: Stage, at: datetime, number: int) -> Attempt:
    if number:
        return _wish(stage.alone, at - HALF_HOUR, number)
    earlier = _earlier(at)
    return lambda: cancel(earlier, by=stage.staff)


def _staff_against_book(stage: Stage, at: datetime, number: int) -> Attempt:
    if number > 1:
        return _wish(stage.alone, at, number)
    if number:
        earlier = _earlier(at)
        return lambda: move(earlier, at, by=stage.staff, now=timezone.now(), anyway=True)
    guest = Guest("Walk-in", "", "", "", "UTC")
    return lambda: book_for_guest(
        stage.alone, at, guest, by=stage.staff, now=timezone.now(), anyway=True
    )


SCENES = (
    Scene("one slot", _nothing, _equal, (1, 1), (1, 1)),
    Scene("overlapping slots of two calendars", _nothing, _overlapping, (1, 2), (1, 2)),
    Scene("two hosts, one of them wanted twice", _nothing, _mixed, (2, 2), (2, 2)),
    Scene("three hosts", _nothing, _three, (3, 3), (3, 3)),
    Scene("two hosts together, or one of them", _nothing, _together_or_one, (1, 2), (1, 2)),
    Scene("the last seats of a class", _half_full, _seats, (1, 1), (SEATS, SEATS)),
    Scene("a calendar that nobody serves", _nothing, _hall, (1, 1), (1, 1)),
    Scene("a move against bookings", _booked, _reschedule_against_book, (1, 2), (1, 2)),
    Scene("a move in iCloud against bookings", _booked, _remote_move_against_book, (1, 2), (1, 2)),
    Scene("a cancellation against bookings", _booked, _cancel_against_book, (0, 1), (0, 1)),
    Scene("a confirmation against bookings", _asked_for, _confirm_against_book, (1, 1), (1, 1)),
    Scene("staff who book and move anyway", _booked, _staff_against_book, (2, 3), (2, 3)),
)
