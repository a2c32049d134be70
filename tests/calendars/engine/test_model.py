"""The engine against the minute-by-minute model, over random hours, zones and transitions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars.engine.hours import Hours, OpenTime, windows_around
from calendars.engine.notice import Bookable
from calendars.engine.slots import Host, Kind, Reason, Rules, Slot, examine, is_offered, offered
from calendars.engine.spans import Span
from tests.calendars.engine import model

# A place and the UTC date in whose middle its clock changes or, for the last, does not.
TRANSITIONS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Nuuk", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 3, 29)),
]
ALWAYS = Bookable(now=0, opens=0, closes=1 << 40)
STEP = 5


@dataclass(frozen=True)
class Case:
    people: list[model.Person]
    duration: int
    interval: int
    before: int
    after: int
    aligned: bool
    day: date

    @property
    def rules(self) -> Rules:
        return Rules(
            duration=self.duration * 60,
            interval=self.interval * 60,
            buffer_before=self.before * 60,
            buffer_after=self.after * 60,
            aligned=self.aligned,
        )

    @property
    def asked(self) -> Span:
        return (seconds(self.day - timedelta(days=1)), seconds(self.day + timedelta(days=2)))

    def hosts(self, asked: Span) -> list[Host]:
        return [host(id_, person, asked) for id_, person in enumerate(self.people)]

    def expected(self) -> list[Slot]:
        """What the model offers, wide margins around the asked span having been walked."""
        first, last = (seconds(self.day + timedelta(days=n)) // 60 for n in (-3, 5))
        free: dict[int, tuple[int, ...]] = {}
        for id_, person in enumerate(self.people):
            starts = model.free_starts(
                person,
                duration=self.duration,
                interval=self.interval,
                before=self.before,
                after=self.after,
                aligned=self.aligned,
                first=first,
                last=last,
            )
            for start in starts:
                free[start] = (*free.get(start, ()), id_)
        return [
            Slot(start * 60, (start + self.duration) * 60, ids)
            for start, ids in sorted(free.items())
            if self.asked[0] <= start * 60 < self.asked[1]
        ]


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def host(id_: int, person: model.Person, asked: Span) -> Host:
    weekly = {day: tuple(OpenTime(*t) for t in times) for day, times in person.weekly.items()}
    dates = {day: tuple(OpenTime(*t) for t in times) for day, times in person.dates.items()}
    busy = [(start * 60, end * 60) for start, end in person.busy]
    return Host(
        id_,
        windows_around(Hours(person.zone, weekly, dates), asked),
        blocked=busy[::3],
        conflicts=busy[1::3],
        meetings=busy[2::3],
    )


@st.composite
def clock_times(draw: st.DrawFn) -> list[tuple[int, int]]:
    # Many cases meet at midnight, since that is where days have to fit together.
    edges = st.one_of(
        st.sampled_from([0, 60, 1380, 1440]), st.integers(0, 288).map(lambda n: n * 5)
    )
    pairs = draw(st.lists(st.tuples(edges, edges), max_size=3))
    return [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]


@st.composite
def people(draw: st.DrawFn, zone: ZoneInfo, day: date) -> model.Person:
    days = [day + timedelta(days=n) for n in range(-2, 3)]
    noon = seconds(day) // 60 + 720
    starts = st.integers(-2000 // STEP, 2000 // STEP).map(lambda n: noon + n * STEP)
    lengths = st.sampled_from([0, STEP, 30, 60, 300])
    busy = draw(st.lists(st.tuples(starts, lengths), max_size=6))
    return model.Person(
        zone,
        draw(st.dictionaries(st.integers(0, 6), clock_times(), min_size=3)),
        draw(st.dictionaries(st.sampled_from(days), clock_times(), max_size=2)),
        [(start, start + length) for start, length in busy],
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name, day = draw(st.sampled_from(TRANSITIONS))
    other_zone, _ = draw(st.sampled_from(TRANSITIONS))
    staff = [draw(people(ZoneInfo(name), day))]
    if draw(st.booleans()):
        staff.append(draw(people(ZoneInfo(other_zone), day)))
    return Case(
        staff,
        duration=draw(st.sampled_from([15, 30, 60, 95, 1500])),
        interval=draw(st.sampled_from([15, 30, 45, 60, 120])),
        before=draw(st.sampled_from([0, 0, 10, 60])),
        after=draw(st.sampled_from([0, 0, 5, 45])),
        aligned=draw(st.booleans()),
        day=day,
    )


walked = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
briefly = settings(walked, max_examples=50)


@walked
@given(cases())
def test_slots_are_those_of_a_walk_through_every_minute(case: Case) -> None:
    slots = offered(Kind.ROUND_ROBIN, case.rules, case.hosts(case.asked), ALWAYS, case.asked)

    assert slots == case.expected()


@briefly
@given(cases(), st.integers(0, 71), st.integers(1, 30))
def test_slots_do_not_depend_on_the_days_that_were_asked_for(
    case: Case, hours_later: int, hours_long: int
) -> None:
    start = case.asked[0] + hours_later * 3600
    end = min(start + hours_long * 3600, case.asked[1])
    everything = offered(Kind.ROUND_ROBIN, case.rules, case.hosts(case.asked), ALWAYS, case.asked)

    some = offered(Kind.ROUND_ROBIN, case.rules, case.hosts((start, end)), ALWAYS, (start, end))

    assert some == [slot for slot in everything if start <= slot.start < end]


@briefly
@given(cases())
def test_page_submit_and_troubleshooter_give_one_answer(case: Case) -> None:
    hosts, rules = case.hosts(case.asked), case.rules
    slots = offered(Kind.ROUND_ROBIN, rules, hosts, ALWAYS, case.asked)

    verdicts = examine(Kind.ROUND_ROBIN, rules, hosts, ALWAYS, case.asked)

    assert slots == [Slot(v.start, v.end, v.free) for v in verdicts if v.reason is None]
    assert all({*v.free, *v.refused} == {h.id for h in hosts} for v in verdicts)
    for verdict in verdicts[:20]:
        slot = Slot(verdict.start, verdict.end, verdict.free) if verdict.free else None
        assert is_offered(Kind.ROUND_ROBIN, rules, hosts, ALWAYS, verdict.start) == slot


@briefly
@given(cases())
def test_reasons_name_what_is_there(case: Case) -> None:
    [person, *_] = case.people
    kinds = zip((Reason.BLOCKED, Reason.CONFLICT, Reason.BOOKED), range(3), strict=True)
    taken = {reason: model.minutes_of(person.busy[n::3]) for reason, n in kinds}

    verdicts = examine(Kind.ROUND_ROBIN, case.rules, case.hosts(case.asked)[:1], ALWAYS, case.asked)

    for verdict in verdicts:
        minutes = range(verdict.start // 60, verdict.end // 60)
        there = [reason for reason, busy in taken.items() if not busy.isdisjoint(minutes)]
        if verdict.refused:
            assert verdict.reason is (there[0] if there else Reason.BUFFER)
        else:
            assert there == []
