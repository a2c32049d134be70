"""A case of the minute-by-minute model as rows: calendars, hosts, hours, and what is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from accounts.models import Member, SubAccount, User
from calendars.engine.slots import Kind
from calendars.engine.spans import merge, subtract
from calendars.models import (
    Appointment,
    BlockedSlot,
    Calendar,
    CalendarHost,
    Contact,
    DateOverride,
    Meeting,
    MeetingHost,
    Schedule,
    Taken,
    WeeklyHours,
)
from calendars.services.combining import Combination, combined
from tests.calendars.engine import model
from tests.calendars.engine.test_kinds_model import Case
from tests.calendars.scenes import make_calendar, make_source, open_mornings
from tests.conftest import Tenant

EVER = 1 << 30
SEATS = 3  # a meeting that can be shared has two left at most, so that somebody comes
A_QUARTER = 15


def as_rows_say(case: Case) -> Case:
    """The same case where rows do not say all of it: horizons end at midnight, nobody is hidden,
    and of what a simple calendar has only its own meetings are in the way."""
    people = [replace(person, hidden=[]) for person in case.people]
    if case.terms.kind == Kind.SIMPLE:
        people = [replace(person, busy=[], known_until=None) for person in people]
    return replace(case, people=people, terms=_until_midnight(case.terms, case.walked))


def written(case: Case, tenant: Tenant, *, now: datetime) -> tuple[Combination, list[int]]:
    """The calendar, or the services in their order, and what the engine calls each person."""
    here, kind = tenant.sub_account, Kind(case.terms.kind)
    services = [
        _written_calendar(terms, here, number, seats=_seats(case), now=now)
        for number, terms in enumerate(_each(case.terms))
    ]
    users = [
        _written_person(services, case, number, here, now) for number in range(len(case.people))
    ]
    if kind is Kind.CLASS or case.terms.further:
        _add_somebody_else(tenant.owner, services[0])
    current = Calendar.objects.select_related("sub_account").in_bulk()
    return combined([current[service.pk] for service in services]), users


def _until_midnight(terms: model.Terms, walked: tuple[int, int]) -> model.Terms:
    further = [_until_midnight(each, walked) for each in terms.further]
    later = (at for at in model.midnights(terms.zone, *walked) if at > terms.closes)
    return replace(terms, closes=next(later, EVER), further=further)


def _each(terms: model.Terms) -> Sequence[model.Terms]:
    """Each service for itself; of buffers between two of them there are none, whatever they say."""
    if not terms.further:
        return [terms]
    own = terms.duration - sum(each.duration for each in terms.further)
    return [replace(terms, duration=own, after=A_QUARTER, further=()), *terms.further]


def _seats(case: Case) -> int:
    left = [one.seats_left for person in case.people for one in person.gatherings]
    return SEATS if any(left) else 1


def _written_calendar(
    terms: model.Terms, here: SubAccount, number: int, *, seats: int, now: datetime
) -> Calendar:
    return make_calendar(
        here,
        slug=f"number-{number}",
        kind=terms.kind,
        time_zone=terms.zone.key,
        duration=timedelta(minutes=terms.duration),
        interval=timedelta(minutes=terms.interval),
        buffer_before=timedelta(minutes=terms.before),
        buffer_after=timedelta(minutes=terms.after),
        is_aligned=terms.aligned,
        daily_limit=terms.limit,
        seats=seats,
        notice=(at(terms.opens) - now) // timedelta(minutes=1) if terms.opens else 0,
        notice_unit="minutes",
        horizon=60 if terms.closes == EVER else _horizon(terms, now),
    )


def _horizon(terms: model.Terms, now: datetime) -> int:
    """In days: the last date that ends as bookings close."""
    return (_date(terms, at(terms.closes - 1)) - _date(terms, now)).days


def _date(terms: model.Terms, instant: datetime) -> date:
    return instant.astimezone(terms.zone).date()


def _written_person(
    services: Sequence[Calendar], case: Case, number: int, here: SubAccount, now: datetime
) -> int:
    """Serves everything, and has meetings of it; returns what the engine calls them."""
    person, first = case.people[number], services[0]
    user = None if case.terms.kind == Kind.SIMPLE else _written_host(services, number, here)
    _write_hours(person, here, user=user, calendar=None if user else first)
    for service, hours in zip(services[1:], person.further, strict=True):
        if hours is not person:
            _write_hours(hours, here, user=user, calendar=service)
    if user:
        _write_busy(person, user, here, now=now)
    _write_meetings(person, first, user)
    _write_begun(services, case, number, user)
    return user.pk if user else 0


def _write_begun(services: Sequence[Calendar], case: Case, number: int, user: User | None) -> None:
    """Meetings that count for a day's limit, beside those that are there already."""
    there = len(case.people[number].gatherings)
    first, *further = (terms.begun[number] for terms in (case.terms, *case.terms.further))
    for service, starts in zip(services, [first[: len(first) - there], *further], strict=True):
        for start in starts:
            _meeting(service, user, model.Gathering(start, start + A_QUARTER, 0, 0, 0))


