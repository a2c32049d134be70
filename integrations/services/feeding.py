"""Begin and end the reading of remote calendars: their feeds of busy time come and go with it."""

from collections.abc import Iterable

from calendars.models import BusySource
from integrations.models import RemoteCalendar, RemoteEvent


def start_reading(calendar: RemoteCalendar, *, is_blocking: bool) -> None:
    """Give a calendar a feed. Until it is first read its owner is not bookable."""
    _forget([calendar.pk])
    calendar.busy_source = BusySource.objects.create(
        user=calendar.connection.user,
        sub_account=calendar.connection.sub_account,
        name=str(calendar),
        is_blocking=is_blocking,
    )
    calendar.save(update_fields=["busy_source"])


def stop_reading(calendars: Iterable[RemoteCalendar]) -> None:
    """Take the feeds away, with the blocked slots in them and all that was read."""
    rows = list(calendars)
    # In the order of a sync: the calendar first, then its events.
    pks = [row.pk for row in rows]
    list(RemoteCalendar.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    _forget([row.pk for row in rows])
    BusySource.objects.filter(pk__in=[row.busy_source_id for row in rows]).delete()


def _forget(pks: list[int]) -> None:
    RemoteEvent.objects.filter(remote_calendar__in=pks).delete()
    RemoteCalendar.objects.filter(pk__in=pks).update(
        busy_source=None,
        sync_token="",
        poll_marker="",
        doubted_since=None,
        listed_at=None,
        unread=0,
        expanded_by="",
        expands_to=None,
    )
