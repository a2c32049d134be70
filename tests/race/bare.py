"""The control experiment: without wall and locks it has to overlap, or the race proves nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from calendars.models import Calendar
from calendars.services import booking, finding, locking, moving


def remove_the_wall() -> None:
    """Let the database take whatever overlaps."""
    postgres = ["ALTER TABLE calendars_taken DROP CONSTRAINT taken_no_overlap"]
    sqlite = [f"DROP TRIGGER taken_no_overlap_{event}" for event in ("insert", "update")]
    with connection.cursor() as cursor:
        for statement in postgres if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


def remove_the_locks() -> None:
    """In this process, whoever books looks, and then writes."""

    def look(calendars: Sequence[int]) -> list[Calendar]:
        rows = Calendar.objects.select_related("sub_account").in_bulk(calendars)
        return [rows[pk] for pk in calendars]

    unlocked: dict[str, Any] = {
        "lock_calendars_and_hosts": look,
        "lock_users": lambda users: None,
        "lock_meeting_of": lambda appointment: appointment,
    }
    for module in (booking, locking, moving):
        for name in unlocked.keys() & vars(module).keys():
            setattr(module, name, unlocked[name])
    if connection.vendor == "sqlite":
        _look_before_the_transaction()


def _look_before_the_transaction() -> None:
    """SQLite lets one transaction write at a time, and what it reads is then current: what is
    looked up before it begins is not."""
    book = booking.book

    def look_then_book(request: booking.BookingRequest, *, now: datetime) -> Any:
        found = finding.find_slot(request.calendar, request.starts_at, now=now, host=request.host)
        setattr(booking, "find_slot", lambda *_, **__: found)  # noqa: B010 -- not its type
        return book(request, now=now)

    from tests.race import scenes

    for module in (booking, scenes):
        setattr(module, "book", look_then_book)  # noqa: B010
