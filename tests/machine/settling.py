"""The end of a run: faults are over, hours pass, people do what the pages tell them, and then
iCloud and Daybook must say the same."""

from datetime import timedelta

from django.apps import apps
from django.db import connection as database
from django.db.models import F
from django.utils import timezone

from calendars.models import Appointment, MeetingHost, OutboxItem
from calendars.services.offering import slots
from integrations.models import Connection, RemoteEvent
from tests.machine import apple, edits, folders, own_events, owners, worker
from tests.machine.model import HALF_HOUR, SLOTS, Booked, Own, at, halves, span
from tests.machine.oracle import blocks, check, own_uids
from tests.machine.people import have_written_again
from tests.machine.restoring import check_strays
from tests.machine.stage import Host, Stage

ROUND = timedelta(minutes=75)  # longer than any pause that Daybook makes
MOST_ROUNDS = 9
Copy = MeetingHost.Copy


def settle(stage: Stage) -> None:
    stage.relent()
    folders.bring_back(stage)
    folders.make_writable(stage)
    apple.show_all(stage)
    _finish_leaving(stage)
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
    edits.check_settled(stage)
    _check_secrets(stage)


def _finish_leaving(stage: Stage) -> None:
    """Who disconnects and has events removed is gone when that is done: it does not take long."""
    if not stage.model.leaving:
        return
    for _ in range(2):
        stage.passes(ROUND)
        worker.deliver(stage)
    for number in list(stage.model.leaving):
        row = stage.connection(stage.hosts[number])
        assert row.state == Connection.State.DISCONNECTED, "O6: it does not come to leave"
    check(stage)


def _mend(stage: Stage) -> None:
    """What the pages ask people to do: sign in anew, choose a linked calendar, have refused events
    written again, delete by hand what could not be taken away."""
    for host in stage.hosts:
        owners.come_back(stage, host, takes_upcoming=True)
        row = stage.connection(host)
        is_out = row.state == Connection.State.NEEDS_RECONNECT
        if is_out or stage.password(host) != str(row.secret):
            worker.sign_in_anew(stage, host)
        _link(stage, host)
    refused = Appointment.objects.live().filter(meeting__hosts__copy=Copy.REFUSED)
    for number, booked in enumerate(one for one in stage.model.booked if one.is_live):
        if refused.filter(pk=booked.pk).exists():
            have_written_again(stage, number)
    _delete_what_stays(stage)


def _link(stage: Stage, host: Host) -> None:
    """Appointments that are on no calendar come to be on one."""
    linked = stage.model.linked[host.number]
    nowhere = MeetingHost.objects.holding().filter(user=host.user, copy=Copy.NONE)
    if not linked or nowhere.exists():
        owners.link(stage, host, linked or host.folders[0], takes_upcoming=True)


def _delete_what_stays(stage: Stage) -> None:
    stays = MeetingHost.objects.filter(copy=Copy.REFUSED).exclude(
        pk__in=MeetingHost.objects.holding().values("pk")
    )
    uids = stays.values_list("mirrored_events__uid", flat=True)
    known = {str(uid) for uid in uids}
    for own in stage.own():
        if own.uid in known:
            stage.icloud.delete(own.path)
            own_events.lose_own(stage, own)


def _is_waiting(stage: Stage) -> bool:
    unsettled = OutboxItem.objects.filter(settled_revision__lt=F("revision"), parked_at=None)
    rows = [stage.connection(host) for host in stage.hosts]
    is_due = unsettled.exclude(effect=OutboxItem.Effect.MAIL).exists()
    is_gone = RemoteEvent.objects.exclude(missing_since=None).exists()  # once seen missing
    # What can be linked again is known once it has been read: then its owner does so.
    is_nowhere = MeetingHost.objects.holding().filter(copy=Copy.NONE).exists()
    return is_due or is_gone or is_nowhere or any(row.problem for row in rows)


def _check_blocked(stage: Stage, host: Host) -> None:
    """O5, asked as a guest asks: no time of an event or a meeting is offered, and all other is."""
    known, unread = own_uids(), set[int]()  # iCloud did not hand it out, which is shown
    meetings = MeetingHost.objects.holding().filter(user=host.user).select_related("meeting")
    found = blocks()[host.user.pk]
    kept = [each for each in found if each.is_kept or _is_unknown(stage, each.uid)]
    assert not {each.uid for each in kept} & known, "O5: an own event blocks its host"
    taken = {half for each in kept for half in halves(each.span)}
    for part in meetings:
        taken |= halves(span(part.meeting.starts_at, part.meeting.ends_at))
    for event in stage.theirs.within(host.folders):
        time = {half for each in event.busy for half in halves(each)}
        taken |= time
        if event.path in worker.given_up(host):
            old = [each.span for each in found if each.uid == event.uid]
            unread |= time | {half for each in old for half in halves(each)}
    every = {half for slot in range(SLOTS) for half in halves(span(at(slot), at(slot) + HALF_HOUR))}
    free = slots(stage.calendar, first=at(0), last=at(SLOTS), now=timezone.now(), host=host.user.pk)
    offered = {half for slot in free for half in halves((slot.start, slot.end))} & every
    assert offered - unread == every - taken - unread, "O5: offered otherwise than it is free"


def _is_unknown(stage: Stage, uid: str) -> bool:
    """Whether it is an event of Daybook's that was forgotten: it blocks like anybody's."""
    return uid not in stage.theirs.events and uid not in stage.theirs.graves


def _check_events(stage: Stage) -> None:
    """O3: one event for each appointment and host, at its time; and no other of ours."""
    standing = {own.uid: own for own in stage.own()}
    for booked in stage.model.booked:
        for part in MeetingHost.objects.filter(meeting__appointments=booked.pk):
            uids = {str(uid) for uid in part.mirrored_events.values_list("uid", flat=True)}
            here = [standing.pop(uid) for uid in sorted(uids) if uid in standing]
            _check_part(stage, booked, part, here)
    check_strays(stage, list(standing.values()))


def _check_part(stage: Stage, booked: Booked, part: MeetingHost, here: list[Own]) -> None:
    if not (booked.is_live and part.is_serving):
        assert here == [], "O3: it was cancelled, or handed over, and its event stands"
        assert part.copy in {Copy.REMOVED, Copy.NONE}, "O6"
        return
    starts_at = part.meeting.starts_at
    assert starts_at in booked.times, "O2: at another time"
    assert not booked.must_cancel, "D3: deleted in iCloud, which is to cancel it, and it stands"
    excuses = booked.excuses
    match part.copy:
        case Copy.WRITTEN:
            assert [own.starts_at for own in here] == [starts_at], "O3"
            host = stage.host_of(here[0].path)
            assert host.user.pk == part.user_id, "O3: on another's calendar"
            linked = stage.model.linked[host.number]
            is_linked = here[0].path.startswith(linked)
            assert is_linked or host.number in booked.elsewhere, "B7: not moved there"
            asks = [{line} - {""} for line in booked.asks]
            assert booked.was_restored or here[0].asks in asks, "O3: what its guest asks for"
            added = booked.added.get(host.number, set())
            assert added <= here[0].lines, "O4: what its host wrote into it is gone"
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
