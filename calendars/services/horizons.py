"""How far ahead anybody can book a user: what feeds of busy time must reach."""

from datetime import timedelta

from accounts.models import SubAccount, User
from calendars.models import Calendar

LEAST = timedelta(days=60)
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
