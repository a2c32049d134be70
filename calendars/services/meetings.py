"""Meetings as rows: made with their host and seats, given to another host, moved, dissolved.

Everything here is called with the calendar and the users concerned locked (`locking`).
"""

from datetime import UTC, datetime

from calendars.engine.slots import Slot
from calendars.engine.spans import Span
from calendars.models import Appointment, Calendar, Meeting, MeetingHost, OutboxItem, resource_of
from calendars.services import outbox
from calendars.services.taking import free, retake, span_of, take

Copy = MeetingHost.Copy


def make_meeting(
    calendar: Calendar, span: Span, *, host: int, because: str, anyway: bool = False
) -> Meeting:
    """A meeting of one host in that span of epoch seconds, with its time taken.

    Raises an `IntegrityError` (`taking.is_overlap`) where somebody holds part of it. With `anyway`
    nothing is taken yet: once it has a seat, `take_the_rest` takes what is free.
    """
    meeting: Meeting = Meeting.objects.create(
        sub_account=calendar.sub_account,
        calendar=calendar,
        starts_at=datetime.fromtimestamp(span[0], UTC),
        ends_at=datetime.fromtimestamp(span[1], UTC),
        buffer_before=calendar.buffer_before,
        buffer_after=calendar.buffer_after,
    )
    part = MeetingHost.objects.create(meeting=meeting, user_id=host, chosen_because=because)
    if not anyway:
        take(part)
    return meeting


def take_the_rest(meeting: Meeting) -> None:
    """Take what nobody holds of the meeting's time, and flag it where that is not all."""
    retake([part.resource for part in meeting.hosts.serving()], around=[span_of(meeting)])


def move_meeting(
    meeting: Meeting, slot: Slot, *, host: int, because: str, anyway: bool = False
) -> None:
    """Give the meeting the slot's span and that host, by its calendar's rules of today.

    The time it had is free afterwards. Raises an `IntegrityError` as `make_meeting` does; with
    `anyway` the meeting takes what is free of the new time, and is flagged.
    """
    before = span_of(meeting)
    resources = {part.resource for part in meeting.hosts.all()} | {resource_of(host)}
    for part in meeting.hosts.serving():
        free(part)
    calendar = meeting.calendar
    meeting.starts_at = datetime.fromtimestamp(slot.start, UTC)
    meeting.ends_at = datetime.fromtimestamp(slot.end, UTC)
    meeting.buffer_before, meeting.buffer_after = calendar.buffer_before, calendar.buffer_after
    meeting.save(update_fields=["starts_at", "ends_at", "buffer_before", "buffer_after"])
    part = _hand_over(meeting, host, because)
    if not anyway:
        take(part)
    retake(resources, around=[before, span_of(meeting)])


def want_copies(meeting: Meeting) -> None:
    """Have every host's event on iCloud match the meeting, also of those who handed it over; and
    ring: it comes last in every change of a meeting."""
    for part in meeting.hosts.order_by("pk"):
        want_copy(part, meeting)
    outbox.ring()


def want_copy(part: MeetingHost, meeting: Meeting) -> None:
    """Have this host's event match the meeting; until it does, pages say that it waits."""
    # Without a linked calendar there is nothing to wait for; nor for who handed it over before.
    waits_already = part.copy == Copy.WAITING and not part.copy_problem
    is_over = part.copy == Copy.REMOVED and not part.is_serving
    if not (waits_already or is_over or part.copy == Copy.NONE):
        show_copy(part, Copy.WAITING)
    outbox.want(OutboxItem.Effect.WRITE, part.pk, sub_account=meeting.sub_account)


def show_copy(part: MeetingHost, copy: MeetingHost.Copy, problem: str = "") -> None:
    """How the host's copy on iCloud stands, for the pages of staff."""
    MeetingHost.objects.filter(pk=part.pk).update(copy=copy, copy_problem=problem[:300])


def give_back(meeting: Meeting) -> None:
    """Free the meeting's time, unless a seat in it is still held."""
    if meeting.appointments.live().exists():
        return
    parts = list(meeting.hosts.serving())
    for part in parts:
        free(part)
    meeting.hosts.update(is_overlapping=False)
    retake([part.resource for part in parts], around=[span_of(meeting)])


def serving_hosts(appointment: Appointment) -> list[int]:
    """The users who serve it, by primary key, the owner first."""
    parts = appointment.meeting.hosts.serving().exclude(user=None).primary_first()
    return list(parts.values_list("user_id", flat=True))


def _hand_over(meeting: Meeting, host: int, because: str) -> MeetingHost:
    """That host serves the meeting from now on, and nobody else."""
    meeting.hosts.exclude(user=host).update(is_serving=False, is_overlapping=False)
    part, created = MeetingHost.objects.get_or_create(
        meeting=meeting, user_id=host, defaults={"chosen_because": because}
    )
    if not created and not part.is_serving:
        part.is_serving, part.chosen_because = True, because
        part.save(update_fields=["is_serving", "chosen_because"])
    part.meeting = meeting
    return part
