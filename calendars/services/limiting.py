"""What a calendar's own meetings rule out: full days, and hosts who are ahead of the others."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from calendars.engine.choice import ahead
from calendars.engine.limits import full_days, months, whole_days
from calendars.engine.notice import Bookable
from calendars.engine.slots import Host, Kind, Rules, offered
from calendars.engine.spans import Span
from calendars.models import Calendar, Meeting, MeetingHost, MeetingService
from calendars.services.combining import Combination
from calendars.services.seats import Moving
from calendars.services.taking import HOLDING

# Of these one of several hosts serves a meeting; the others are served by whom they are.
CHOOSING = frozenset({Kind.ROUND_ROBIN, Kind.SERVICE})


class Held(NamedTuple):
    """A host's part in a meeting: its start in epoch seconds, and how many of its appointments
    were made since the count for equal distribution began: none where the calendar is a further
    service of somebody else's meeting."""

    user: int | None
    meeting: int
    start: int
    counted: int


@dataclass(frozen=True, slots=True)
class Asking:
    """What the slots are asked for. `picked`: whoever asks wants that host. A meeting all of which
    is `moving` does not count, and its hosts are not hidden from it."""

    asked: Span
    picked: int | None = None
    moving: Moving | None = None

    @property
    def uncounted(self) -> Meeting | None:
        return self.moving.gives_up if self.moving else None


def distributes(calendar: Calendar) -> bool:
    """Whether its hosts get the same number of appointments each."""
    return calendar.mode == Calendar.Mode.EQUAL and Kind(calendar.kind) in CHOOSING


def reach_of(calendar: Calendar, asking: Asking) -> Span:
    """How much time around the asked one decides on it: the calendar's whole months, or days."""
    if distributes(calendar) and asking.picked is None:
        found = months(asking.asked, calendar.zone)
        return (found[0][0], found[-1][1]) if found else asking.asked
    if calendar.look_busy:
        return whole_days(asking.asked, calendar.zone)
    return asking.asked


def limited(
    wanted: Combination, hosts: Sequence[Host], rules: Rules, bookable: Bookable, asking: Asking
) -> tuple[Host, ...]:
    """The hosts, busy as they are, with the days that are full for them, for whichever service,
    and the months in which they are hidden. One query for each service, or none."""
    for further in wanted.further:
        if further.daily_limit is not None:
            hosts = _with_full_days(further, hosts, _held(further, asking))
    calendar = wanted.first
    hides = distributes(calendar) and asking.picked is None
    if calendar.daily_limit is None and not hides:
        return tuple(hosts)
    held = _held(calendar, asking)
    hosts = _with_full_days(calendar, hosts, held)
    if hides:
        hidden = _hidden_months(calendar, hosts, rules, bookable, asking, held)
        hosts = [replace(host, hidden=hidden[host.id]) for host in hosts]
    return tuple(hosts)


def _held(calendar: Calendar, asking: Asking) -> list[Held]:
    reach = whole_days(reach_of(calendar, asking), calendar.zone)
    return meetings_held(calendar, within=reach, but=asking.uncounted)


def _with_full_days(
    calendar: Calendar, hosts: Sequence[Host], held: Iterable[Held]
) -> Sequence[Host]:
    full = full_days_of(calendar, held, [host.id for host in hosts])
    return [replace(host, full_days=[*host.full_days, *full[host.id]]) for host in hosts]


def meetings_held(calendar: Calendar, *, within: Span, but: Meeting | None = None) -> list[Held]:
    """The parts of the calendar's meetings, and of those that it is a service of, which begin in
    that span of epoch seconds, as long as somebody comes. One query."""
    start, end = (datetime.fromtimestamp(at, UTC) for at in within)
    comes = Q(meeting__appointments__status__in=HOLDING)
    counts = comes & Q(
        meeting__appointments__created_at__gte=calendar.counts_since, meeting__calendar=calendar
    )
    rows = (
        MeetingHost.objects.filter(
            _concerning(calendar),
            meeting__starts_at__gte=start,
            meeting__starts_at__lt=end,
            is_serving=True,
        )
        .exclude(meeting=but)
        .annotate(
            held=Count("meeting__appointments", filter=comes),
            counted=Count("meeting__appointments", filter=counts),
        )
        .filter(held__gt=0)
        .values_list("user_id", "meeting_id", "meeting__starts_at", "counted")
    )
    return [Held(user, pk, int(at.timestamp()), counted) for user, pk, at, counted in rows]


def _concerning(calendar: Calendar) -> Q:
    own = Q(meeting__calendar=calendar)
    if calendar.kind != Kind.SERVICE:
        return own
    services = MeetingService.objects.filter(meeting=OuterRef("meeting"), calendar=calendar)
    return own | Q(Exists(services))


def full_days_of(
    calendar: Calendar, held: Iterable[Held], hosts: Collection[int]
) -> Mapping[int, Sequence[Span]]:
    """The days on which no further meeting may begin, per host: of round robin by their own
    meetings, else by all of the calendar's."""
    if calendar.daily_limit is None:
        return dict.fromkeys(hosts, ())
    limit, zone = calendar.daily_limit, calendar.zone
    if Kind(calendar.kind) is not Kind.ROUND_ROBIN:
        starts = {part.meeting: part.start for part in held}
        return dict.fromkeys(hosts, full_days(starts.values(), limit, zone))
    of_each: defaultdict[int | None, list[int]] = defaultdict(list)
    for part in held:
        of_each[part.user].append(part.start)
    return {host: full_days(of_each[host], limit, zone) for host in hosts}


def counted_in(month: Span, held: Iterable[Held]) -> Counter[int]:
    """Each host's appointments that count for equal distribution in that month."""
    counted: Counter[int] = Counter()
    for part in held:
        if part.user is not None and month[0] <= part.start < month[1]:
            counted[part.user] += part.counted
    return counted


def _hidden_months(
    calendar: Calendar,
    hosts: Sequence[Host],
    rules: Rules,
    bookable: Bookable,
    asking: Asking,
    held: Iterable[Held],
) -> Mapping[int, list[Span]]:
    serving = asking.moving.meeting.hosts.serving() if asking.moving else ()
    stay = {part.user_id for part in serving}
    hidden: defaultdict[int, list[Span]] = defaultdict(list)
    for month in months(asking.asked, calendar.zone):
        slots = offered(Kind(calendar.kind), rules, hosts, bookable, month)
        able = {host for slot in slots for host in slot.hosts}
        for host in ahead(counted_in(month, held), able) - stay:
            hidden[host].append(month)
    return hidden
