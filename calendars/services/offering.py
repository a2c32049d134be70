"""What a calendar offers, as lists: of a span, of dates, and the first date of all."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calendars.engine.hours import ONE_DAY, instant
from calendars.engine.slots import Slot
from calendars.services.availability import bookable_time, load
from calendars.services.combining import Offered
from calendars.services.seats import Moving

# Most calendars have a free time soon; only the others are read to their horizon.
NEAR = timedelta(days=35)


def slots(
    calendar: Offered, *, first: datetime, last: datetime, now: datetime, host: int | None = None
) -> list[Slot]:
    """The offered slots that begin at or after `first` and before `last`, in order."""
    asked = (int(first.timestamp()), int(last.timestamp()))
    return load(calendar, asked=asked, now=now, host=host).slots()


def slots_by_date(
    calendar: Offered,
    *,
    first: date,
    last: date,
    zone: ZoneInfo,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
    to_guests: bool = True,
) -> dict[date, list[Slot]]:
    """The offered slots of the zone's dates from `first` to `last`, both included; no empty dates.

    The zone only groups: which slots there are does not depend on it. Guests are not shown all of
    them where the calendar looks busy.
    """
    asked = (instant(zone, first), instant(zone, last + ONE_DAY))
    offer = load(calendar, asked=asked, now=now, host=host, moving=moving)
    return by_date(offer.shown() if to_guests else offer.slots(), zone)


def by_date(slots: Iterable[Slot], zone: ZoneInfo) -> dict[date, list[Slot]]:
    """The slots under the date on which each begins in that zone."""
    found: defaultdict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        found[datetime.fromtimestamp(slot.start, zone).date()].append(slot)
    return dict(found)


def slots_on(
    calendar: Offered, day: date, zone: ZoneInfo, *, now: datetime, host: int | None = None
) -> list[Slot]:
    """The offered slots that begin on that date of the zone."""
    found = slots_by_date(calendar, first=day, last=day, zone=zone, now=now, host=host)
    return found.get(day, [])


def first_bookable_date(
    calendar: Offered,
    zone: ZoneInfo,
    *,
    now: datetime,
    host: int | None = None,
    moving: Moving | None = None,
    to_guests: bool = True,
) -> date | None:
    """The first date of the zone with an offered slot; None if there is none up to the horizon."""
    bookable = bookable_time(calendar, now=now)
    step = int(NEAR.total_seconds())
    # Part by part: the first one mostly has it, and a far horizon is never in memory at once.
    for start in range(bookable.opens, bookable.closes, step):
        asked = (start, min(start + step, bookable.closes))
        offer = load(calendar, asked=asked, now=now, host=host, moving=moving)
        if found := offer.shown() if to_guests else offer.slots():
            return datetime.fromtimestamp(found[0].start, zone).date()
    return None
