"""Calendars of each kind, and who comes."""

from datetime import datetime
from typing import Any

from calendars.models import Appointment, Calendar, Meeting
from calendars.services.booking import book
from tests.calendars.scenes import MONDAY_NINE, NOW, make_calendar, open_mornings, wish
from tests.conftest import Tenant


def make_class(tenant: Tenant, *, seats: int = 10, **fields: Any) -> Calendar:
    """The owner's mornings, half an hour for several guests at once."""
    open_mornings(tenant.owner, tenant.sub_account)
    values = {"name": "Yoga", "slug": "yoga", "kind": "class", "seats": seats, **fields}
    return make_calendar(tenant.sub_account, [tenant.owner], **values)


def make_collective(tenant: Tenant, **fields: Any) -> Calendar:
    """The owner and the mate together, in the mornings."""
    for user in (tenant.owner, tenant.mate):
        open_mornings(user, tenant.sub_account)
    values = {"name": "Panel", "slug": "panel", "kind": "collective", **fields}
    return make_calendar(tenant.sub_account, [tenant.owner, tenant.mate], **values)


def make_pair(tenant: Tenant, *, seats: int, **fields: Any) -> Calendar:
    """A round robin of the owner and the mate whose meetings take several guests."""
    for user in (tenant.owner, tenant.mate):
        open_mornings(user, tenant.sub_account)
    values = {"kind": "round_robin", "seats": seats, **fields}
    return make_calendar(tenant.sub_account, [tenant.owner, tenant.mate], **values)


def make_simple(tenant: Tenant, *, seats: int = 1, **fields: Any) -> Calendar:
    """Open in the mornings; nobody serves it."""
    values = {"name": "Hall", "slug": "hall", "kind": "simple", "seats": seats, **fields}
    calendar = make_calendar(tenant.sub_account, **values)
    open_mornings(None, tenant.sub_account, calendar=calendar)
    return calendar


def seat(calendar: Calendar, name: str, at: datetime = MONDAY_NINE, **fields: Any) -> Appointment:
    """A guest books; the address follows from the name."""
    values = {"name": name, "email": f"{name.lower()}@example.com", **fields}
    return book(wish(calendar, at, **values), now=NOW)


def who_comes(meeting: Meeting) -> list[tuple[int, str]]:
    """The seats that are held, and by whom."""
    rows = meeting.appointments.live().order_by("seat")
    return list(rows.values_list("seat", "guest_name"))


def served_by(meeting: Meeting) -> list[tuple[str, bool, str]]:
    """Who serves it, whether they are the primary host, and why; the primary one first."""
    parts = meeting.hosts.serving().select_related("user").primary_first()
    return [(str(part.user), part.is_primary, part.chosen_because) for part in parts]
