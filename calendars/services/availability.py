"""What can be booked: rows become the engine's values, the engine answers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, F, Min, OuterRef, QuerySet, Subquery, Value, When

from accounts.models import Member
from calendars.engine.hours import ONE_DAY, Window, instant, windows_around
from calendars.engine.limits import whole_days
from calendars.engine.looking_busy import LookBusy, hidden
from calendars.engine.notice import WHENEVER, Bookable, Horizon, Notice, Unit, bookable_range
from calendars.engine.slots import (
    Host,
    Kind,
    Reason,
    Rules,
    Slot,
    Verdict,
    examine,
    explain,
    offered,
)
from calendars.engine.spans import Span
from calendars.models import BusySource, Calendar, CalendarHost, Meeting
from calendars.services.busy import blocked_time, taken_time
from calendars.services.limiting import Asking, limited, reach_of
from calendars.services.looking_busy import looks_busy
from calendars.services.opening import hours_of

BOOKABLE_KINDS = frozenset({Kind.ROUND_ROBIN, Kind.SERVICE})
TOGETHER = 2  # so many hosts at least make a collective calendar
EPOCH = datetime.fromtimestamp(0, UTC)
READABLE = (0, 7_258_118_400)  # up to the year 2200: the clocks of any zone can show it
# Most calendars have a free time soon; only the others are read to their horizon.
NEAR = timedelta(days=35)


class NotBookable(Exception):
    """The public cannot book calendars of this kind yet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything the engine is told about a calendar, as the rows were at one moment.

    `asked` is in epoch seconds, and only what is bookable of it where anything is.
    """

    kind: Kind
    rules: Rules
    hosts: tuple[Host, ...]
    bookable: Bookable
    asked: Span
    looks_busy: LookBusy | None = None

    def slots(self) -> list[Slot]:
        """Everything that can be booked."""
        return offered(self.kind, self.rules, self.hosts, self.bookable, self.asked)

    def shown(self) -> list[Slot]:
        """Those of the slots that guests are shown. They may book the others all the same."""
        unseen = self._hidden()
        return [slot for slot in self.slots() if slot.start not in unseen]

    def verdict(self, start: int) -> Verdict:
        """What stands in the way of that start, for whoever books it."""
        return explain(self.kind, self.rules, self.hosts, self.bookable, start)

    def verdicts(self) -> list[Verdict]:
        """Every candidate, and why guests are not shown it."""
        unseen = self._hidden()
        found = examine(self.kind, self.rules, self.hosts, self.bookable, self.asked)
        return [
            Verdict(*one[:4], Reason.LOOKBUSY)
            if one.reason is None and one.start in unseen
            else one
            for one in found
        ]

    def _hidden(self) -> frozenset[int]:
        if self.looks_busy is None:
            return frozenset()
        dates = whole_days(self.asked, self.looks_busy.zone)
        # Whatever notice leaves of a date: what is hidden stays the same as time goes by.
        free = offered(self.kind, self.rules, self.hosts, WHENEVER, dates)
        return hidden((slot.start for slot in free), self.looks_busy)


def is_bookable(calendar: Calendar) -> bool:
    return Kind(calendar.kind) in BOOKABLE_KINDS


def bookable_time(calendar: Calendar, *, now: datetime) -> Bookable:
    """From when until when meetings can begin, in epoch seconds."""
    notice = Notice(calendar.notice, Unit(calendar.notice_unit))
    horizon = Horizon(calendar.horizon, Unit(calendar.horizon_unit))
    return bookable_range(int(now.timestamp()), calendar.zone, notice, horizon)


def load(
    calendar: Calendar,
    *,
    asked: Span,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
) -> Offer:
    """What the engine needs for starts in the asked span of epoch seconds.

    Four queries, one more for a daily limit or equal distribution, one more to look busy.
    With `host`, a user's primary key, only that host is asked. The meeting that is `moving` does
    not stand in its own way. Raises `NotBookable`.
    """
    if not is_bookable(calendar):
        raise NotBookable
    bookable = bookable_time(calendar, now=now)
    asked = _worth_asking(asked, bookable)
    rules = rules_of(calendar)
    asking = Asking(asked, picked=host, moving=moving)
    around = reach_of(calendar, asking)
    known = _hosts(calendar, now=now, host=host)
    hours = hours_of(known, calendar, around=around)
    windows = {user: windows_around(hours[user], around) for user in hours}
    reach = (around[0], around[1] + rules.duration)
    hosts = _with_busy_time(calendar, known, windows, rules, reach, but=moving)
    hosts = limited(calendar, hosts, rules, bookable, asking)
    return Offer(Kind(calendar.kind), rules, hosts, bookable, asked, looks_busy(calendar))


def obstacles(
    calendar: Calendar,
    start: int,
    rules: Rules,
    *,
    users: Collection[int],
    now: datetime,
    but: Meeting | None = None,
) -> Verdict:
    """What lies in the way of a meeting by these rules, from that epoch second on: whatever hours,
    notice and grid say. Users who do not serve the calendar (any more) are not available.
    """
    span = (start, start + rules.duration)
    serving = _hosts(calendar, now=now, host=None).items()
    known = {user: until for user, until in serving if user in users}
    open_just_then = [Window(*span, until=span[1], midnight=start)]
    windows = dict.fromkeys(known, open_just_then)
    hosts = _with_busy_time(calendar, known, windows, rules, span, but=but)
    whenever = Bookable(now=start, opens=start, closes=start + 1)
    verdict = explain(Kind(calendar.kind), rules, hosts, whenever, start)
    gone = {user: Reason.USER for user in users if user not in known}
    return Verdict(*verdict[:3], {**verdict.refused, **gone}, verdict.reason)


def slots(
    calendar: Calendar, *, first: datetime, last: datetime, now: datetime, host: int | None = None
) -> list[Slot]:
    """The offered slots that begin at or after `first` and before `last`, in order."""
    asked = (int(first.timestamp()), int(last.timestamp()))
    return load(calendar, asked=asked, now=now, host=host).slots()


def slots_by_date(
    calendar: Calendar,
    *,
    first: date,
    last: date,
    zone: ZoneInfo,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
    to_guests: bool = True,
) -> dict[date, list[Slot]]:
    """The offered slots of the zone's dates from `first` to `last`, both included; no empty dates.

    The zone only groups: which slots there are does not depend on it. Guests are not shown all of
    them where the calendar looks busy.
    """
    asked = (instant(zone, first), instant(zone, last + ONE_DAY))
    found: defaultdict[date, list[Slot]] = defaultdict(list)
    offer = load(calendar, asked=asked, now=now, host=host, moving=moving)
    for slot in offer.shown() if to_guests else offer.slots():
        found[datetime.fromtimestamp(slot.start, zone).date()].append(slot)
    return dict(found)


def slots_on(
    calendar: Calendar, day: date, zone: ZoneInfo, *, now: datetime, host: int | None = None
) -> list[Slot]:
    """The offered slots that begin on that date of the zone."""
    by_date = slots_by_date(calendar, first=day, last=day, zone=zone, now=now, host=host)
    return by_date.get(day, [])


def first_bookable_date(
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    now: datetime,
    host: int | None = None,
    moving: Meeting | None = None,
    to_guests: bool = True,
) -> date | None:
    """The first date of the zone with an offered slot; None if there is none up to the horizon."""
    bookable = bookable_time(calendar, now=now)
    step = int(NEAR.total_seconds())
    # Part by part: the first one mostly has it, and a far horizon is never in memory at once.
    for start in range(bookable.opens, bookable.closes, step):
        asked = (start, min(start + step, bookable.closes))
        offer = load(calendar, asked=asked, now=now, host=host, moving=moving)
        if found := offer.shown() if to_guests else offer.slots():
            return datetime.fromtimestamp(found[0].start, zone).date()
    return None


def rules_of(calendar: Calendar) -> Rules:
    return Rules(
        duration=_seconds(calendar.duration),
        interval=_seconds(calendar.interval),
        buffer_before=_seconds(calendar.buffer_before),
        buffer_after=_seconds(calendar.buffer_after),
        aligned=calendar.is_aligned,
    )


def rules_of_meeting(meeting: Meeting) -> Rules:
    """Those it was booked with, whatever its calendar says today."""
    return Rules(
        duration=_seconds(meeting.ends_at - meeting.starts_at),
        interval=_seconds(meeting.ends_at - meeting.starts_at),
        buffer_before=_seconds(meeting.buffer_before),
        buffer_after=_seconds(meeting.buffer_after),
    )


def hosts_of(calendar: Calendar) -> QuerySet[CalendarHost]:
    """The calendar's hosts who are active members of its sub-account, in host order."""
    members = Member.objects.filter(sub_account=calendar.sub_account_id, user=OuterRef("user"))
    return CalendarHost.objects.filter(
        Exists(members), calendar=calendar, user__is_active=True
    ).order_by("position", "pk")


