"""What guests and staff do in Daybook: calls of its services. What it acknowledges is noted."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from django.utils import timezone

from calendars.models import Appointment, MeetingHost
from calendars.services.booking import BookingRequest, Guest, book, book_for_guest
from calendars.services.booking_keys import new_key
from calendars.services.cancelling import cancel, restore
from calendars.services.correcting import correct, guest_of
from calendars.services.moving import move, reschedule
from calendars.services.refusals import ChangesClosed, Ended, NotFree, NotOffered, SlotTaken
from integrations.models import MirroredEvent
from integrations.services.mirroring import STANDING
from integrations.services.rewriting import write_again
from tests.machine.model import HALF_HOUR, Booked, at, meet, span
from tests.machine.oracle import certain
from tests.machine.stage import Host, Stage

Interruption = AbstractContextManager[object]
REFUSALS = (SlotTaken, NotOffered, NotFree, Ended, ChangesClosed)


def book_publicly(
    stage: Stage, slot: int, host: int | None, within: Interruption | None = None
) -> None:
    """A guest books, and sends the form again where no answer came."""
    guest = f"Guest-{next(stage.theirs.numbers):03}"
    request = BookingRequest(
        calendar=stage.calendar,
        starts_at=at(slot),
        name=guest,
        email=f"{guest.lower()}@guest.test",
        phone="",
        notes="",
        time_zone="UTC",
        key=new_key(stage.calendar),
        host=None if host is None else stage.hosts[host].user.pk,
    )
    answers: list[Appointment] = []
    try:
        with within or nullcontext():
            answers.append(book(request, now=timezone.now()))
        if not answers:
            answers.append(book(request, now=timezone.now()))
    except REFUSALS:
        return
    _note(stage, answers[0], slot)
    _was_free(stage, answers[0])


def book_anyway(stage: Stage, slot: int, host: int) -> None:
    """Staff book whatever lies there."""
    guest = f"Guest-{next(stage.theirs.numbers):03}"
    made = book_for_guest(
        stage.calendar,
        at(slot),
        Guest(guest, "", "", "", "UTC"),
        by=stage.tenant.admin,
        now=timezone.now(),
        host=stage.hosts[host].user.pk,
        anyway=True,
    )
    _note(stage, made, slot)


def move_one(
    stage: Stage,
    which: int,
    slot: int,
    *,
    host: int | None = None,
    anyway: bool = False,
    by_guest: bool = False,
    within: Interruption | None = None,
) -> None:
    """Staff move an appointment, to another host where one is named; or its guest does."""
    booked = one_of(stage, which, is_live=True)
    if booked is None:
        return
    row, now, answers = _row(booked), timezone.now(), list[Appointment]()
    was_by = _serving(booked)
    was_at, staff = row.meeting.starts_at, stage.tenant.admin
    to = None if host is None else stage.hosts[host].user.pk
    try:
        with within or nullcontext():
            if by_guest:
                answers.append(reschedule(row, at(slot), now=now))
            else:
                answers.append(move(row, at(slot), by=staff, now=now, host=to, anyway=anyway))
    except REFUSALS:
        return
    if not answers:
        return
    booked.must_cancel = False
    if was_by != _serving(booked):  # another host's event now: what was written stays behind
        booked.added.clear()
        booked.elsewhere &= _whose_still_stands(stage, booked)
    if booked.was_restored:
        booked.times.add(at(slot))
        return
    is_unread = booked.put_at is not None and booked.put_at != was_at
    booked.times = {at(slot), booked.put_at} if is_unread and booked.put_at else {at(slot)}
    booked.is_torn |= is_unread


def cancel_one(stage: Stage, which: int, within: Interruption | None = None) -> None:
    booked = one_of(stage, which, is_live=True)
    if booked is None:
        return
    row, answers = _row(booked), list[Appointment]()
    with within or nullcontext():
        answers.append(cancel(row, by=stage.tenant.admin))
    if not answers:
        return
    booked.is_live = booked.must_cancel = False
    booked.times.add(row.meeting.starts_at)
    booked.added.clear()


def put_right(stage: Stage, which: int, within: Interruption | None = None) -> None:
    """Staff write down what a guest asks for: that is to stand in the event, too."""
    booked = one_of(stage, which, is_live=True)
    if booked is None:
        return
    row, answers = _row(booked), list[set[str]]()
    line, staff, now = f"Asks-{next(stage.theirs.numbers)}", stage.tenant.admin, timezone.now()
    guest = replace(guest_of(row), notes=line)
    with within or nullcontext():
        answers.append(correct(row, guest, by=staff, now=now, with_contact=False))
    booked.asks = {line} if answers else booked.asks | {line}
    booked.must_cancel = False


def restore_one(stage: Stage, which: int, *, anyway: bool) -> None:
    booked = one_of(stage, which, is_live=False)
    if booked is None:
        return
    try:
        restore(_row(booked), by=stage.tenant.admin, now=timezone.now(), anyway=anyway)
    except NotFree:
        return
    booked.is_live, booked.must_cancel = True, False


def have_written_again(stage: Stage, which: int) -> None:
    """Staff ask for the event to be put right, or anew."""
    booked = one_of(stage, which, is_live=True)
    if booked is not None:
        for part in MeetingHost.objects.serving().filter(meeting__appointments=booked.pk):
            booked.must_cancel &= not write_again(part)


def parts(stage: Stage) -> list[MeetingHost]:
    """Every host's part in what was booked, in order."""
    pks = [booked.pk for booked in stage.model.booked]
    return list(MeetingHost.objects.filter(meeting__appointments__in=pks).order_by("pk"))


def one_of(stage: Stage, which: int, *, is_live: bool) -> Booked | None:
    found = [booked for booked in stage.model.booked if booked.is_live is is_live]
    return found[which % len(found)] if found else None


def _row(booked: Booked) -> Appointment:
    row: Appointment = Appointment.objects.select_related("meeting__calendar").get(pk=booked.pk)
    return row


def _whose_still_stands(stage: Stage, booked: Booked) -> set[int]:
    """Hosts whose event stands, or may: should it come back to them, it stays where it is."""
    events = MirroredEvent.objects.filter(meeting_host__meeting__appointments=booked.pk)
    users = set(events.filter(state__in=STANDING).values_list("meeting_host__user", flat=True))
    return {host.number for host in stage.hosts if host.user.pk in users}


def _serving(booked: Booked) -> list[int]:
    parts = MeetingHost.objects.serving().filter(meeting__appointments=booked.pk)
    return list(parts.values_list("user", flat=True))


def _note(stage: Stage, made: Appointment, slot: int) -> None:
    stage.model.booked.append(Booked(made.pk, made.guest_name, is_live=True, times={at(slot)}))


def _was_free(stage: Stage, made: Appointment) -> None:
    """What was offered to the public lay over nothing that Daybook has read."""
    meeting = made.meeting
    assert meeting.ends_at - meeting.starts_at == HALF_HOUR
    mine = span(meeting.starts_at, meeting.ends_at)
    host = _host_of(stage, made)
    for uid, spans in certain(stage, host).items():
        assert not any(meet(mine, each) for each in spans), f"O5: booked over {uid}"


def _host_of(stage: Stage, made: Appointment) -> Host:
    serving = MeetingHost.objects.serving().get(meeting=made.meeting)
    return next(host for host in stage.hosts if host.user.pk == serving.user_id)
