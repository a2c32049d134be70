"""The wall: which time of whom is taken. The database refuses overlap; here is what is written.

A meeting normally takes all of its time, buffers included. One that staff booked over another, or
that a host moved onto another in iCloud, takes what nobody holds yet, and is flagged.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from calendars.engine.spans import Span, merge, subtract
from calendars.models import Appointment, Meeting, MeetingHost, Taken
from calendars.models.offers import A_WEEK
from calendars.services.refusals import SlotTaken

WALL = "taken_no_overlap"
# The seats of a meeting, each once: PostgreSQL names the constraint, SQLite its columns.
SEATS = ("appointment_seat_once", "calendars_appointment.meeting_id, calendars_appointment.seat")
# An appointment in one of these takes its time; cancelled and invalid ones take none.
HOLDING = [status for status in Appointment.Status if status not in Appointment.ENDED]


@contextmanager
def all_or_taken() -> Iterator[None]:
    """A transaction in which the database's refusal, of an overlap or of a seat that somebody has,
    is raised as `SlotTaken`."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refusal:
        if is_taken(refusal):
            raise SlotTaken from refusal
        raise


def take(meeting_host: MeetingHost) -> None:
    """Take the meeting's time, buffers included, for this host.

    Raises an `IntegrityError` of which `is_taken` is true when somebody holds part of it.
    """
    start, end = span_of(meeting_host.meeting)
    _write(meeting_host, start, end)


def free(meeting_host: MeetingHost) -> None:
    """Give back all that this host's part in the meeting takes. See `retake` for what follows."""
    Taken.objects.filter(meeting_host=meeting_host).delete()


def retake(resources: Iterable[str], *, around: Iterable[Span]) -> None:
    """Let each meeting of these users, or of these simple calendars, near those times take what
    nobody holds, the oldest first, and flag those that lie over another.

    Call it after any move, cancellation or restoration, with the users locked. The spans are the
    meetings' own, with their buffers, in epoch seconds.
    """
    touched = merge(around)
    for resource in sorted(set(resources)):
        parts = _parts_near(resource, touched)
        if not parts:
            continue
        spans = _spans(parts)
        needed = merge(spans.values())
        held = [span for one in needed for span in _held(resource, one)]
        # A part lies over meetings, too, that do not reach into the time given.
        neighbours = _spans(_parts_near(resource, needed))
        for part in parts:
            for start, end in subtract([spans[part.pk]], held):
                _write(part, start, end)
                held.append((start, end))
            _flag(part, overlaps=_meets_another(part.pk, neighbours))


def span_of(meeting: Meeting) -> Span:
    """The time the meeting needs, buffers included, in epoch seconds."""
    return (
        int((meeting.starts_at - meeting.buffer_before).timestamp()),
        int((meeting.ends_at + meeting.buffer_after).timestamp()),
    )


def is_taken(refusal: IntegrityError) -> bool:
    """Whether the database refused because time, or a seat, would be taken twice."""
    words = str(refusal)
    return any(name in words for name in (WALL, *SEATS))


def _parts_near(resource: str, touched: Iterable[Span]) -> list[MeetingHost]:
    """The parts of that resource that need any of that time, the oldest first."""
    found = {part.pk: part for span in touched for part in _parts_within(resource, *span)}
    return sorted(found.values(), key=lambda part: (part.meeting.created_at, part.pk))


def _parts_within(resource: str, first: int, last: int) -> list[MeetingHost]:
    # A buffer lasts a week at most: whatever reaches into the time begins or ends that near.
    near = timedelta(seconds=1) + A_WEEK
    parts = (
        MeetingHost.objects.holding()
        .using_resource(resource)
        .filter(
            meeting__starts_at__lt=_instant(last) + near,
            meeting__ends_at__gt=_instant(first) - near,
        )
        .select_related("meeting")
    )
    return [part for part in parts if _meet(span_of(part.meeting), (first, last))]


def _spans(parts: Iterable[MeetingHost]) -> dict[int, Span]:
    """What time each part needs, by its primary key."""
    return {part.pk: span_of(part.meeting) for part in parts}


def _held(resource: str, span: Span) -> list[Span]:
    """What is taken of the resource in that time, whoever took it."""
    first, last = span
    rows = Taken.objects.filter(
        resource=resource, starts_at__lt=_instant(last), ends_at__gt=_instant(first)
    ).values_list("starts_at", "ends_at")
    return [(int(start.timestamp()), int(end.timestamp())) for start, end in rows]


def _write(part: MeetingHost, start: int, end: int) -> None:
    Taken.objects.create(
        resource=part.resource,
        meeting_host=part,
        starts_at=_instant(start),
        ends_at=_instant(end),
    )


def _flag(part: MeetingHost, *, overlaps: bool) -> None:
    if part.is_overlapping != overlaps:
        MeetingHost.objects.filter(pk=part.pk).update(is_overlapping=overlaps)


def _meets_another(pk: int, spans: dict[int, Span]) -> bool:
    return any(other != pk and _meet(spans[pk], span) for other, span in spans.items())


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
