"""Make a host's event on their linked calendar match its meeting.

UID, address and meaning are stored before a request, so an answer that never came is no riddle: the
next attempt looks first what stands there. Nothing that Daybook did not write is overwritten or
removed.
"""

import uuid

from django.db import transaction
from django.db.models import QuerySet

from calendars.models import MeetingHost
from integrations.caldav.client import Client
from integrations.caldav.collection import look_for
from integrations.caldav.errors import (
    Forbidden,
    NotFound,
    PreconditionFailed,
    Rejected,
    Throttled,
    UidConflict,
    Unauthorized,
)
from integrations.caldav.parsing import uid_of
from integrations.caldav.resource import Resource
from integrations.caldav.texts import added
from integrations.models import CalendarConfiguration, Connection, MirroredEvent, RemoteCalendar
from integrations.services.composing import Wanted, wanted_event
from integrations.services.following import LONGEST_ADDED, follow_one
from integrations.services.standing import (
    is_unknown,
    note_not_there,
    note_removed,
    note_sending,
    note_written,
)
from integrations.services.storing import store_own

MOST_TRIES = 6
State = MirroredEvent.State
STANDING = frozenset({State.INTENDED, State.WRITTEN})


class NotOurs(Exception):
    """Something else stands where the event should go, again and again."""


class LinkedElsewhere(Exception):
    """Another calendar was chosen, or none, since it was decided where the event goes."""


class VanishedMeanwhile(Exception):
    """The event is no longer where it was written: deleted, or dragged to another calendar."""

    def __init__(self, event: MirroredEvent) -> None:
        super().__init__(f"Event {event.pk} is gone.")
        self.event = event


def calendar_for(host: MeetingHost) -> RemoteCalendar | None:
    """Where the host's event stands or may stand already, else where it is to be written.

    A write whose answer was lost may have arrived: it is finished where it was begun, whatever
    calendar was linked meanwhile, or there would be two.
    """
    current = current_of(host)
    return current.remote_calendar if current else linked_calendar_of(host)


def linked_calendar_of(host: MeetingHost) -> RemoteCalendar | None:
    """Where this host's appointments go in the meeting's sub-account; None: nowhere."""
    linked = "linked_calendar__connection__remote_account"
    configuration = _configuration_of(host).select_related(linked).first()
    return configuration.linked_calendar if configuration else None


def _configuration_of(host: MeetingHost) -> QuerySet[CalendarConfiguration]:
    rows: QuerySet[CalendarConfiguration] = CalendarConfiguration.objects.within(
        host.meeting.sub_account
    )
    return rows.filter(user=host.user)


def current_of(host: MeetingHost) -> MirroredEvent | None:
    """The host's event that stands, or may stand, within reach, and is to stay; the last one."""
    staying = (event for event in reversed(events_of(host)) if not event.is_leaving)
    return next((event for event in staying if is_in_reach(event)), None)


def surplus_of(host: MeetingHost, *, wanted: bool) -> list[MirroredEvent]:
    """What stands, or may stand, of this host's events and should not, those within reach first.

    While one is wanted, that is what came back of earlier generations, and what is to leave.
    """
    events = events_of(host)
    if not wanted:
        return sorted(events, key=is_in_reach, reverse=True)
    current = current_of(host)
    return [event for event in events if is_in_reach(event) and _is_surplus(event, current)]


def _is_surplus(event: MirroredEvent, current: MirroredEvent | None) -> bool:
    return event.is_leaving or (current is not None and event.generation < current.generation)


def events_of(host: MeetingHost) -> list[MirroredEvent]:
    """The events of this host that stand or may stand somewhere, the oldest first."""
    events = host.mirrored_events.filter(state__in=STANDING).select_related(
        "remote_calendar__connection__remote_account", "meeting_host"
    )
    return list(events.order_by("generation"))


def is_in_reach(event: MirroredEvent) -> bool:
    """Whether its calendar belongs to an account that is still connected."""
    calendar = event.remote_calendar
    return calendar is not None and calendar.connection.state != Connection.State.DISCONNECTED


def intend(host: MeetingHost, calendar: RemoteCalendar) -> MirroredEvent:
    """The record of the host's event, written before the server hears of it.

    iCloud takes no name a second time: after a deletion there is a new one. Raises
    `LinkedElsewhere` where it would go to a calendar that is not the linked one any more: whoever
    chose another has what stands moved there, and did not see this one.
    """
    current = current_of(host)
    if current is not None and current.remote_calendar_id == calendar.pk:
        return current
    with transaction.atomic():
        # Who chooses calendars holds the same lock: they see the record, or it is not made.
        chosen = _configuration_of(host).select_for_update().first()
        if current is not None or chosen is None or chosen.linked_calendar_id != calendar.pk:
            raise LinkedElsewhere
        return _next_generation(host, calendar)


