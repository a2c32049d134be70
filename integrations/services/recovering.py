"""Events of Daybook's own that the database has forgotten, such as after a backup was restored.

Their names follow from what was stored with the booking: what was written for a meeting that is
known is recognised, however much was written since the backup.
"""

from collections.abc import Sequence

from django.db.models import Max

from calendars.models import BusySource, MeetingHost
from integrations.caldav.ics import is_written_by
from integrations.models import MirroredEvent, RemoteCalendar, RemoteEvent
from integrations.services.composing import site
from integrations.services.mirroring import name_of
from integrations.services.recognising import written_by_us

FURTHEST = 8  # generations that may have been written since


def recover(calendar: RemoteCalendar, source: BusySource, events: Sequence[RemoteEvent]) -> None:
    """Remember those of these events that were written for a meeting of the calendar's owner.

    What they say is compared with the meeting by whoever follows own events.
    """
    marked = {event.uid: event for event in events if is_written_by(event.raw, site())}
    unknown = marked.keys() - written_by_us(marked)
    if not unknown:
        return
    parts = MeetingHost.objects.filter(
        user=source.user_id, meeting__sub_account=source.sub_account_id
    )
    last = parts.annotate(last=Max("mirrored_events__generation")).values_list("pk", "last")
    generations = dict(last)
    found = []
    for part in parts:
        known = generations.get(part.pk) or 0
        for generation in range(known + 1, known + 1 + FURTHEST):
            uid = name_of(part, generation)
            if str(uid) in unknown:
                place = {"remote_calendar": calendar, "href": marked[str(uid)].href}
                event = MirroredEvent(meeting_host=part, uid=uid, generation=generation, **place)
                found.append(event)
    MirroredEvent.objects.bulk_create(found, ignore_conflicts=True)  # the outbox may be there first
