"""People, a sub-account, calendars and hours to click through; safe to run again."""

import os
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from calendars.models import Calendar, CalendarGroup, CalendarHost, Schedule, WeeklyHours
from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import choose_conflicts, choose_linked, configuration_of
from integrations.services.connecting import connect
from integrations.services.proving import ConnectingError
from integrations.services.pulling import pull

PASSWORD = "daybook-demo"  # noqa: S105 -- of demo people only
ZONE = "Europe/Berlin"
WORKDAYS = range(5)
HOURS = ((9 * 60, 12 * 60 + 30), (13 * 60 + 30, 17 * 60))
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
INTRO = "Half an hour to get to know each other."
SERVICES = (
    ("portrait", "Portrait", 45, "€ 90"),
    ("retouching", "Retouching", 30, "€ 40"),
    ("prints", "Choosing prints", 15, "free"),
)


class Command(BaseCommand):
    help = (
        "Make the demo agency. With --connect APPLE_ID (and DEMO_APP_PASSWORD in the environment) "
        "Ana's iCloud account is connected, configured and read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connect", metavar="APPLE_ID", help="Ana's Apple ID")
        parser.add_argument("--no-sync", action="store_true", help="leave reading to the worker")

    def handle(self, *args: Any, connect: str | None, no_sync: bool, **options: Any) -> None:
        sub_account = make_people()
        make_calendars(sub_account)
        connection = self._connect_ana(sub_account, connect) if connect else None
        if connection and not no_sync:
            pull(connection)

    def _connect_ana(self, sub_account: SubAccount, apple_id: str) -> Connection | None:
        ana = User.objects.get(email="ana@demo.test")
        if Connection.objects.of(ana, sub_account).exists():
            return None
        password = os.environ.get("DEMO_APP_PASSWORD", "")
        try:
            return connect_and_choose(ana, sub_account, apple_id, password)
        except ConnectingError as refused:
            raise CommandError(f"Ana's iCloud was not connected: {refused}") from refused


@transaction.atomic
def make_people() -> SubAccount:
    agency, _ = Agency.objects.get_or_create(name="Northwind Agency")
    sub_account, _ = SubAccount.objects.get_or_create(
        slug="riverside",
        defaults={"agency": agency, "name": "Riverside Studio", "time_zone": ZONE},
    )
    boss = make_user("agency@demo.test", "Noor Winter")
    AgencyMember.objects.get_or_create(agency=agency, user=boss)
    for email, name, role in (
        ("admin@demo.test", "Alex Rivera", Member.Role.ADMIN),
        ("ana@demo.test", "Ana Costa", Member.Role.USER),
        ("ben@demo.test", "Ben Okafor", Member.Role.USER),
    ):
        user = make_user(email, name)
        Member.objects.get_or_create(sub_account=sub_account, user=user, defaults={"role": role})
    return sub_account


def make_user(email: str, full_name: str) -> User:
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, PASSWORD, full_name=full_name)


@transaction.atomic
def make_calendars(sub_account: SubAccount) -> None:
    """One of each kind: an intro call that Ana and Ben share, one that only Ben serves, one with
    both of them, a class, a menu of services, and a room."""
    ana, ben = (User.objects.get(email=f"{name}@demo.test") for name in ("ana", "ben"))
    for host in (ana, ben):
        open_on_workdays(sub_account, user=host)
    make_calendar(sub_account, "intro-call", "Intro call", [ana, ben], description=INTRO)
    make_calendar(sub_account, "consultation", "Consultation with Ben", [ben], description=INTRO)
    make_calendar(
        sub_account,
        "kick-off",
        "Project kick-off",
        [ana, ben],
        kind=Calendar.Kind.COLLECTIVE,
        duration=HOUR,
        description="An hour with both of us.",
    )
    make_calendar(
        sub_account,
        "drawing-class",
        "Drawing class",
        [ana],
        kind=Calendar.Kind.CLASS,
        seats=8,
        duration=HOUR,
        interval=HOUR,
        daily_limit=2,
        description="Bring a pencil. Eight places.",
    )
    make_menu(sub_account, [ana, ben])
    room = make_calendar(
        sub_account,
        "meeting-room",
        "Meeting room",
        [],
        kind=Calendar.Kind.SIMPLE,
        duration=HOUR,
        interval=HOUR,
        description="For up to six people.",
    )
    open_on_workdays(sub_account, calendar=room)


def make_menu(sub_account: SubAccount, hosts: list[User]) -> None:
    menu, _ = CalendarGroup.objects.get_or_create(
        sub_account=sub_account,
        slug="portraits",
        defaults={"name": "Portraits", "description": "Choose one session, or several in a row."},
    )
    for place, (slug, name, minutes, price) in enumerate(SERVICES, start=1):
        make_calendar(
            sub_account,
            slug,
            name,
            hosts,
            kind=Calendar.Kind.SERVICE,
            group=menu,
            place_in_menu=place,
            duration=timedelta(minutes=minutes),
            price=price,
        )


def open_on_workdays(sub_account: SubAccount, **whose: Any) -> None:
    """Working hours of a person for all their calendars, or of a simple calendar itself."""
    schedule, created = Schedule.objects.get_or_create(
        sub_account=sub_account,
        **{"user": None, "calendar": None, **whose},
        defaults={"time_zone": ZONE},
    )
    if created:
        WeeklyHours.objects.bulk_create(
            WeeklyHours(schedule=schedule, weekday=day, opens=opens, closes=closes)
            for day in WORKDAYS
            for opens, closes in HOURS
        )


def make_calendar(
    sub_account: SubAccount, slug: str, name: str, hosts: list[User], **settings: Any
) -> Calendar:
    values = {
        "name": name,
        "time_zone": ZONE,
        "duration": HALF_HOUR,
        "interval": HALF_HOUR,
        "location": "Riverside Studio, Quay 4",
    }
    calendar, created = Calendar.objects.get_or_create(
        sub_account=sub_account, slug=slug, defaults={**values, **settings}
    )
    if created:
        for position, host in enumerate(hosts):
            CalendarHost.objects.create(calendar=calendar, user=host, position=position)
    return calendar


def connect_and_choose(
    user: User, sub_account: SubAccount, apple_id: str, password: str
) -> Connection:
    """Connect, link the first calendar that can be written, and check every one for conflicts."""
    connection = connect(user=user, sub_account=sub_account, apple_id=apple_id, password=password)
    events = connection.calendars.filter(kind=RemoteCalendar.Kind.EVENTS)
    configuration = configuration_of(user, sub_account)
    choose_linked(configuration, events.filter(can_write=True).first())
    choose_conflicts(configuration, list(events))
    return connection
