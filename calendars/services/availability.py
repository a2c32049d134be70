"""What can be booked: rows become the engine's values, the engine answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from calendars.engine.hours import Window
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
from calendars.engine.spans import Span, Spans
from calendars.models import Calendar, Meeting
from calendars.services.busy import blocked_time
from calendars.services.combining import Combination, Offered, combination, wanted_for
from calendars.services.limiting import Asking, limited, reach_of
from calendars.services.looking_busy import looks_busy
from calendars.services.opening import windows_of
from calendars.services.seats import ITSELF, Moving
from calendars.services.serving import asked_hosts, serving_hosts
from calendars.services.sharing import booked_time

READABLE = (0, 7_258_118_400)  # up to the year 2200: the clocks of any zone can show it


class NotBookable(Exception):
    """Nobody is there who could serve it, whatever the time."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything the engine is told about a calendar, as the rows were at one moment.

    `asked` is in epoch seconds, and only what is bookable of it where anything is. `capacity` is
    how many guests a meeting takes.
    """

    kind: Kind
    rules: Rules
    hosts: tuple[Host, ...]
    bookable: Bookable
    asked: Span
    capacity: int = 1
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

    def seats_left(self, slot: Slot) -> int:
        """How many guests can still have that slot: with all the hosts who are free for it."""
        left = {
            (host.id, meeting.start, meeting.end): meeting.seats_left
            for host in self.hosts
            for meeting in host.shared
        }
        return sum(left.get((host, slot.start, slot.end), self.capacity) for host in slot.hosts)


def bookable_time(calendar: Offered, *, now: datetime) -> Bookable:
    """From when until when meetings can begin, in epoch seconds: of several services by the
    strictest notice and the shortest horizon."""
    each = [_bookable_time(one, now) for one in combination(calendar).calendars]
    opens, closes = max(one.opens for one in each), min(one.closes for one in each)
    return Bookable(each[0].now, opens, closes)


def _bookable_time(calendar: Calendar, now: datetime) -> Bookable:
    notice = Notice(calendar.notice, Unit(calendar.notice_unit))
    horizon = Horizon(calendar.horizon, Unit(calendar.horizon_unit))
    return bookable_range(int(now.timestamp()), calendar.zone, notice, horizon)


def load(
    calendar: Offered,
    *,
    asked: Span,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
) -> Offer:
    """What the engine needs for starts in the asked span of epoch seconds.

    Of several services it is the one host who serves all of them, and the whole span. What is
    `moving` keeps the services that it consists of, and a meeting all of which is moving does not
    stand in its own way. With `host`, a user's primary key, only that host is asked, if it matters
    who serves it.

    Four queries, one more for a daily limit or equal distribution, one more to look busy, one more
    for what is moving, one more where a meeting that can be joined was booked by other rules; up to
    two more for each further service.
    """
    wanted = wanted_for(calendar, moving)
    bookable = bookable_time(wanted, now=now)
    asked = _worth_asking(asked, bookable)
    rules = wanted.rules
    asking = Asking(asked, picked=host, moving=moving)
    around = reach_of(wanted.first, asking)
    known = asked_hosts(wanted, now=now, host=host)
    windows = windows_of(known, wanted, around=around)
    hosts = _with_busy_time(wanted, known, windows, rules, around, moving=moving)
    hosts = limited(wanted, hosts, rules, bookable, asking)
    return Offer(
        Kind(wanted.first.kind),
        rules,
        hosts,
        bookable,
        asked,
        wanted.capacity,
        None if wanted.further else looks_busy(wanted.first),
    )


def obstacles(
    calendar: Offered,
    start: int,
    rules: Rules,
    *,
    users: Collection[int],
    now: datetime,
    moving: Moving | None = None,
) -> Verdict:
    """What lies in the way of a meeting by these rules, from that epoch second on: whatever hours,
    notice and grid say. Users who do not serve the calendar (any more) are not available; of a
    simple calendar nobody has to be.
    """
    wanted = wanted_for(calendar, moving)
    span = (start, start + rules.duration)
    users = [ITSELF] if wanted.first.kind == Kind.SIMPLE else users
    serving = serving_hosts(wanted, now=now).items()
    known = {user: until for user, until in serving if user in users}
    open_just_then = [Window(*span, until=span[1], midnight=start)]
    windows = dict.fromkeys(known, open_just_then)
    hosts = _with_busy_time(wanted, known, windows, rules, (start, start + 1), moving=moving)
    hosts = tuple(_sharing_only(span, host) for host in hosts)
    whenever = Bookable(now=start, opens=start, closes=start + 1)
    verdict = explain(Kind(wanted.first.kind), rules, hosts, whenever, start)
    gone = {user: Reason.USER for user in users if user not in known}
    return Verdict(*verdict[:3], {**verdict.refused, **gone}, verdict.reason)


def rules_of_meeting(meeting: Meeting) -> Rules:
    """Those it was booked with, whatever its calendar says today."""
    return Rules(
        duration=_seconds(meeting.ends_at - meeting.starts_at),
        interval=_seconds(meeting.ends_at - meeting.starts_at),
        buffer_before=_seconds(meeting.buffer_before),
        buffer_after=_seconds(meeting.buffer_after),
    )


def _worth_asking(asked: Span, bookable: Bookable) -> Span:
    """The bookable part of the asked span; where there is none, all of it, so that the reasons
    why not are told of the time that was asked for."""
    first, last = max(asked[0], bookable.opens), min(asked[1], bookable.closes)
    is_readable = asked[0] >= READABLE[0] and asked[1] <= READABLE[1]
    return asked if first >= last and is_readable else (first, last)


def _with_busy_time(
    wanted: Combination,
    known: Mapping[int, int | None],
    windows: Mapping[int, Sequence[Window]],
    rules: Rules,
    starts: Span,
    *,
    moving: Moving | None,
) -> tuple[Host, ...]:
    """The hosts as the engine wants them, busy as far as meetings that begin then can reach."""
    reach = (starts[0] - rules.buffer_before, starts[1] + rules.duration + rules.buffer_after)
    booked, reach = booked_time(known, wanted, starts=starts, within=reach, moving=moving)
    blocked, conflicts = _blocked(known, wanted.first, within=reach)
    return tuple(
        Host(
            id=user,
            windows=windows.get(user, ()),
            blocked=blocked.get(user, ()),
            conflicts=conflicts.get(user, ()),
            meetings=booked.meetings.get(user, ()),
            known_until=known_until,
            shared=booked.shared[user],
        )
        for user, known_until in known.items()
    )


def _blocked(
    known: Mapping[int, int | None], calendar: Calendar, *, within: Span
) -> tuple[Mapping[int, Spans], Mapping[int, Spans]]:
    if calendar.kind == Kind.SIMPLE:
        return {}, {}  # nobody's calendar is asked
    return blocked_time(known, calendar.sub_account, within=within)


def _sharing_only(span: Span, host: Host) -> Host:
    """The host with that one meeting to be shared; their other ones are in the way like any."""
    kept = [meeting for meeting in host.shared if (meeting.start, meeting.end) == span]
    others = [meeting.taken for meeting in host.shared if meeting not in kept]
    return replace(host, shared=kept, meetings=[*host.meetings, *others])


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
