"""All kinds of calendars against the minute-by-minute model; `make sweep-slots` for thousands."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars.engine.limits import full_days
from calendars.engine.notice import Bookable
from calendars.engine.slots import (
    Host,
    Kind,
    Rules,
    SharedMeeting,
    Slot,
    examine,
    is_offered,
    offered,
)
from calendars.engine.spans import Span
from tests.calendars.engine import model
from tests.calendars.engine.test_model import TRANSITIONS, host, people, seconds

EXAMPLES = int(os.environ.get("SLOTS", "50"))


@dataclass(frozen=True)
class Case:
    people: list[model.Person]
    terms: model.Terms
    day: date

    @property
    def rules(self) -> Rules:
        terms = self.terms
        return Rules(
            duration=terms.duration * 60,
            interval=terms.interval * 60,
            buffer_before=terms.before * 60,
            buffer_after=terms.after * 60,
            aligned=terms.aligned,
        )

    @property
    def bookable(self) -> Bookable:
        return Bookable(now=0, opens=self.terms.opens * 60, closes=self.terms.closes * 60)

    @property
    def asked(self) -> Span:
        return (seconds(self.day - timedelta(days=1)), seconds(self.day + timedelta(days=2)))

    @property
    def walked(self) -> tuple[int, int]:
        """The minutes that the model walks through: wide margins around the asked span."""
        first, last = (seconds(self.day + timedelta(days=n)) // 60 for n in (-3, 5))
        return first, last

    def hosts(self) -> list[Host]:
        return [self._host(number, person) for number, person in enumerate(self.people)]

    def expected(self) -> list[Slot]:
        found = model.offered(self.people, self.terms, *self.walked)
        return [
            Slot(start * 60, end * 60, tuple(who))
            for (start, end), who in found.items()
            if self.asked[0] <= start * 60 < self.asked[1]
        ]

    def _host(self, number: int, person: model.Person) -> Host:
        known = person.known_until
        return replace(
            host(number, person, self.asked),
            known_until=None if known is None else known * 60,
            shared=[
                SharedMeeting(
                    one.start * 60, one.end * 60, one.before * 60, one.after * 60, one.seats_left
                )
                for one in person.gatherings
            ],
            hidden=[(start * 60, end * 60) for start, end in person.hidden],
            full_days=self._full_days(number),
        )

    def _full_days(self, number: int) -> list[Span]:
        terms = self.terms
        if terms.limit is None:
            return []
        of_all = [start for each in terms.begun for start in each]
        starts = terms.begun[number] if terms.kind == Kind.ROUND_ROBIN else of_all
        return full_days((start * 60 for start in starts), terms.limit, terms.zone)


@st.composite
def gatherings(draw: st.DrawFn, noon: int) -> list[model.Gathering]:
    """Meetings with seats, one after the other: the wall keeps them apart."""
    found: list[model.Gathering] = []
    free_from = noon - 2000
    for wait in draw(st.lists(st.integers(0, 200), max_size=3)):
        before, after = draw(st.sampled_from([(0, 0), (10, 5), (60, 45)]))
        start = free_from + wait * 5 + before
        length = draw(st.sampled_from([30, 60, 95]))
        seats = draw(st.integers(0, 2))
        found.append(model.Gathering(start, start + length, before, after, seats))
        free_from = start + length + after
    return found


@st.composite
def cases(draw: st.DrawFn, kinds: Sequence[Kind] = tuple(Kind)) -> Case:
    kind = draw(st.sampled_from(kinds))
    name, day = draw(st.sampled_from(TRANSITIONS))
    noon = seconds(day) // 60 + 720
    near = st.integers(-400, 400).map(lambda n: noon + n * 5)
    spans = st.tuples(near, near).map(lambda pair: (min(pair), max(pair)))
    number = 1 if kind in {Kind.CLASS, Kind.SIMPLE} else draw(st.integers(1, 3))
    zones = [name, *(draw(st.sampled_from(TRANSITIONS))[0] for _ in range(number - 1))]
    team = [
        replace(
            draw(people(ZoneInfo(zone), day)),
            gatherings=[] if kind is Kind.COLLECTIVE else draw(gatherings(noon)),
            known_until=draw(st.none() | near),
            hidden=draw(st.lists(spans, max_size=1)),
        )
        for zone in zones
    ]
    begun = [
        [*draw(st.lists(near, max_size=4)), *(one.start for one in person.gatherings)]
        for person in team
    ]
    terms = model.Terms(
        kind.value,
        duration=draw(st.sampled_from([15, 30, 60, 95])),
        interval=draw(st.sampled_from([15, 30, 45, 120])),
        before=draw(st.sampled_from([0, 0, 10, 60])),
        after=draw(st.sampled_from([0, 0, 5, 45])),
        aligned=draw(st.booleans()),
        zone=ZoneInfo(draw(st.sampled_from(TRANSITIONS))[0]),
        opens=draw(st.just(0) | near),
        closes=draw(st.just(1 << 30) | near),
        limit=draw(st.none() | st.integers(1, 3)),
        begun=begun,
    )
    return Case(team, terms, day)


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_slots_of_every_kind_are_those_of_a_walk_through_every_minute(case: Case) -> None:
    kind, hosts = Kind(case.terms.kind), case.hosts()

    slots = offered(kind, case.rules, hosts, case.bookable, case.asked)

    assert slots == case.expected()
    verdicts = examine(kind, case.rules, hosts, case.bookable, case.asked)
    assert [Slot(v.start, v.end, v.free) for v in verdicts if v.reason is None] == slots
    for slot in slots[:10]:
        assert is_offered(kind, case.rules, hosts, case.bookable, slot.start) == slot
