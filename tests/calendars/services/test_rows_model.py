"""From rows to slots, against the minute-by-minute model: random calendars around clock changes."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings

from accounts.models import Member, SubAccount, User
from calendars.engine.slots import Kind
from calendars.engine.spans import merge
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
    resource_of,
)
from calendars.services.offering import slots
from tests.calendars.engine import model
from tests.calendars.engine.test_kinds_model import Case, cases
from tests.calendars.scenes import make_calendar, make_source
from tests.conftest import Tenant

EXAMPLES = int(os.environ.get("SLOTS", "80")) // 10
CHOOSING = (Kind.ROUND_ROBIN, Kind.SERVICE)
NOTHING = timedelta(0)


@settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(drawn=cases(CHOOSING))
def test_slots_from_rows_are_those_of_a_walk_through_every_minute(
    tenant: Tenant, drawn: Case
) -> None:
    case = _without_what_rows_do_not_say(drawn)
    first, last = (datetime.fromtimestamp(at, UTC) for at in case.asked)
    now = first - timedelta(days=20)
    with transaction.atomic():
        calendar = _written(case, tenant.sub_account, now=now)

        found = slots(calendar, first=first, last=last, now=now)

        users = list(calendar.calendarhost_set.values_list("user_id", flat=True))
        assert [(slot.start, slot.end, [*map(users.index, slot.hosts)]) for slot in found] == [
            (slot.start, slot.end, list(slot.hosts)) for slot in case.expected()
        ]
        transaction.set_rollback(True)


def _without_what_rows_do_not_say(case: Case) -> Case:
    people = [replace(person, gatherings=[], hidden=[]) for person in case.people]
    return replace(case, people=people, terms=replace(case.terms, opens=0, closes=1 << 30))


def _written(case: Case, here: SubAccount, *, now: datetime) -> Calendar:
    terms = case.terms
    calendar = make_calendar(
        here,
        kind=terms.kind,
        time_zone=terms.zone.key,
        duration=timedelta(minutes=terms.duration),
        interval=timedelta(minutes=terms.interval),
        buffer_before=timedelta(minutes=terms.before),
        buffer_after=timedelta(minutes=terms.after),
        is_aligned=terms.aligned,
        daily_limit=terms.limit,
        notice=0,
    )
    other = make_calendar(here, slug="other")
    for number, person in enumerate(case.people):
        user = User.objects.create(email=f"{number}@model.test", password="!")
        Member.objects.create(sub_account=here, user=user)
        CalendarHost.objects.create(calendar=calendar, user=user, position=number)
        _write_hours(person, user, here)
        _write_busy(person, user, here, now=now)
        for start, end in merge(_long(person.busy[2::3])):
            part = _meeting(other, user, start, end)
            Taken.objects.create(
                resource=resource_of(user.pk),
                meeting_host=part,
                starts_at=_at(start),
                ends_at=_at(end),
            )
        for start in terms.begun[number]:
            _meeting(calendar, user, start, start + 15)
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def _write_hours(person: model.Person, user: User, here: SubAccount) -> None:
    schedule = Schedule.objects.create(sub_account=here, user=user, time_zone=person.zone.key)
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
    until = now + timedelta(days=90) if person.known_until is None else _at(person.known_until)
    source = make_source(user, here, last_read_at=now, expanded_until=until)
    for feed, spans in ((None, person.busy[::3]), (source, person.busy[1::3])):
        BlockedSlot.objects.bulk_create(
            BlockedSlot(
                sub_account=here, user=user, source=feed, starts_at=_at(start), ends_at=_at(end)
            )
            for start, end in _long(spans)
        )


def _meeting(calendar: Calendar, user: User, start: int, end: int) -> MeetingHost:
    """A meeting that somebody comes to, and takes no time by itself."""
    meeting = Meeting.objects.create(
        sub_account=calendar.sub_account,
        calendar=calendar,
        starts_at=_at(start),
        ends_at=_at(end),
        buffer_before=NOTHING,
        buffer_after=NOTHING,
    )
    contact = Contact.objects.create(sub_account=calendar.sub_account, name="Gina Guest")
    Appointment.objects.create(meeting=meeting, contact=contact, guest_name="Gina Guest")
    return MeetingHost.objects.create(meeting=meeting, user=user)


def _long(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in spans if start < end]


def _at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