def mirror(client: Client, event: MirroredEvent) -> None:
    """Bring the server to what the meeting says.

    Raises `CalDAVError`s, `NotOurs` when every address tried holds somebody else's event, and
    `VanishedMeanwhile` when an event that was written is not there any more.
    """
    for _ in range(MOST_TRIES):
        try:
            if is_unknown(event):
                _look(client, event)
            wanted = wanted_event(event)
            if wanted is None:
                remove(client, event)
                return
            if event.state == State.WRITTEN and wanted.means.key == event.standing_hash:
                return
            _put_or_look(client, event, wanted)
        except (UidConflict, _Occupied):
            note_removed(event)  # ours does not stand there
            event = _next_generation(event.meeting_host, event.remote_calendar)
    raise NotOurs


def remove(client: Client, event: MirroredEvent) -> None:
    """Have nothing of ours stand at the event's address. Gone already is as good.

    What somebody else put there stays. Raises `CalDAVError`s, `NotFound` where its whole calendar
    is out of sight: the event may come back with it.
    """
    try:
        _delete(client, event)
    except NotFound:
        _look_for_calendar(client, event)
    except _Occupied:
        pass  # what stands there is not ours
    with transaction.atomic():
        _hand_on(event)
        note_removed(event)


def _hand_on(event: MirroredEvent) -> None:
    """What its host wrote into it belongs to the event that stands, or is to, in its place."""
    current = current_of(event.meeting_host)
    if current is None or current.pk == event.pk:
        return
    missing = added(event.added_text, current.own_text, current.added_text)
    if missing:
        current.added_text = f"{current.added_text}\n{missing}".strip()[:LONGEST_ADDED]
        current.save(update_fields=["added_text"])


def _look_for_calendar(client: Client, event: MirroredEvent) -> None:
    calendar = event.remote_calendar
    source = calendar.busy_source if calendar else None
    if calendar is not None and (source is None or source.gone_at is None):
        look_for(client, calendar.path)


class _Occupied(Exception):
    """Another event stands at our address, or the address can't be used any more."""


def _put_or_look(client: Client, event: MirroredEvent, wanted: Wanted) -> None:
    """Write it; where the server says that it stands otherwise, take note of how it stands."""
    try:
        _put(client, event, wanted)
    except PreconditionFailed:
        if not _look(client, event):
            raise _Occupied from None  # a tombstone: the name was deleted once and stays refused
    except (NotFound, Rejected, Forbidden) as refused:
        if event.state == State.INTENDED:
            note_removed(event)  # refused for good: the next attempt goes where it is linked then
        elif isinstance(refused, Forbidden):
            note_not_there(event)
        else:
            _look(client, event)  # perhaps the event is gone, or its whole calendar
        raise
    except (Throttled, Unauthorized):
        note_not_there(event)  # it was not even looked at
        raise


def _put(client: Client, event: MirroredEvent, wanted: Wanted) -> None:
    note_sending(event, wanted.means, wanted.own_text)
    if event.state == State.WRITTEN:
        etag = client.put(event.href, wanted.ics, etag=event.etag)
    else:
        etag = client.put(event.href, wanted.ics, create=True)
    note_written(event, wanted.ics, etag=etag or "", span=wanted.side.span)


def _delete(client: Client, event: MirroredEvent) -> None:
    """Delete our event, whatever version of it stands there by now."""
    etag = event.etag
    for _ in range(MOST_TRIES):
        try:
            client.delete(event.href, etag=etag or _changed_meanwhile(client, event).etag)
        except PreconditionFailed:
            etag = _changed_meanwhile(client, event).etag  # it is ours all the same
        else:
            return
    raise PreconditionFailed


def _changed_meanwhile(client: Client, event: MirroredEvent) -> Resource:
    """What its owner made of it. That is followed first: another one takes its place, or will once
    its appointment is restored."""
    standing = _ours(client, event)
    follow_one(event, standing)
    return standing


def _look(client: Client, event: MirroredEvent) -> bool:
    """Find out what stands at the address, and follow what its owner did to it; False: nothing.

    Perhaps our own answer was lost, perhaps the server touched it, perhaps the place is taken.
    """
    try:
        standing = _ours(client, event)
    except NotFound:
        note_not_there(event)
        if event.state == State.WRITTEN:
            raise VanishedMeanwhile(event) from None
        return False
    with transaction.atomic():
        follow_one(event, standing)
        store_own(event, standing.ics)
    return True


def _ours(client: Client, event: MirroredEvent) -> Resource:
    standing = client.get(event.href)
    if uid_of(standing.ics) != str(event.uid):
        raise _Occupied
    return standing


@transaction.atomic
def _next_generation(host: MeetingHost, calendar: RemoteCalendar | None) -> MirroredEvent:
    if calendar is None:
        raise NotOurs
    last = host.mirrored_events.order_by("-generation").first()
    generation = last.generation + 1 if last else 1
    uid = name_of(host, generation)
    return MirroredEvent.objects.create(
        meeting_host=host,
        remote_calendar=calendar,
        uid=uid,
        href=f"{calendar.path.rstrip('/')}/{uid}.ics",
        generation=generation,
        added_text=last.added_text if last else "",
    )


def name_of(host: MeetingHost, generation: int) -> uuid.UUID:
    """The UID of the host's event in that generation.

    It follows from what was stored with the booking, so that a database older than the first
    write comes to the same name, and finds its own event there.
    """
    return uuid.uuid5(host.copy_key, str(generation))
