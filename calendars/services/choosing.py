"""Which of the free hosts gets a booking, on current rows."""

from datetime import UTC, datetime, timedelta

from django.db.models import Count, IntegerField, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from calendars.engine.choice import Candidate, choose
from calendars.engine.slots import Slot
from calendars.models import Calendar, MeetingHost
from calendars.services.availability import hosts_of
from calendars.services.taking import HOLDING

NEARBY = timedelta(hours=24)


def choose_host(calendar: Calendar, slot: Slot) -> tuple[int, str]:
    """The user who gets the slot, by primary key, and why, in words. One query."""
    rows = (
        hosts_of(calendar)
        .filter(user__in=slot.hosts)
        .annotate(
            nearby=Coalesce(_nearby(datetime.fromtimestamp(slot.start, UTC)), 0),
            last_assigned=_last_assigned(calendar),
        )
        .values_list("user_id", "priority", "nearby", "last_assigned")
    )
    return choose(
        [
            Candidate(user, priority, nearby, assigned and int(assigned.timestamp()), order)
            for order, (user, priority, nearby, assigned) in enumerate(rows)
        ]
    )


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
