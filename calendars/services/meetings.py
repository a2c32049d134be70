"""Meetings as rows: made with their hosts and seats, given to other hosts, moved, dissolved.

Everything here is called with the calendar and the users concerned locked (`locking`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from calendars.engine.slots import Slot
from calendars.models import Appointment, Meeting, MeetingHost, MeetingService, OutboxItem
from calendars.services import outbox
from calendars.services.assigning import Assigned
from calendars.services.combining import Combination, as_booked
from calendars.services.taking import free, retake, span_of, take

Copy = MeetingHost.Copy


def make_meeting(
    wanted: Combination, slot: Slot, *, hosts: Sequence[Assigned], anyway: bool = False
) -> Meeting:
    """A meeting of those hosts in that slot, with its time taken, and with the services that it
    consists of where they are several.

    Raises an `IntegrityError` (`taking.is_taken`) where somebody holds part of it. With `anyway`
    nothing is taken yet: once it has a seat, `take_the_rest` takes what is free.
    """
    meeting: Meeting = Meeting.objects.create(
        sub_account=wanted.first.sub_account,
        calendar=wanted.first,
        starts_at=datetime.fromtimestamp(slot.start, UTC),
        ends_at=datetime.fromtimestamp(slot.end, UTC),
        buffer_before=wanted.buffer_before,
        buffer_after=wanted.buffer_after,
    )
    _write_services(meeting, wanted)
    parts = [_new_part(meeting, host) for host in hosts]
    if not anyway:
        _take_all(parts)
    return meeting


def take_the_rest(meeting: Meeting) -> None:
    """Take what nobody holds of the meeting's time, and flag it where that is not all."""
    retake([part.resource for part in meeting.hosts.serving()], around=[span_of(meeting)])


def move_meeting(
    meeting: Meeting, slot: Slot, *, hosts: Sequence[Assigned], anyway: bool = False
) -> None:
    """Give the meeting the slot's span and those hosts, by its calendars' rules of today.

    The time it had is free afterwards. Raises an `IntegrityError` as `make_meeting` does; with
    `anyway` the meeting takes what is free of the new time, and is flagged.
    """
    before = span_of(meeting)
    resources = {part.resource for part in meeting.hosts.all()}
    for part in meeting.hosts.serving():
        free(part)
    wanted = as_booked(meeting)
    meeting.starts_at = datetime.fromtimestamp(slot.start, UTC)
    meeting.ends_at = datetime.fromtimestamp(slot.end, UTC)
    meeting.buffer_before, meeting.buffer_after = wanted.buffer_before, wanted.buffer_after
    meeting.save(update_fields=["starts_at", "ends_at", "buffer_before", "buffer_after"])
    parts = _give_to(meeting, hosts)
    if not anyway:
        _take_all(parts)
    resources |= {part.resource for part in parts}
    retake(resources, around=[before, span_of(meeting)])


def want_copies(meeting: Meeting) -> None:
    """Have every host's event on iCloud match the meeting, also of those who handed it over; and
    ring: it comes last in every change of a meeting."""
    for part in meeting.hosts.order_by("pk"):
        want_copy(part, meeting)
    outbox.ring()


def want_copy(part: MeetingHost, meeting: Meeting) -> None:
    """Have this host's event match the meeting; until it does, pages say that it waits.

    Of a simple calendar's meeting there is none: nobody serves it.
    """
    if part.user_id is None:
        return
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


def _write_services(meeting: Meeting, wanted: Combination) -> None:
    if not wanted.further:
        return
    each = enumerate(zip(wanted.calendars, wanted.durations, strict=True))
    MeetingService.objects.bulk_create(
        MeetingService(meeting=meeting, calendar=calendar, position=position, duration=duration)
        for position, (calendar, duration) in each
    )


def _take_all(parts: Sequence[MeetingHost]) -> None:
    for part in parts:
        take(part)


def _give_to(meeting: Meeting, hosts: Sequence[Assigned]) -> list[MeetingHost]:
    """These hosts serve the meeting from now on, and nobody else."""
    before = {part.user_id: part for part in meeting.hosts.all()}
    for user in before.keys() - {host.user for host in hosts}:
        part = before[user]
        part.is_serving = part.is_primary = part.is_overlapping = False
        part.save(update_fields=["is_serving", "is_primary", "is_overlapping"])
    return [
        _serve(before[host.user], host) if host.user in before else _new_part(meeting, host)
        for host in hosts
    ]


def _new_part(meeting: Meeting, host: Assigned) -> MeetingHost:
    return MeetingHost.objects.create(
        meeting=meeting,
        user_id=host.user,
        is_primary=host.is_primary,
        chosen_because=host.because,
        copy=Copy.NONE if host.user is None else Copy.WAITING,
    )


def _serve(part: MeetingHost, host: Assigned) -> MeetingHost:
    """Who serves it already was chosen for the reason that was given then."""
    if not part.is_serving:
        part.is_serving, part.chosen_because = True, host.because
    part.is_primary = host.is_primary
    part.save(update_fields=["is_serving", "is_primary", "chosen_because"])
    return part