def _worth_asking(asked: Span, bookable: Bookable) -> Span:
    """The bookable part of the asked span; where there is none, all of it, so that the reasons
    why not are told of the time that was asked for."""
    first, last = max(asked[0], bookable.opens), min(asked[1], bookable.closes)
    is_readable = asked[0] >= READABLE[0] and asked[1] <= READABLE[1]
    return asked if first >= last and is_readable else (first, last)


def _with_busy_time(
    calendar: Calendar,
    known: Mapping[int, int | None],
    windows: Mapping[int, Sequence[Window]],
    rules: Rules,
    meetings_in: Span,
    *,
    but: Meeting | None,
) -> tuple[Host, ...]:
    """The hosts as the engine wants them, busy as far as meetings of that time can reach."""
    reach = (meetings_in[0] - rules.buffer_before, meetings_in[1] + rules.buffer_after)
    blocked, conflicts = blocked_time(known, calendar.sub_account, within=reach)
    meetings = taken_time(known, within=reach, but=but)
    return tuple(
        Host(
            id=user,
            windows=windows.get(user, ()),
            blocked=blocked[user],
            conflicts=conflicts[user],
            meetings=meetings[user],
            known_until=known_until,
        )
        for user, known_until in known.items()
    )


def _hosts(calendar: Calendar, *, now: datetime, host: int | None) -> dict[int, int | None]:
    """Each host and up to when their calendars are known: 0 if stale now, None without any."""
    fresh_since = now - calendar.sub_account.stale_after
    known = Case(
        When(last_read_at__gte=fresh_since, expanded_until__isnull=False, then=F("expanded_until")),
        default=Value(EPOCH),
    )
    sources = BusySource.objects.filter(
        sub_account=calendar.sub_account_id,
        user=OuterRef("user"),
        is_blocking=True,
        gone_at=None,
    )
    least = sources.order_by().values("user").annotate(known=Min(known)).values("known")
    rows = hosts_of(calendar).annotate(known_until=Subquery(least))
    if host is not None:
        rows = rows.filter(user=host)
    return {
        user: None if known_until is None else int(known_until.timestamp())
        for user, known_until in rows.values_list("user_id", "known_until")
    }


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
