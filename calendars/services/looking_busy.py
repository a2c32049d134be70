"""Which of a calendar's free times guests are not shown."""

from django.utils.crypto import salted_hmac

from calendars.engine.looking_busy import LookBusy
from calendars.engine.slots import Kind
from calendars.models import Appointment, Calendar

NEVER = frozenset({Kind.CLASS, Kind.SERVICE})


def looks_busy(calendar: Calendar) -> LookBusy | None:
    """How much it hides, and the key to which times; None where it hides nothing.

    The key changes with each booking, however that ends. One query, or none.
    """
    if not calendar.look_busy or Kind(calendar.kind) in NEVER:
        return None
    bookings = Appointment.objects.filter(meeting__calendar=calendar).count()
    key = salted_hmac(__name__, f"{calendar.pk} {bookings}", algorithm="sha256").digest()
    return LookBusy(calendar.look_busy, key, calendar.zone)
