"""`make bench`: from rows in the database to the list of slots, the page that shows them, and
bookings from end to end.

Runs on the database that DATABASE_URL names, an empty one, or on an SQLite file of its own. Each
figure is the median of many repetitions, with its spread; a limit that is broken fails the run.
SQLite works inside this process, whose CPU time is measured: other work on the machine hardly
counts. PostgreSQL does not, and the clock on the wall is: let nothing else run meanwhile.
"""

import argparse
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import time_machine

MOST_MILLISECONDS = {500: 15.0, 5_000: 80.0}
MOST_PAGE_MILLISECONDS = 100.0
MOST_RATIO = 12.0
MOST_QUERIES = 4
NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)  # a Tuesday; summer time ends within the 60 days
DAYS = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=25)
    parser.add_argument("--bookings", type=int, default=200)
    options = parser.parse_args()
    with database() as vendor:
        clock = time.process_time if vendor == "sqlite" else time.perf_counter
        print(f"On {vendor}, {DAYS} days, by time.{clock.__name__}")
        broken = [*_slots(options.repetitions, clock)]
        _bookings(options.bookings)
    for limit in broken:
        print(f"BROKEN: {limit}")
    return 1 if broken else 0


@contextmanager
def database() -> Iterator[str]:
    """Django on an empty database with all tables; gives its vendor."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        own = f"sqlite:///{Path(folder)}/bench.sqlite3"
        os.environ.setdefault("DATABASE_URL", own)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            DATA_DIR=folder,
            SECRET_KEY=secrets.token_urlsafe(50),
            FERNET_KEYS="benchmark",
            LOG_LEVEL="WARNING",
            SITE_URL="http://localhost",
        )
        import django  # noqa: PLC0415 - settings read the environment

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        call_command("createcachetable")
        yield connection.vendor
        connection.close()


def _slots(repetitions: int, clock: Callable[[], float]) -> Iterator[str]:
    """Prints what the slots of calendars of several sizes take, and gives the limits broken."""
    medians: dict[tuple[int, int], float] = {}
    for hosts, busy in ((1, 500), (10, 500), (40, 500), (10, 5_000)):
        calendar = _calendar(hosts, busy)
        found, queries = _counted(partial(_all_slots, calendar))
        spent = _timed(partial(_all_slots, calendar), repetitions, clock)
        medians[hosts, busy] = statistics.median(spent)
        print(
            f"{hosts:3} hosts, {busy:5} busy spans each: {_spread(spent)}, "
            f"{len(found)} slots, {queries} queries"
        )
        if queries > MOST_QUERIES:
            yield f"{queries} queries with {hosts} hosts, at most {MOST_QUERIES}"
        if busy == 5_000:
            yield from _first_view(calendar, repetitions, clock)
        if hosts == 10 and medians[hosts, busy] > MOST_MILLISECONDS[busy]:
            most = MOST_MILLISECONDS[busy]
            yield f"{medians[hosts, busy]:.1f} ms with {busy} busy spans each, at most {most:.0f}"
    ratio = medians[10, 5_000] / medians[10, 500]
    by_hosts = medians[40, 500] / medians[10, 500]
    print(f"ten times the busy spans: {ratio:.1f} times the time, at most {MOST_RATIO:.0f}")
    print(f"four times the hosts: {by_hosts:.1f} times the time")
    if ratio > MOST_RATIO:
        yield f"ten times the busy spans take {ratio:.1f} times the time, at most {MOST_RATIO:.0f}"


def _first_view(calendar: Any, repetitions: int, clock: Callable[[], float]) -> Iterator[str]:
    """Prints what the server takes to answer a guest who opens the booking page."""
    from django.test import Client  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    address = f"/book/{calendar.sub_account.slug}/{calendar.slug}/"
    with time_machine.travel(NOW, tick=False):
        free = client.get(address).content.count(b'type="radio"')
        spent = _timed(partial(client.get, address), repetitions, clock)
    print(f"    its booking page, {free} times on it: {_spread(spent)}")
    if not free:
        yield "no time on the booking page"
    if statistics.median(spent) > MOST_PAGE_MILLISECONDS:
        yield f"{statistics.median(spent):.1f} ms a page, at most {MOST_PAGE_MILLISECONDS:.0f}"


def _calendar(hosts: int, busy: int) -> Any:
    """A round robin whose hosts have 8 hours on weekdays and that many events in 60 days each."""
    from accounts.models import Agency, SubAccount  # noqa: PLC0415
    from calendars.models import Calendar  # noqa: PLC0415

    chance = random.Random(hosts * busy)  # noqa: S311 - the same rows in every run
    name = f"b{hosts}-{busy}"
    here = SubAccount.objects.create(
        agency=Agency.objects.create(name=name), name=name, slug=name, time_zone="Europe/Berlin"
    )
    calendar = Calendar.objects.create(
        sub_account=here, name=name, slug=name, time_zone="Europe/Berlin", horizon=DAYS
    )
    for position in range(hosts):
        user = _host(calendar, position)
        starts = (NOW + timedelta(minutes=5 * chance.randrange(DAYS * 288)) for _ in range(busy))
        _block(calendar, user, starts)
    _tidy()
    return Calendar.objects.select_related("sub_account").get(pk=calendar.pk)


def _tidy() -> None:
    """What PostgreSQL does by itself within minutes of so many new rows."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _host(calendar: Any, position: int) -> Any:
    """A member with working hours who serves the calendar."""
    from accounts.models import Member, User  # noqa: PLC0415
    from calendars.models import CalendarHost, Schedule, WeeklyHours  # noqa: PLC0415

    here = calendar.sub_account
    user = User.objects.create(email=f"{position}@{here.slug}.test", password="!")
    Member.objects.create(sub_account=here, user=user)
    CalendarHost.objects.create(calendar=calendar, user=user, position=position)
    schedule = Schedule.objects.create(sub_account=here, user=user, time_zone="Europe/Berlin")
    WeeklyHours.objects.bulk_create(
        WeeklyHours(schedule=schedule, weekday=weekday, opens=540, closes=1020)
        for weekday in range(5)
    )
    return user


