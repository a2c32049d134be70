"""Last month's bookings of a calendar, given out again by other rules or in another team."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts.models import User
from calendars.engine.choice import Mode
from calendars.engine.hours import windows_around
from calendars.engine.limits import months
from calendars.engine.simulation import NEARBY, Booking, Player, Terms, replay
from calendars.engine.slots import Kind
from calendars.engine.spans import Span
from calendars.models import Appointment, Calendar, MeetingHost, Taken, resource_of
from calendars.services.busy import blocked_time
from calendars.services.combining import combination
from calendars.services.opening import hours_of
from calendars.services.taking import HOLDING


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: how hosts are chosen, and the team in host order, each with a priority."""

    mode: Mode
    team: Mapping[User, int]


@dataclass(frozen=True, slots=True)
class Share:
    """A host's appointments of the month: those they got, and those they would have got."""

    user: User
    got: int
    would_get: int

    @property
    def difference(self) -> int:
        return self.would_get - self.got


@dataclass(frozen=True, slots=True)
class Simulation:
    """`month` is its first day. `lost` are the appointments nobody could have taken."""

    month: date
    bookings: int
    shares: tuple[Share, ...]
    lost: tuple[Appointment, ...]


def simulate(calendar: Calendar, trial: Trial, *, now: datetime) -> Simulation:
    """Replay the appointments of the calendar's last month, in the order in which they were made.

    The hosts' hours are those of today, for nobody keeps the old ones; their busy time is what is
    still known of it. Seven queries at most, whatever the number of hosts and appointments.
    """
    month = _last_month(calendar, now)
    appointments = _appointments(calendar, month)
    bookings = [
        Booking(
            one.pk,
            _seconds(one.created_at),
            _seconds(one.meeting.starts_at),
            _seconds(one.meeting.ends_at),
        )
        for one in appointments
    ]
    outcome = replay(bookings, _players(calendar, trial.team, month), _terms(calendar, trial.mode))
    served, would_get = _served(appointments), outcome.counts()
    people = {**{user.pk: user for user in trial.team}, **{user.pk: user for user in served}}
    return Simulation(
        datetime.fromtimestamp(month[0], calendar.zone).date(),
        len(appointments),
        tuple(Share(user, served.get(user, 0), would_get[pk]) for pk, user in people.items()),
        tuple(one for one in appointments if one.pk in outcome.lost),
    )


def _last_month(calendar: Calendar, now: datetime) -> Span:
    [this] = months((_seconds(now), _seconds(now) + 1), calendar.zone)
    [last] = months((this[0] - 1, this[0]), calendar.zone)
    return last


def _appointments(calendar: Calendar, month: Span) -> list[Appointment]:
    held: Iterable[Appointment] = (
        Appointment.objects.within(calendar.sub_account)
        .live()
        .filter(meeting__calendar=calendar, meeting__starts_at__gte=_instant(month[0]))
        .filter(meeting__starts_at__lt=_instant(month[1]))
        .select_related("meeting")
        .prefetch_related("meeting__hosts__user")
        .order_by("created_at", "pk")
    )
    return list(held)


def _served(appointments: Iterable[Appointment]) -> dict[User, int]:
    """Who serves the appointments, and how many of them."""
    served: defaultdict[User, int] = defaultdict(int)
    for one in appointments:
        for part in one.meeting.hosts.all():
            if part.is_serving and part.user is not None:
                served[part.user] += 1
    return dict(served)


def _terms(calendar: Calendar, mode: Mode) -> Terms:
    rules = combination(calendar).rules
    return Terms(
        mode,
        calendar.zone,
        buffer_before=rules.buffer_before,
        buffer_after=rules.buffer_after,
        seats=calendar.capacity,
        limit=calendar.daily_limit if calendar.kind == Kind.ROUND_ROBIN else None,
    )


def _players(calendar: Calendar, team: Mapping[User, int], month: Span) -> Sequence[Player]:
    users = [user.pk for user in team]
    around = (month[0] - NEARBY, month[1] + NEARBY)
    hours = hours_of(users, calendar, around=around)
    by_hand, external = blocked_time(users, calendar.sub_account, within=around)
    taken = _taken_elsewhere(users, calendar, around)
    elsewhere = _appointments_elsewhere(users, calendar, around)
    return [
        Player(
            user.pk,
            priority,
            open=[
                (window.start, window.end)
                for window in (windows_around(hours[user.pk], around) if user.pk in hours else ())
            ],
            busy=[*by_hand.get(user.pk, ()), *external.get(user.pk, ()), *taken[user.pk]],
            appointments=elsewhere[user.pk],
        )
        for user, priority in team.items()
    ]


def _taken_elsewhere(
    users: Iterable[int], calendar: Calendar, within: Span
) -> Mapping[int, list[Span]]:
    """What other calendars' meetings took of the users' time, buffers included."""
    by_resource = {resource_of(user): user for user in users}
    rows = (
        Taken.objects.filter(resource__in=by_resource)
        .filter(ends_epoch__gt=within[0], starts_epoch__lt=within[1])
        .exclude(meeting_host__meeting__calendar=calendar)
    )
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for resource, start, end in rows.values_list("resource", "starts_epoch", "ends_epoch"):
        found[by_resource[resource]].append((start, end))
    return found


def _appointments_elsewhere(
    users: Iterable[int], calendar: Calendar, within: Span
) -> Mapping[int, list[int]]:
    """The starts of the users' appointments with other calendars, one for each seat."""
    rows = (
        MeetingHost.objects.serving()
        .filter(user__in=users, meeting__appointments__status__in=HOLDING)
        .filter(meeting__starts_at__gte=_instant(within[0]))
        .filter(meeting__starts_at__lt=_instant(within[1]))
        .exclude(meeting__calendar=calendar)
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for user, start in rows.values_list("user_id", "meeting__starts_at"):
        found[user].append(_seconds(start))
    return found


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
