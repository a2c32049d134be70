"""A calendar that can be booked, and bookings on it, for tests about what follows."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import SubAccount, User
from calendars.models import (
    Appointment,
    Calendar,
    CalendarHost,
    OutboxItem,
    Schedule,
    WeeklyHours,
)
from calendars.services.booking import BookingRequest, book
from calendars.services.booking_keys import new_key


def make_calendar(sub_account: SubAccount, *hosts: User, slug: str = "intro") -> Calendar:
    """A round robin of half-hours, open day and night, every day, without notice."""
    calendar = Calendar.objects.create(
        sub_account=sub_account, name="Intro call", slug=slug, location="Quay 4", notice=0
    )
    for position, host in enumerate(hosts):
        CalendarHost.objects.create(calendar=calendar, user=host, position=position)
        schedule, created = Schedule.objects.get_or_create(
            sub_account=sub_account, user=host, calendar=None
        )
        if created:
            WeeklyHours.objects.bulk_create(
                WeeklyHours(schedule=schedule, weekday=day, opens=0, closes=1440)
                for day in range(7)
            )
    return calendar


def book_at(calendar: Calendar, starts_at: datetime, *, name: str = "Gwen Guest") -> Appointment:
    request = BookingRequest(
        calendar=calendar,
        starts_at=starts_at,
        name=name,
        email="gwen@guest.test",
        phone="+49 30 1234",
        notes="Second floor",
        time_zone="Europe/Berlin",
        key=new_key(calendar),
    )
    return book(request, now=timezone.now())


def book_at_and_post(
    calendar: Calendar, starts_at: datetime, *, name: str = "Gwen Guest"
) -> Appointment:
    """The same, with its mails sent already: what waits in the outbox is for iCloud."""
    appointment = book_at(calendar, starts_at, name=name)
    OutboxItem.objects.filter(effect=OutboxItem.Effect.MAIL).delete()
    return appointment


def tomorrow_at(hour: int) -> datetime:
    """A whole hour of tomorrow, UTC."""
    day = timezone.now() + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
