"""From rows to slots, against the minute-by-minute model: random calendars around clock changes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars.engine.slots import Kind, Slot
from calendars.models import Appointment, Calendar
from calendars.services.availability import load
from calendars.services.offering import slots
from calendars.services.seats import moving_seat
from tests.calendars.engine import model
from tests.calendars.engine.test_kinds_model import Case, cases
from tests.calendars.engine.test_model import TRANSITIONS, people, seconds
from tests.calendars.services.model_rows import as_rows_say, written
from tests.conftest import Tenant

EXAMPLES = int(os.environ.get("SLOTS", "20")) // 10


@st.composite
def further_services(draw: st.DrawFn, case: Case) -> model.Terms:
    near = st.integers(-400, 400).map(lambda n: seconds(case.day) // 60 + 720 + n * 5)
    return model.Terms(
        Kind.SERVICE.value,
        duration=draw(st.sampled_from([15, 30, 45])),
        interval=draw(st.sampled_from([15, 45])),
        before=draw(st.sampled_from([0, 20])),
        after=draw(st.sampled_from([0, 5, 45])),
        aligned=draw(st.booleans()),
        zone=ZoneInfo(draw(st.sampled_from(TRANSITIONS))[0]),
        opens=draw(st.just(0) | near),
        closes=draw(st.just(1 << 30) | near),
        limit=draw(st.none() | st.integers(1, 3)),
        begun=[draw(st.lists(near, max_size=3)) for _ in case.people],
    )


@st.composite
def menus(draw: st.DrawFn) -> Case:
    """Two or three services in one meeting. Each host has hours for each of them, or the same."""
    case = draw(cases([Kind.SERVICE]))
    further = draw(st.lists(further_services(case), min_size=1, max_size=2))
    team = [
        replace(
            person,
            further=[
                draw(
                    st.just(person)
                    | people(ZoneInfo(draw(st.sampled_from(TRANSITIONS))[0]), case.day)
                )
                for _ in further
            ],
        )
        for person in case.people
    ]
    duration = case.terms.duration + sum(each.duration for each in further)
    terms = replace(case.terms, duration=duration, after=further[-1].after, further=further)
    return Case(team, terms, case.day)


def with_common_hours(case: Case) -> Case:
    """Open whenever the first one is: random hours of several people seldom meet."""
    first = case.people[0]
    team = [
        replace(person, zone=first.zone, weekly=first.weekly, dates=first.dates)
        for person in case.people
    ]
    return replace(case, people=team)


KINDS = {
    **{kind.value: cases([kind]) for kind in Kind},
    Kind.COLLECTIVE.value: cases([Kind.COLLECTIVE])
    | cases([Kind.COLLECTIVE]).map(with_common_hours),
    "menu": menus(),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(drawn=st.data())
def test_slots_from_rows_are_those_of_a_walk_through_every_minute(
    tenant: Tenant, kind: str, drawn: st.DataObject
) -> None:
    case = as_rows_say(drawn.draw(KINDS[kind]))
    first, last = (datetime.fromtimestamp(at, UTC) for at in case.asked)
    now = first - timedelta(days=15)
    with transaction.atomic():
        calendar, users = written(case, tenant, now=now)

        found = slots(calendar, first=first, last=last, now=now)

        assert found == expected(case, users)
        for start in some_starts(case, found):
            there = datetime.fromtimestamp(start, UTC)
            alone = slots(calendar, first=there, last=there + timedelta(seconds=1), now=now)
            assert alone == [slot for slot in found if slot.start == start]
        if case.people[0].gatherings and not case.terms.further:
            moving = moving_seat(first_appointment(calendar.first))
            offer = load(calendar.first, asked=case.asked, now=now, moving=moving)
            is_left = moving.stays_behind
            assert offer.slots() == (found if is_left else expected(one_fewer(case), users))
        transaction.set_rollback(True)


def expected(case: Case, users: Sequence[int]) -> list[Slot]:
    """What the model offers, with its people by what the engine calls them."""
    if case.terms.kind == Kind.COLLECTIVE and len(case.people) == 1:
        return []
    return [
        Slot(slot.start, slot.end, tuple(users[number] for number in slot.hosts))
        for slot in case.expected()
    ]


def some_starts(case: Case, found: list[Slot]) -> list[int]:
    """Some that are offered, and those of meetings that may be shared."""
    shared = [one.start * 60 for person in case.people for one in person.gatherings]
    first, last = case.asked
    return [*(slot.start for slot in found[:2]), *(at for at in shared if first <= at < last)]


def first_appointment(calendar: Calendar) -> Appointment:
    """In the first person's first meeting."""
    return Appointment.objects.filter(meeting__calendar=calendar).earliest("pk")


def one_fewer(case: Case) -> Case:
    """The same without that meeting."""
    first, *others = case.people
    begun, *begun_of_others = case.terms.begun
    gone = len(begun) - len(first.gatherings)
    terms = replace(case.terms, begun=[[*begun[:gone], *begun[gone + 1 :]], *begun_of_others])
    people = [replace(first, gatherings=first.gatherings[1:]), *others]
    return replace(case, people=people, terms=terms)
