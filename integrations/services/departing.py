"""Events of Daybook's own on their way out of a calendar: to another one, or away for good.

What is to leave is marked, and the outbox takes it away: the old event first, then, where there is
a linked calendar, a new one is written there. Until that is done the old one stands, is read, and
is followed.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import SubAccount, User
from calendars.models import MeetingHost, OutboxItem
from calendars.services import outbox
from calendars.services.meetings import show_copy, want_copy
from integrations.models import Connection, MirroredEvent, RemoteCalendar

State = MirroredEvent.State


def upcoming_parts(user: User, sub_account: SubAccount) -> QuerySet[MeetingHost]:
    """The user's part in each meeting there that is not over and in which a seat is held."""
    parts: QuerySet[MeetingHost] = MeetingHost.objects.within(sub_account).holding()
    return parts.filter(user=user, meeting__ends_at__gt=timezone.now())


def upcoming_events(connection: Connection) -> QuerySet[MirroredEvent]:
    """What stands, or may stand, in the connection's calendars of meetings that are not over."""
    return _standing().filter(
        remote_calendar__connection=connection, meeting_host__meeting__ends_at__gt=timezone.now()
    )


def calendars_needed(calendars: Iterable[int]) -> set[int]:
    """Of these, by primary key, those in which an event of an upcoming meeting stands, or one that
    is still to be taken out."""
    needed = Q(is_leaving=True) | Q(meeting_host__meeting__ends_at__gt=timezone.now())
    standing = _standing().filter(needed, remote_calendar__in=list(calendars))
    return set(standing.values_list("remote_calendar", flat=True))


def leaving_of(connection: Connection) -> QuerySet[MirroredEvent]:
    """What is still to be taken out of the connection's calendars."""
    return _standing().filter(remote_calendar__connection=connection, is_leaving=True)


@transaction.atomic
def have_all_written(
    user: User, sub_account: SubAccount, linked: RemoteCalendar, *, was_linked: bool
) -> int:
    """Have the events of all upcoming meetings stand on the calendar linked now; those that stand
    elsewhere leave. Returns how many meetings these are, without those that are there already.

    Where it was linked before as well, what its owner deleted there stays deleted.
    """
    upcoming = upcoming_parts(user, sub_account)
    there = _standing().filter(remote_calendar=linked, is_leaving=False).values("meeting_host")
    # What stands there and counts as being nowhere changed while its account was disconnected.
    kept = Q(pk__in=there) & ~Q(copy=MeetingHost.Copy.NONE)
    if was_linked:
        kept |= Q(copy=MeetingHost.Copy.DELETED)
    parts = list(upcoming.exclude(kept).select_related("meeting__sub_account"))
    # What is taken for deleted as well: a listing may be wrong, and it turns up again.
    events = MirroredEvent.objects.filter(meeting_host__in=parts).exclude(state=State.REMOVED)
    events.exclude(remote_calendar=linked).update(is_leaving=True)
    events.filter(remote_calendar=linked).update(is_leaving=False)  # it may stay after all
    for part in parts:
        if part.copy == MeetingHost.Copy.NONE:
            show_copy(part, MeetingHost.Copy.WAITING)
        want_copy(part, part.meeting)
    outbox.ring()
    return len(parts)


@transaction.atomic
def have_removed(events: QuerySet[MirroredEvent]) -> int:
    """Have these events taken away, and written where their hosts link now, if anywhere.

    Returns how many there are.
    """
    leaving = list(events.select_related("meeting_host__meeting__sub_account"))
    MirroredEvent.objects.filter(pk__in=[event.pk for event in leaving]).update(is_leaving=True)
    places = {event.meeting_host_id: event.meeting_host.meeting.sub_account_id for event in leaving}
    outbox.want_each(OutboxItem.Effect.WRITE, places)
    outbox.ring()
    return len(leaving)


def _standing() -> QuerySet[MirroredEvent]:
    return MirroredEvent.objects.filter(state__in=[State.INTENDED, State.WRITTEN])
