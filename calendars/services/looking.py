"""Look at the hosts' own calendars once more before a time is booked.

A snapshot is minutes old at times. What fills it is not this app's business: it is asked by name.
"""

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from calendars.services.availability import load
from calendars.services.combining import Offered, combination
from calendars.services.seats import ITSELF, Moving


def look_first(
    calendar: Offered,
    starts_at: datetime,
    *,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
) -> None:
    """Have the calendars read live of whoever could serve that time, if it is offered at all.

    Takes up to `LIVE_CHECK_SECONDS`. Whatever comes of it, booking asks the engine again, which
    then decides by what was read last. Call it before the transaction: no lock may wait for a
    network. Whoever sends a form has passed the form's own checks, its key and the limits before.
    """
    start = int(starts_at.timestamp())
    offer = load(calendar, asked=(start, start + 1), now=now, host=host, moving=moving)
    users = {user for slot in offer.slots() for user in slot.hosts} - {ITSELF}
    if users:
        import_string(settings.LIVE_CHECK)(users, combination(calendar).first.sub_account)
