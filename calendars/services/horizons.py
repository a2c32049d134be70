"""How far ahead anybody can book a user: what feeds of busy time must reach."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import SubAccount, User
from calendars.models import BusySource, Calendar, OutboxItem
from calendars.services import outbox

LEAST = timedelta(days=60)
_A_DAY = timedelta(days=1)  # the last bookable date ends that much later at most
_LONGEST_UNIT = {
    Calendar.HorizonUnit.DAYS: timedelta(days=1),
    Calendar.HorizonUnit.WEEKS: timedelta(weeks=1),
    Calendar.HorizonUnit.MONTHS: timedelta(days=31),
}


def furthest_horizon(user: User, sub_account: SubAccount) -> timedelta:
    """The longest booking horizon of the calendars this user hosts here; 60 days at least."""
    hosted = Calendar.objects.within(sub_account).active().filter(calendarhost__user=user)
    spans = hosted.values_list("horizon", "horizon_unit")
    return max(
        [LEAST, *(horizon * _LONGEST_UNIT[Calendar.HorizonUnit(unit)] for horizon, unit in spans)]
    )


def extend_feeds(calendar: Calendar) -> None:
    """Have the feeds of the calendar's hosts reach as far as they can now be booked.

    Call it in the transaction that changes the horizon, the hosts, or whether it is active.
    """
    short: list[BusySource] = []
    for user in calendar.hosts.all():
        needed = timezone.now() + furthest_horizon(user, calendar.sub_account) + _A_DAY
        feeds = BusySource.objects.within(calendar.sub_account).filter(user=user)
        # One that is just being read for the first time may have begun with the horizon of before.
        short += feeds.filter(Q(expanded_until=None) | Q(expanded_until__lt=needed))
    expand_soon(short)


def expand_soon(sources: Iterable[BusySource]) -> None:
    """Have these feeds expanded from what is stored of them, inside the caller's transaction."""
    subjects = {source.pk: source.sub_account_id for source in sources}
    if subjects:
        outbox.want_each(OutboxItem.Effect.EXPAND, subjects)
        outbox.ring()
