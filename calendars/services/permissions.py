"""Who may do what with appointments. Every member of a sub-account reads them."""

from django.db.models import Exists, OuterRef

from accounts.models import Member
from calendars.models import Appointment, Calendar, CalendarHost, MeetingHost
from calendars.models.offers import CalendarQuerySet


def calendars_to_book_on(member: Member) -> CalendarQuerySet:
    """The sub-account's calendars on which the member may book for guests."""
    calendars: CalendarQuerySet = Calendar.objects.within(member.sub_account)
    if member.is_admin:
        return calendars
    return calendars.filter(
        Exists(CalendarHost.objects.filter(calendar=OuterRef("pk"), user=member.user_id))
    )


def may_book_on(member: Member, calendar: Calendar) -> bool:
    return calendars_to_book_on(member).filter(pk=calendar.pk).exists()


def may_change_appointment(member: Member, appointment: Appointment) -> bool:
    """Its hosts may, those of its calendar, and the sub-account's admins."""
    meeting = appointment.meeting
    serving = MeetingHost.objects.filter(meeting=meeting, user=member.user_id).serving()
    return may_book_on(member, meeting.calendar) or serving.exists()
