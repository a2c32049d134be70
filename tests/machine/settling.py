"""The end of a run: faults are over, hours pass, people do what the pages tell them, and then
iCloud and Daybook must say the same."""

from datetime import timedelta

from django.apps import apps
from django.db import connection as database
from django.db.models import F
from django.utils import timezone

from calendars.models import Appointment, MeetingHost, OutboxItem
from calendars.services.availability import slots
from integrations.models import Connection, RemoteEvent
from tests.machine import others, worker
from tests.machine.model import HALF_HOUR, SLOTS, Booked, Own, at, halves, span
from tests.machine.oracle import blocks, check, own_uids
from tests.machine.people import have_written_again
from tests.machine.stage import Host, Stage

ROUND = timedelta(minutes=75)  # longer than any pause that Daybook makes
MOST_ROUNDS = 9
Copy = MeetingHost.Copy


def settle(stage: Stage) -> None:
    stage.relent()
    others.show_all(stage)
    for _ in range(MOST_ROUNDS):
        stage.passes(ROUND)
        _mend(stage)
        requests = [worker.sync(stage, host) for host in stage.hosts]
        carried = worker.deliver(stage)
        check(stage)
        if requests == [1, 1] and carried == 0 and not _is_waiting(stage):
            return
    raise AssertionError("It does not come to rest.")


def check_settled(stage: Stage) -> None:
    for host in stage.hosts:
        row = stage.connection(host)
        assert (row.state, row.problem) == (Connection.State.CONNECTED, ""), "O6"
        _check_blocked(stage, host)
    _check_events(stage)
    _check_secrets(stage)


def _mend(stage: Stage) -> None:
    """What the pages ask people to do: sign in anew, have refused events written again."""
    for host in stage.hosts:
        row = stage.connection(host)
        is_out = row.state == Connection.State.NEEDS_RECONNECT
        if is_out or stage.password(host) != str(row.secret):
            worker.sign_in_anew(stage, host)
    refused = Appointment.objects.live().filter(meeting__hosts__copy=Copy.REFUSED)
    for number, booked in enumerate(one for one in stage.model.booked if one.is_live):
        if refused.filter(pk=booked.pk).exists():
            have_written_again(stage, number)


def _is_waiting(stage: Stage) -> bool:
    unsettled = OutboxItem.objects.filter(settled_revision__lt=F("revision"), parked_at=None)
    rows = [stage.connection(host) for host in stage.hosts]
    is_due = unsettled.exclude(effect=OutboxItem.Effect.MAIL).exists()
    is_gone = RemoteEvent.objects.exclude(missing_since=None).exists()  # once seen missing
    return is_due or is_gone or any(row.problem for row in rows)


def _check_blocked(stage: Stage, host: Host) -> None:
    """O5, asked as a guest asks: no time of an event or a meeting is offered, and all other is."""
    known = own_uids()
    meetings = MeetingHost.objects.holding().filter(user=host.user).select_related("meeting")
    kept = [each for each in blocks()[host.user.pk] if each.is_kept or each.uid not in known]
    taken = {half for each in kept for half in halves(each.span)}
    for part in meetings:
        taken |= halves(span(part.meeting.starts_at, part.meeting.ends_at))
    unread = set()  # iCloud did not hand it out, which is shown
    for event in stage.theirs.within(host.folders):
        time = {half for each in event.busy for half in halves(each)}
        taken |= time
        unread |= time if event.path in worker.given_up(host) else set()
    every = {half for slot in range(SLOTS) for half in halves(span(at(slot), at(slot) + HALF_HOUR))}
    found = slots(
        stage.calendar, first=at(0), last=at(SLOTS), now=timezone.now(), host=host.user.pk
    )
    offered = {half for slot in found for half in halves((slot.start, slot.end))} & every
    assert offered - unread == every - taken - unread, "O5: offered otherwise than it is free"


def _check_events(stage: Stage) -> None:
    """O3: one event for each appointment and host, at its time; and no other of ours."""
    standing = {own.uid: own for own in stage.own()}
    for booked in stage.model.booked:
        for part in MeetingHost.objects.filter(meeting__appointments=booked.pk):
            uids = {str(uid) for uid in part.mirrored_events.values_list("uid", flat=True)}
            here = [standing.pop(uid) for uid in sorted(uids) if uid in standing]
            _check_part(stage, booked, part, here)
    assert stage.theirs.was_restored or not standing, "O3: an event of no appointment"
    assert not set(standing) & own_uids(), "O3: an event of no appointment"


def _check_part(stage: Stage, booked: Booked, part: MeetingHost, here: list[Own]) -> None:
    if not (booked.is_live and part.is_serving):
        assert here == [], "O3: it was cancelled, or handed over, and its event stands"
        assert part.copy in {Copy.REMOVED, Copy.NONE}, "O6"
        return
    starts_at = part.meeting.starts_at
    assert booked.times is None or starts_at in booked.times, "O2: at another time"
    excuses = booked.excuses | ({"deleted"} if stage.theirs.was_restored else set())
    match part.copy:
        case Copy.WRITTEN:
            assert [own.starts_at for own in here] == [starts_at], "O3"
            assert stage.host_of(here[0].path).user.pk == part.user_id, "O3: on another's calendar"
        case Copy.CHANGED:
            assert [own.starts_at for own in here] == [None], "O3"
            assert "reshaped" in excuses, "O6: called changed, and never was"
        case Copy.DELETED:
            assert here == [], "O3: called deleted, and stands there"
            assert "deleted" in excuses, "O6: called deleted, and never was"
        case _:
            raise AssertionError(f"O6: {part.copy} when all has settled")


def _check_secrets(stage: Stage) -> None:
    """O7: no password in any column of any table."""
    secrets = [each for given in stage.theirs.passwords.values() for each in given if each]
    with database.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text = repr(cursor.fetchall())
            assert not any(secret in text for secret in secrets), f"O7: {model.__name__}"
