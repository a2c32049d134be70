from calendars.models.blocked import BlockedSlot, BusySource
from calendars.models.contacts import Contact
from calendars.models.history import HistoryEntry, Mail
from calendars.models.hours import DateOverride, Schedule, WeeklyHours
from calendars.models.meetings import (
    Appointment,
    Meeting,
    MeetingHost,
    MeetingService,
    Taken,
    resource_of,
    resource_of_calendar,
)
from calendars.models.offers import Calendar, CalendarGroup, CalendarHost
from calendars.models.outbox import OutboxItem

__all__ = [
    "Appointment",
    "BlockedSlot",
    "BusySource",
    "Calendar",
    "CalendarGroup",
    "CalendarHost",
    "Contact",
    "DateOverride",
    "HistoryEntry",
    "Mail",
    "Meeting",
    "MeetingHost",
    "MeetingService",
    "OutboxItem",
    "Schedule",
    "Taken",
    "WeeklyHours",
    "resource_of",
    "resource_of_calendar",
]
