"""What happens in iCloud, and meanwhile, to calendars with deleted events; what is kept then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.utils import timezone

from accounts.models import Member
from calendars.models import BlockedSlot, BusySource, Calendar
from calendars.services.horizons import expand_soon, extend_feeds
from calendars.services.releasing import deleted_note
from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.models import ConflictCalendar, Connection, RemoteCalendar
from integrations.services.deleting import change_deletion_rules
from integrations.services.pulling import pull
from integrations.services.reading_rules import change_rules
from integrations.tasks import extend
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, utc_event
from tests.jobs import work_off

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def put(account: ICloudAccount, path: str, name: str, hour: int, *lines: str) -> str:
    start = tomorrow_at(hour)
    href = f"{path}{name}.ics"
    account.server.put(href, utc_event(name, start, start + HOUR, *lines, summary=name))
    return href


def read(*connections: Connection) -> None:
    for connection in connections:
        fresh = Connection.objects.select_related("remote_account").get(pk=connection.pk)
        assert pull(fresh) is not None


def rule(connection: Connection, *, frees: bool) -> int:
    return change_deletion_rules(connection, frees=frees, cancels=False, now=timezone.now())


def blocked() -> list[tuple[str, bool]]:
    """Titles of what is blocked, and whether its event is gone."""
    rows = BlockedSlot.objects.order_by("starts_at", "title")
    return [(row.title, row.deleted_remotely_at is not None) for row in rows]


def starts() -> list[datetime]:
    return list(BlockedSlot.objects.order_by("starts_at").values_list("starts_at", flat=True))


def note() -> str:
    return deleted_note(BlockedSlot.objects.select_related("source").get(), BERLIN)


def today() -> str:
    return f"{timezone.now().astimezone(BERLIN):%-d %B %Y}"


def longer_horizon(tenant: Tenant) -> None:
    calendar = make_calendar(tenant.sub_account, tenant.owner)
    Calendar.objects.update(horizon=300)
    calendar.refresh_from_db()
    extend_feeds(calendar)


def another_zone(tenant: Tenant) -> None:
    Member.objects.filter(user=tenant.owner).update(time_zone="America/Los_Angeles")
    expand_soon(BusySource.objects.all())


def other_rules(tenant: Tenant) -> None:
    for chosen in ConflictCalendar.objects.all():
        change_rules(chosen, ReadingRules(all_day=AllDay.BUSY, travel_counts=False))


def whole_listing(tenant: Tenant) -> None:
    forgotten = "http://radicale.org/ns/sync/" + "0" * 64
    RemoteCalendar.objects.update(sync_token=forgotten, poll_marker="old")


def nothing(tenant: Tenant) -> None:
    """Days go by; that is all."""


HAPPENINGS = [longer_horizon, another_zone, other_rules, whole_listing, nothing]


def ten_days_later(tenant: Tenant, happens: Callable[[Tenant], None]) -> None:
    """The worker's daily job, whatever is due, and a sync."""
    with time_machine.travel(timezone.now() + 10 * DAY):
        happens(tenant)
        extend()
        work_off()
        read(*Connection.objects.all())
