"""Taken time of calendars whose meetings hold several guests, or have no hosts, for the engine."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from calendars.engine.hosts import SharedMeeting
from calendars.engine.spans import Span
from calendars.models import (
    Appointment,
    Calendar,
    Meeting,
    MeetingService,
    Taken,
    resource_of,
    resource_of_calendar,
)
from calendars.services.busy import taken_time
from calendars.services.combining import Combination
from calendars.services.seats import ITSELF, Moving


@dataclass(frozen=True, slots=True)
class Booked:
    """Per host: taken time with its buffers, and apart from it the meetings that can be shared."""

    meetings: Mapping[int, Iterable[Span]]
    shared: Mapping[int, list[SharedMeeting]] = field(default_factory=lambda: defaultdict(list))


def booked_time(
    known: Iterable[int],
    wanted: Combination,
    *,
    starts: Span,
    within: Span,
    moving: Moving | None,
) -> tuple[Booked, Span]:
    """What is taken of these hosts, or of a simple calendar itself, in every sub-account; apart
    from it the calendar's own meetings, with the seats they have left. And the span in which that
    is known: `within`, or more of it where a meeting to be shared that begins in `starts` reaches
    further, since it keeps the length and the buffers it was booked with. One query, or two then.

    A meeting all of which is `moving` is left out, and then joins no other one.
    """
    booked = _booked_within(known, wanted, within, moving)
    reach = _reach_of(booked, starts, within)
    if reach != within:
        booked = _booked_within(known, wanted, reach, moving)
    return booked, reach


def _reach_of(booked: Booked, starts: Span, within: Span) -> Span:
    found = [
        meeting.taken
        for shared in booked.shared.values()
        for meeting in shared
        if starts[0] <= meeting.start < starts[1]
    ]
    return (
        min([within[0], *(start for start, _ in found)]),
        max([within[1], *(end for _, end in found)]),
    )


def _booked_within(
    known: Iterable[int], wanted: Combination, within: Span, moving: Moving | None
) -> Booked:
    calendar, but = wanted.first, moving.gives_up if moving else None
    shares = wanted.capacity > 1 and not (moving and moving.is_whole)
    if calendar.kind == Calendar.Kind.SIMPLE:
        itself = {resource_of_calendar(calendar.pk): ITSELF}
        return _booked(itself, calendar, within, shares=shares, but=but)
    if shares:
        resources = {resource_of(user): user for user in known}
        return _booked(resources, calendar, within, shares=True, but=but)
    return Booked(taken_time(known, within=within, but=but))


def _booked(
    resources: Mapping[str, int],
    calendar: Calendar,
    within: Span,
    *,
    shares: bool,
    but: Meeting | None,
) -> Booked:
    meetings: defaultdict[int, list[Span]] = defaultdict(list)
    shared: defaultdict[int, dict[int, SharedMeeting]] = defaultdict(dict)
    rows = _rows(resources, calendar, within)
    if but is not None:
        rows = rows.exclude(meeting_host__meeting=but)
    for resource, start, end, of_calendar, is_combined, meeting, *facts in rows.values_list(
        *_FACTS
    ):
        host = resources[resource]
        if shares and of_calendar == calendar.pk and not is_combined:
            # Its rows may be several, and a part of its time, where it overlaps something.
            shared[host][meeting] = _shared(calendar, *facts)
        else:
            meetings[host].append((start, end))
    by_host = {host: list(found.values()) for host, found in shared.items()}
    return Booked(meetings, defaultdict(list, by_host))


_OF_MEETING = ("starts_at", "ends_at", "buffer_before", "buffer_after")
_FACTS = (
    *("resource", "starts_epoch", "ends_epoch"),
    *("meeting_host__meeting__calendar_id", "is_combined", "meeting_host__meeting_id"),
    *(f"meeting_host__meeting__{name}" for name in _OF_MEETING),
    "coming",
)


def _rows(resources: Mapping[str, int], calendar: Calendar, within: Span) -> QuerySet[Taken]:
    seats = Appointment.objects.live().filter(
        meeting=OuterRef("meeting_host__meeting"), meeting__calendar=calendar
    )
    counted = seats.order_by().values("meeting").annotate(number=Count("pk")).values("number")
    rows = Taken.objects.filter(
        resource__in=resources, starts_epoch__lt=within[1], ends_epoch__gt=within[0]
    )
    services = MeetingService.objects.filter(meeting=OuterRef("meeting_host__meeting"))
    return rows.annotate(
        coming=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        is_combined=Exists(services),
    )


def _shared(calendar: Calendar, starts_at: Any, ends_at: Any, *rest: Any) -> SharedMeeting:
    buffer_before, buffer_after, coming = rest
    return SharedMeeting(
        start=_second(starts_at),
        end=_second(ends_at),
        buffer_before=int(buffer_before.total_seconds()),
        buffer_after=int(buffer_after.total_seconds()),
        seats_left=max(calendar.capacity - coming, 0),
    )


def _second(at: datetime) -> int:
    return int(at.timestamp())