def _written_host(services: Sequence[Calendar], number: int, here: SubAccount) -> User:
    user: User = User.objects.create(email=f"{number}@model.test", password="!")
    Member.objects.create(sub_account=here, user=user)
    for service in services:
        CalendarHost.objects.create(calendar=service, user=user, position=number)
    return user


def _add_somebody_else(user: User, calendar: Calendar) -> None:
    """A second host of a class, or one who does not serve every service: they do not count."""
    open_mornings(user, calendar.sub_account)
    CalendarHost.objects.create(calendar=calendar, user=user, position=9)


def _write_hours(
    person: model.Person, here: SubAccount, *, user: User | None, calendar: Calendar | None
) -> None:
    schedule = Schedule.objects.create(
        sub_account=here, user=user, calendar=calendar, time_zone=person.zone.key
    )
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, opens=opens, closes=closes)
        for weekday, times in person.weekly.items()
        for opens, closes in times
    )
    DateOverride.objects.bulk_create(
        DateOverride(schedule=schedule, day=day, **minutes)
        for day, times in person.dates.items()
        for minutes in [{"opens": opens, "closes": closes} for opens, closes in times] or [{}]
    )


def _write_busy(person: model.Person, user: User, here: SubAccount, *, now: datetime) -> None:
    until = now + timedelta(days=90) if person.known_until is None else at(person.known_until)
    source = make_source(user, here, last_read_at=now, expanded_until=until)
    for feed, spans in ((None, person.busy[::3]), (source, person.busy[1::3])):
        BlockedSlot.objects.bulk_create(
            BlockedSlot(
                sub_account=here, user=user, source=feed, starts_at=at(start), ends_at=at(end)
            )
            for start, end in spans
            if start < end
        )


def _write_meetings(person: model.Person, calendar: Calendar, user: User | None) -> None:
    """Those with another calendar, and the calendar's own, which take what these leave."""
    others = merge(person.busy[2::3])
    if others:
        other = make_calendar(calendar.sub_account, slug=f"other-of-{user}")
        for start, end in others:
            part = _meeting(other, user, model.Gathering(start, end, 0, 0, 0))
            _take(part, [(start, end)])
    for one in person.gatherings:
        part = _meeting(calendar, user, one, coming=max(calendar.seats - one.seats_left, 1))
        _take(part, subtract([one.taken], others))


def _meeting(
    calendar: Calendar, user: User | None, one: model.Gathering, *, coming: int = 1
) -> MeetingHost:
    """A meeting that somebody comes to, and takes no time by itself."""
    meeting = Meeting.objects.create(
        sub_account=calendar.sub_account,
        calendar=calendar,
        starts_at=at(one.start),
        ends_at=at(one.end),
        buffer_before=timedelta(minutes=one.before),
        buffer_after=timedelta(minutes=one.after),
    )
    contact = Contact.objects.create(sub_account=calendar.sub_account, name="Gina Guest")
    Appointment.objects.bulk_create(
        Appointment(meeting=meeting, contact=contact, guest_name="Gina Guest", seat=seat)
        for seat in range(1, coming + 1)
    )
    return MeetingHost.objects.create(meeting=meeting, user=user)


def _take(part: MeetingHost, spans: Iterable[tuple[int, int]]) -> None:
    Taken.objects.bulk_create(
        Taken(resource=part.resource, meeting_host=part, starts_at=at(start), ends_at=at(end))
        for start, end in spans
    )


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
