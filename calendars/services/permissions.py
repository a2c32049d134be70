"""Who changes calendars and hours. Blocked slots made by hand are their owner's alone."""

from accounts.models import Member
from calendars.models import Calendar, CalendarHost
from calendars.models.offers import CalendarQuerySet


def editable(member: Member) -> CalendarQuerySet:
    """The calendars whose settings this member may change: an admin's all, a user's those they
    host. Who hosts a calendar is the admins' to say."""
    calendars: CalendarQuerySet = Calendar.objects.within(member.sub_account)
    if member.is_admin:
        return calendars
    hosted = CalendarHost.objects.filter(user=member.user_id)
    return calendars.filter(pk__in=hosted.values("calendar"))


def edits_hours(member: Member, *, of: int) -> bool:
    """Whether the member may set the hours for one calendar of the user with primary key `of`."""
    return member.is_admin or member.user_id == of
