"""What the events stored say: when they take time, and by which clock and rules they are read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from accounts.models import Member
from calendars.models import BusySource
from calendars.services.blocking import BlockedSpan
from calendars.services.horizons import furthest_horizon
from integrations.caldav.blocking import DEFAULT_RULES, ReadingRules
from integrations.caldav.parsing import Unreadable
from integrations.caldav.recurrence import Expansion, expand
from integrations.models import ConflictCalendar, RemoteCalendar, RemoteEvent

BACK = timedelta(days=31)
AHEAD = timedelta(days=31)
FOR_GOOD = timedelta(days=3650)  # single events do not need expanding again


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is read, and how: `zone` is the owner's, `owner` are their addresses."""

    start: datetime
    until: datetime  # recurring events are expanded up to here
    zone: ZoneInfo
    owner: frozenset[str]
    rules: ReadingRules

    @property
    def reading(self) -> str:
        """By whose addresses and which rules events are read, short enough to be stored."""
        addresses = "\n".join(sorted(self.owner))
        return f"{self.rules.key} {sha256(addresses.encode()).hexdigest()[:12]}"


@dataclass(slots=True)
class Reading:
    """What an event says, or why nothing can be said of it."""

    event: RemoteEvent
    expansion: Expansion | None


def window_of(calendar: RemoteCalendar, source: BusySource, now: datetime) -> Window:
    """That of a calendar which is read into that feed, from a month back to beyond what can be
    booked."""
    member = Member.objects.select_related("sub_account").get(
        user=source.user_id, sub_account=source.sub_account_id
    )
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    horizon = furthest_horizon(source.user, source.sub_account)
    return Window(
        start=midnight - BACK,
        until=midnight + horizon + AHEAD,
        zone=member.zone,
        owner=frozenset(calendar.connection.remote_account.addresses),
        rules=_rules(calendar, source),
    )


def _rules(calendar: RemoteCalendar, source: BusySource) -> ReadingRules:
    """Those of the conflict calendar; one that is only shown is read by the usual ones."""
    chosen = ConflictCalendar.objects.filter(
        configuration__user=source.user_id,
        configuration__sub_account=source.sub_account_id,
        remote_calendar=calendar,
    ).first()
    return chosen.rules if chosen else DEFAULT_RULES


def read(event: RemoteEvent, window: Window) -> Reading:
    """Expand one event. What cannot be read keeps what it blocked before, and says so."""
    recurs = "RRULE" in event.raw or "RDATE" in event.raw
    until = window.until if recurs else window.until + FOR_GOOD
    try:
        expansion = expand(
            event.raw,
            zone=window.zone,
            start=window.start,
            end=until,
            owner=window.owner,
            rules=window.rules,
        )
    except Unreadable as reason:
        event.parse_state, event.problem = RemoteEvent.Parse.UNREADABLE, str(reason)[:300]
        return Reading(event, None)
    event.uid = expansion.uid[:300]
    event.problem = " ".join(expansion.problems)[:300]
    event.parse_state = RemoteEvent.Parse.PARTIAL if event.problem else RemoteEvent.Parse.OK
    return Reading(event, expansion)


def spans_of(expansion: Expansion) -> list[BlockedSpan]:
    """What a feed has of it."""
    return [
        BlockedSpan(
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
            all_day=occurrence.all_day,
            is_busy=occurrence.is_busy,
            title=occurrence.title,
            uid=expansion.uid[:300],
        )
        for occurrence in expansion.occurrences
    ]
