"""Write a meeting's event to iCloud again, because somebody asked for it."""

from django.db import transaction

from calendars.models import MeetingHost
from calendars.services import outbox
from calendars.services.meetings import show_copy, want_copy

Copy = MeetingHost.Copy
# What a person can do something about: the rest is written, or being written.
AGAIN = frozenset({Copy.DELETED, Copy.CHANGED, Copy.REFUSED, Copy.NONE})


@transaction.atomic
def write_again(part: MeetingHost) -> bool:
    """Have the event stand as Daybook says: anew where it was deleted, over what was changed.

    False where there is nothing to do.
    """
    if part.copy not in AGAIN:
        return False
    show_copy(part, Copy.WAITING)
    want_copy(part, part.meeting)
    outbox.ring()
    return True
