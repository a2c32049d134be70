"""Which of the free hosts gets a booking, on current rows."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db.models import Count, IntegerField, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from calendars.engine.choice import Candidate, Mode, choose
from calendars.engine.limits import months
from calendars.engine.slots import Slot
from calendars.models import Calendar, MeetingHost
from calendars.services.limiting import counted_in, distributes, meetings_held
from calendars.services.seats import Moving
from calendars.services.serving import hosts_of
from calendars.services.taking import HOLDING

NEARBY = timedelta(hours=24)


def choose_host(calendar: Calendar, slot: Slot, *, moving: Moving | None = None) -> tuple[int, str]:
    """The user who gets the slot, by primary key, and why, in words.

    A meeting all of which is `moving` to it does not count as one that its host has. One query,
    and one more for equal distribution.
    """
    rows = (
        hosts_of(calendar)
        .filter(user__in=slot.hosts)
        .annotate(
            nearby=Coalesce(_nearby(datetime.fromtimestamp(slot.start, UTC)), 0),
            last_assigned=_last_assigned(calendar),
        )
        .values_list("user_id", "priority", "nearby", "last_assigned")
    )
    counted = _counted(calendar, slot, moving)
    candidates = [
        Candidate(
            user,
            priority,
            nearby,
            assigned and int(assigned.timestamp()),
            order,
            counted=counted[user],
        )
        for order, (user, priority, nearby, assigned) in enumerate(rows)
    ]
    return choose(candidates, Mode.EQUAL if distributes(calendar) else Mode.AVAILABILITY)


def why_chosen(part: MeetingHost) -> str:
    """Why this host was chosen, in the reader's language; it is kept in English. Empty where nobody
    chose."""
    return gettext(part.chosen_because) if part.chosen_because else ""


def _counted(calendar: Calendar, slot: Slot, moving: Moving | None) -> Counter[int]:
    """Each host's appointments in the slot's month, where they decide."""
    if not distributes(calendar):
        return Counter()
    [month] = months((slot.start, slot.start + 1), calendar.zone)
    but = moving.gives_up if moving else None
    return counted_in(month, meetings_held(calendar, within=month, but=but))


def _nearby(at: datetime) -> Subquery:
    """A host's appointments around that instant, wherever they are booked."""
    meetings = MeetingHost.objects.filter(
        user=OuterRef("user"),
        is_serving=True,
        meeting__starts_at__gt=at - NEARBY,
        meeting__starts_at__lt=at + NEARBY,
        meeting__appointments__status__in=HOLDING,
    )
    counted = meetings.order_by().values("user").annotate(number=Count("meeting__appointments"))
    return Subquery(counted.values("number"), output_field=IntegerField())


def _last_assigned(calendar: Calendar) -> Subquery:
    """When this calendar last gave a host a meeting."""
    meetings = MeetingHost.objects.filter(user=OuterRef("user"), meeting__calendar=calendar)
    latest = meetings.order_by().values("user").annotate(last=Max("meeting__created_at"))
    return Subquery(latest.values("last"))
