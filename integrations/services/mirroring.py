"""Make a host's event on their linked calendar match its meeting.

UID and address are stored before the first request, so an answer that never came is no riddle: the
next attempt finds out what stands there. Nothing that Daybook did not write is overwritten or
removed.
"""

import uuid
from contextlib import suppress

from django.db import transaction

from calendars.models import MeetingHost
from integrations.caldav.client import Client
from integrations.caldav.collection import etag_of
from integrations.caldav.errors import CalDAVError, NotFound, PreconditionFailed, UidConflict
from integrations.caldav.parsing import uid_of
from integrations.caldav.resource import Resource
from integrations.models import CalendarConfiguration, MirroredEvent, RemoteCalendar
from integrations.services.composing import Wanted, wanted_event
from integrations.services.following import follow_one
from integrations.services.storing import forget_own, store_own

MOST_TRIES = 5
State = MirroredEvent.State


class NotOurs(Exception):
    """Something else stands where the event should go, again and again."""


class VanishedMeanwhile(Exception):
    """The event is no longer where it was written: deleted, or dragged to another calendar."""


def calendar_for(host: MeetingHost) -> RemoteCalendar | None:
    """Where the host's event stands or may stand already, else where it is to be written.

    A write whose answer was lost may have arrived: it is finished where it was begun, whatever
    calendar was linked meanwhile, or there would be two.
    """
    newest = _newest(host)
    if newest is None or newest.state in {State.REMOVED, State.DELETED}:
        return linked_calendar_of(host)
    return newest.remote_calendar


def linked_calendar_of(host: MeetingHost) -> RemoteCalendar | None:
    """Where this host's appointments go in the meeting's sub-account; None: nowhere."""
    configuration = (
        CalendarConfiguration.objects.within(host.meeting.sub_account)
        .filter(user=host.user)
        .select_related("linked_calendar__connection__remote_account")
        .first()
    )
    return configuration.linked_calendar if configuration else None


def to_remove(host: MeetingHost, *, but_newest: bool) -> list[MirroredEvent]:
    """The events of this host that stand, or may stand, and should not; the oldest first.

    `but_newest` spares the last one: earlier generations that came back are one too many.
    """
    standing = host.mirrored_events.filter(state__in=[State.INTENDED, State.WRITTEN])
    if but_newest and (newest := _newest(host)):
        standing = standing.filter(state=State.WRITTEN, generation__lt=newest.generation)
    events = standing.select_related("remote_calendar__connection__remote_account", "meeting_host")
    return list(events.order_by("generation"))


def intend(host: MeetingHost, calendar: RemoteCalendar) -> MirroredEvent:
    """The record of the host's event, written before the server hears of it."""
    newest = host.mirrored_events.order_by("-generation").first()
    if newest is None or newest.remote_calendar_id != calendar.pk:
        return _next_generation(host, calendar, newest)
    if newest.state in {State.REMOVED, State.DELETED}:
        return _next_generation(host, calendar, newest)  # iCloud takes no name a second time
    return newest


def mirror(client: Client, event: MirroredEvent) -> MirroredEvent:
    """Bring the server to what the meeting says. Returns the record that stands at the end.

    Raises `CalDAVError`s, `NotOurs` when every address tried holds somebody else's event, and
    `VanishedMeanwhile` when an event that was written is not there any more.
    """
    for _ in range(MOST_TRIES):
        wanted = wanted_event(event)
        if wanted is None:
            remove(client, event)
            return event
        if event.state == State.WRITTEN and wanted.means.key == event.pushed_hash:
            return event
        try:
            _put_or_look(client, event, wanted)
        except (UidConflict, _Occupied):
            event = _next_generation(event.meeting_host, event.remote_calendar, event)
    raise NotOurs


def remove(client: Client, event: MirroredEvent) -> None:
    """Have nothing of ours stand at the event's address. Gone already is as good.

    What somebody else put there stays. Raises `CalDAVError`s.
    """
    with suppress(NotFound, _Occupied):  # it is not there, or it is not ours
        _delete(client, event)
    with transaction.atomic():
        event.state, event.etag, event.pushed_hash = State.REMOVED, "", ""
        event.save(update_fields=["state", "etag", "pushed_hash"])
        forget_own(event)


class _Occupied(Exception):
    """Another event stands at our address, or the address can't be used any more."""


def _put_or_look(client: Client, event: MirroredEvent, wanted: Wanted) -> None:
    """Write it; where the server says that it stands otherwise, take note of how it stands."""
    try:
        _put(client, event, wanted)
    except PreconditionFailed:
        _after_conflict(client, event)
    except NotFound:
        if event.state != State.WRITTEN:
            raise
        _after_conflict(client, event)


def _put(client: Client, event: MirroredEvent, wanted: Wanted) -> None:
    if event.state == State.WRITTEN and not event.etag:
        event.etag = etag_of(client, event.href)  # the server did not say when it was written
    if event.etag:
        etag = client.put(event.href, wanted.ics, etag=event.etag)
    else:
        etag = client.put(event.href, wanted.ics, create=True)
    event.etag = etag or _etag_now(client, event.href)
    event.pushed_hash, event.state, event.problem = wanted.means.key, State.WRITTEN, ""
    with transaction.atomic():
        event.save(update_fields=["etag", "pushed_hash", "state", "problem"])
        store_own(event, wanted.ics)


def _etag_now(client: Client, href: str) -> str:
    """Unknown where the server will not say: the event stands, and the next write finds out."""
    try:
        return etag_of(client, href)
    except CalDAVError:
        return ""


def _delete(client: Client, event: MirroredEvent) -> None:
    """Delete our event, whatever version of it stands there by now."""
    etag = event.etag
    for _ in range(MOST_TRIES):
        try:
            client.delete(event.href, etag=etag or _ours(client, event).etag)
        except PreconditionFailed:
            etag = _ours(client, event).etag  # changed meanwhile; it is ours all the same
        else:
            return
    raise PreconditionFailed


def _after_conflict(client: Client, event: MirroredEvent) -> None:
    """412: perhaps our own answer was lost, perhaps the server touched it, perhaps its owner did,
    perhaps the place is taken. Afterwards the record says what stands there."""
    try:
        standing = _ours(client, event)
    except NotFound:
        if event.state != State.WRITTEN:
            raise _Occupied from None  # a tombstone: the name was deleted once and stays refused
        event.state = State.DELETED
        event.save(update_fields=["state"])
        raise VanishedMeanwhile from None
    with transaction.atomic():
        follow_one(event, standing)
        store_own(event, standing.ics)


def _ours(client: Client, event: MirroredEvent) -> Resource:
    standing = client.get(event.href)
    if uid_of(standing.ics) != str(event.uid):
        raise _Occupied
    return standing


def _newest(host: MeetingHost) -> MirroredEvent | None:
    return (
        host.mirrored_events.select_related("remote_calendar__connection__remote_account")
        .exclude(remote_calendar=None)
        .exclude(remote_calendar__connection__state="disconnected")
        .order_by("-generation")
        .first()
    )


@transaction.atomic
def _next_generation(
    host: MeetingHost, calendar: RemoteCalendar | None, last: MirroredEvent | None
) -> MirroredEvent:
    if calendar is None:
        raise NotOurs
    uid = uuid.uuid4()
    return MirroredEvent.objects.create(
        meeting_host=host,
        remote_calendar=calendar,
        uid=uid,
        href=f"{calendar.path.rstrip('/')}/{uid}.ics",
        generation=last.generation + 1 if last else 1,
    )
