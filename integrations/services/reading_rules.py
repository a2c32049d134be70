"""Change how a conflict calendar is read."""

from django.db import transaction

from calendars.models import BusySource
from calendars.services.horizons import expand_soon
from integrations.caldav.blocking import ReadingRules
from integrations.models import ConflictCalendar


class NoLongerChosen(Exception):
    """The calendar was unticked in the meantime."""


@transaction.atomic
def change_rules(chosen: ConflictCalendar, rules: ReadingRules) -> None:
    """Read the calendar by these rules from now on, and what is stored of it too.

    That is done in the worker, without asking iCloud. Until then everything blocks as it did.
    Raises `NoLongerChosen`.
    """
    changed = ConflictCalendar.objects.filter(pk=chosen.pk).update(
        all_day=rules.all_day,
        unanswered_blocks=rules.unanswered_blocks,
        tentative_blocks=rules.tentative_blocks,
        travel_counts=rules.travel_counts,
    )
    if not changed:
        raise NoLongerChosen
    expand_soon(BusySource.objects.filter(remote_calendar=chosen.remote_calendar_id))
