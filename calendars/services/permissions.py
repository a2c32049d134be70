"""Who works on which calendars and appointments. Every member of a sub-account reads them.

Blocked slots made by hand are their owner's alone, save those that an admin made for several people
at once (`blocking_by_hand.changeable`).
"""

from accounts.models import Member
from calendars.models import Appointment, Calendar, CalendarHost, MeetingHost
from calendars.models.offers import CalendarQuerySet


def own_calendars(member: Member) -> CalendarQuerySet:
    """The calendars whose settings this member may change, and on which they may book for guests:
    an admin's all, a user's those they host. Who hosts a calendar is the admins' to say."""
    calendars: CalendarQuerySet = Calendar.objects.within(member.sub_account)
    if member.is_admin:
        return calendars
    hosted = CalendarHost.objects.filter(user=member.user_id)
    return calendars.filter(pk__in=hosted.values("calendar"))


def edits_hours(member: Member, *, of: int) -> bool:
    """Whether the member may set the hours for one calendar of the user with primary key `of`."""
    return member.is_admin or member.user_id == of


def may_book_on(member: Member, calendar: Calendar) -> bool:
    return own_calendars(member).filter(pk=calendar.pk).exists()


def may_change_appointment(member: Member, appointment: Appointment) -> bool:
    """Its hosts may, those of its calendar, and the sub-account's admins."""
    meeting = appointment.meeting
    serving = MeetingHost.objects.filter(meeting=meeting, user=member.user_id).serving()
    return may_book_on(member, meeting.calendar) or serving.exists()
