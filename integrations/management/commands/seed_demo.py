"""People, a sub-account, calendars and hours to click through; safe to run again."""

import os
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from calendars.models import Calendar, CalendarHost, Schedule, WeeklyHours
from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import choose_conflicts, choose_linked, configuration_of
from integrations.services.connecting import connect
from integrations.services.proving import ConnectingError
from integrations.services.pulling import pull

PASSWORD = "daybook-demo"  # noqa: S105 -- of demo people only
ZONE = "Europe/Berlin"
WORKDAYS = range(5)
HOURS = ((9 * 60, 12 * 60 + 30), (13 * 60 + 30, 17 * 60))


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
    """An intro call that Ana and Ben share, and one that only Ben serves."""
    ana, ben = (User.objects.get(email=f"{name}@demo.test") for name in ("ana", "ben"))
    for host in (ana, ben):
        schedule, created = Schedule.objects.get_or_create(
            sub_account=sub_account, user=host, calendar=None, defaults={"time_zone": ZONE}
        )
        if created:
            WeeklyHours.objects.bulk_create(
                WeeklyHours(schedule=schedule, weekday=day, opens=opens, closes=closes)
                for day in WORKDAYS
                for opens, closes in HOURS
            )
    make_calendar(sub_account, "intro-call", "Intro call", [ana, ben])
    make_calendar(sub_account, "consultation", "Consultation with Ben", [ben])


def make_calendar(sub_account: SubAccount, slug: str, name: str, hosts: list[User]) -> None:
    calendar, created = Calendar.objects.get_or_create(
        sub_account=sub_account,
        slug=slug,
        defaults={
            "name": name,
            "time_zone": ZONE,
            "duration": timedelta(minutes=30),
            "interval": timedelta(minutes=30),
            "location": "Riverside Studio, Quay 4",
            "description": "Half an hour to get to know each other.",
        },
    )
    if created:
        for position, host in enumerate(hosts):
            CalendarHost.objects.create(calendar=calendar, user=host, position=position)


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
