"""A calendar becomes one of another kind, where the meetings that it has can follow."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import ngettext

from calendars.models import Appointment, Calendar, Meeting

Kind = Calendar.Kind
# One host serves each of their meetings, and shares it among so many guests as there are seats.
ALIKE = frozenset({Kind.ROUND_ROBIN, Kind.CLASS, Kind.SERVICE})


def in_the_way(calendar: Calendar, *, before: str, after: str, now: datetime) -> int:
    """How many upcoming meetings are none that a calendar of the other kind could have: with one
    host, with all of them, or with nobody but the calendar itself."""
    if before == after or {before, after} <= ALIKE:
        return 0
    held = Appointment.objects.live().filter(meeting=OuterRef("pk"))
    upcoming = Meeting.objects.filter(Exists(held), calendar=calendar, ends_at__gt=now)
    return upcoming.count()


def why_not(calendar: Calendar, *, before: str, after: str, now: datetime) -> str:
    """What holds the calendar to its kind, in words; empty where nothing does."""
    count = in_the_way(calendar, before=before, after=after, now=now)
    if not count:
        return ""
    said = ngettext(
        "It has %(number)s upcoming meeting, which a calendar of that kind cannot have."
        " Move or cancel what is ahead first, or make another calendar.",
        "It has %(number)s upcoming meetings, which a calendar of that kind cannot have."
        " Move or cancel what is ahead first, or make another calendar.",
        count,
    )
    return said % {"number": count}
