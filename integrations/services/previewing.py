"""What other reading settings would change in the weeks ahead: worked out, and nothing written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from calendars.engine.spans import Span, subtract
from calendars.models import BlockedSlot
from integrations.caldav.blocking import ReadingRules
from integrations.models import ConflictCalendar, RemoteEvent
from integrations.services.interpreting import Window, read, window_of

AHEAD = timedelta(days=28)
MOST_EVENTS = 500  # looked at; a calendar with more of them in four weeks is told of in part
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Change:
    """Time that would come to be blocked, or would be open, and the event it belongs to."""

    starts_at: datetime
    ends_at: datetime
    title: str
    all_day: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`days` is how far was looked ahead; `is_partial` says that there was more to look at."""

    blocks: tuple[Change, ...]
    opens: tuple[Change, ...]
    days: int
    is_partial: bool

    @property
    def lists(self) -> tuple[tuple[str, tuple[Change, ...], int], ...]:
        """Each kind of change: a heading, the first ones, and how many there are besides."""
        return tuple(
            (heading, changes[:SHOWN], max(0, len(changes) - SHOWN))
            for heading, changes in (
                (_("Will be blocked"), self.blocks),
                (_("Will be open"), self.opens),
            )
            if changes
        )


def preview(chosen: ConflictCalendar, rules: ReadingRules, *, now: datetime) -> Preview:
    """What would be different from now on for four weeks if the calendar were read by these rules.

    From events that are stored, without asking iCloud.
    """
    source = chosen.remote_calendar.busy_source
    if source is None:
        return Preview((), (), AHEAD.days, is_partial=False)
    today = replace(
        window_of(chosen.remote_calendar, source, now),
        start=now,
        until=now + AHEAD,
        rules=chosen.rules,
    )
    slots = BlockedSlot.objects.filter(source=source, starts_at__lt=today.until, ends_at__gt=now)
    keys = slots.filter(deleted_remotely_at=None).values_list("key", flat=True).distinct()
    pks = sorted(int(key) for key in keys if key.isdecimal())
    events = list(chosen.remote_calendar.events.filter(pk__in=pks[:MOST_EVENTS]).exclude(raw=""))
    then = replace(today, rules=rules)
    changes = [
        (change, is_block) for event in events for change, is_block in _changes(event, today, then)
    ]
    changes.sort(key=lambda one: (one[0].starts_at, one[0].ends_at, one[0].title))
    return Preview(
        blocks=tuple(change for change, is_block in changes if is_block),
        opens=tuple(change for change, is_block in changes if not is_block),
        days=AHEAD.days,
        is_partial=len(pks) > MOST_EVENTS,
    )


def _changes(event: RemoteEvent, today: Window, then: Window) -> Iterator[tuple[Change, bool]]:
    now_busy, title, all_day = _busy(event, today)
    then_busy, *_ = _busy(event, then)
    for spans, is_block in (
        (subtract(then_busy, now_busy), True),
        (subtract(now_busy, then_busy), False),
    ):
        for start, end in spans:
            yield Change(_instant(start), _instant(end), title, all_day), is_block


def _busy(event: RemoteEvent, window: Window) -> tuple[list[Span], str, bool]:
    """The time that an event blocks in the window, and how it is called."""
    expansion = read(event, window).expansion
    if expansion is None:
        return [], "", False
    inside = [
        one
        for one in expansion.occurrences
        if one.starts_at < window.until and one.ends_at > window.start
    ]
    busy = [_span(one.starts_at, one.ends_at) for one in inside if one.is_busy]
    return busy, _title(one.title for one in inside), any(one.all_day for one in inside)


def _title(titles: Iterable[str]) -> str:
    return next(iter(titles), "") or _("Untitled")


def _span(starts_at: datetime, ends_at: datetime) -> Span:
    return int(starts_at.timestamp()), int(ends_at.timestamp())


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