def _block(calendar: Any, user: Any, starts: Iterable[datetime]) -> None:
    """A feed of the user's that was just read, with an event of a quarter of an hour at each."""
    from calendars.models import BlockedSlot, BusySource  # noqa: PLC0415

    whose = {"sub_account": calendar.sub_account, "user": user}
    source = BusySource.objects.create(
        **whose, name="Home", last_read_at=NOW, expanded_until=NOW + timedelta(days=2 * DAYS)
    )
    BlockedSlot.objects.bulk_create(
        BlockedSlot(
            **whose,
            source=source,
            key=str(number),
            starts_at=start,
            ends_at=start + timedelta(minutes=15),
        )
        for number, start in enumerate(starts)
    )


def _all_slots(calendar: Any) -> list[Any]:
    from calendars.services.offering import slots  # noqa: PLC0415

    return slots(calendar, first=NOW, last=NOW + timedelta(days=DAYS), now=NOW)


def _bookings(number: int) -> None:
    """Prints how many guests a second are booked one after the other, each in a free slot."""
    from calendars.services.booking import BookingRequest, book  # noqa: PLC0415
    from calendars.services.booking_keys import new_key  # noqa: PLC0415

    calendar = _calendar(10, 499)
    starts = [datetime.fromtimestamp(slot.start, UTC) for slot in _all_slots(calendar)][:number]
    requests = [
        BookingRequest(
            calendar=calendar,
            starts_at=start,
            name="Gina Guest",
            email=f"gina{number}@example.com",
            phone="",
            notes="",
            time_zone="Europe/Berlin",
            key=new_key(calendar),
        )
        for number, start in enumerate(starts)
    ]
    spent = [one for request in requests for one in _timed(partial(book, request, now=NOW), 1)]
    a_second = 1000 * len(spent) / sum(spent)
    print(f"{len(spent)} bookings one after the other: {_spread(spent)}, {a_second:.0f} a second")


def _counted(work: Callable[[], list[Any]]) -> tuple[list[Any], int]:
    """What it gives, and how many queries it took."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as captured:
        found = work()
    return found, len(captured)


def _timed(
    work: Callable[[], Any], repetitions: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds by that clock, of each repetition."""
    spent = []
    for _ in range(repetitions):
        began = clock()
        work()
        spent.append((clock() - began) * 1000)
    return spent


def _spread(spent: list[float]) -> str:
    return f"median {statistics.median(spent):.1f} ms ({min(spent):.1f} to {max(spent):.1f})"


if __name__ == "__main__":
    sys.exit(main())
