"""One host, their iCloud and their appointments: what happens, time that passes, and the oracle."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import icalendar
import time_machine
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from calendars.models import Appointment, BlockedSlot, Calendar, MeetingHost, OutboxItem, Taken
from calendars.services.offering import slots
from calendars.services.outbox import want
from integrations.caldav.errors import CalDAVError
from integrations.models import Connection, MirroredEvent, SyncRun
from integrations.services.clients import client_of
from tests.bookings import book_at, make_calendar
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer
from tests.icloud import ICloudAccount, utc_event
from tests.jobs import work_off

HOUR = timedelta(hours=1)


@dataclass
class Play:
    """``theirs`` are the events of others, path: text, as they are to stay."""

    tenant: Tenant
    icloud: ICloudServer
    account: ICloudAccount
    connection: Connection
    calendar: Calendar
    work: str
    home: str
    clock: time_machine.Traveller
    theirs: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def of(cls, tenant: Tenant, icloud: ICloudServer) -> Iterator["Play"]:
        """Connected, with both calendars read once, before anything happens."""
        account = ICloudAccount(icloud)
        work, home = account.calendar("work"), account.calendar("home")
        connection = account.connect_and_choose(
            tenant.owner, tenant.sub_account, linked=work, conflicts=[work, home]
        )
        calendar = make_calendar(tenant.sub_account, tenant.owner)
        with time_machine.travel(timezone.now()) as clock:
            scene = cls(tenant, icloud, account, connection, calendar, work, home, clock)
            work_off()
            icloud.clear()
            yield scene

    # What happens.

    def they_put(self, name: str, hour: int, *lines: str, title: str = "Busy", to: str = "") -> str:
        """An event of an hour that day, put there on a device; returns its path."""
        path = f"{to or self.work}{name}.ics"
        self.theirs[path] = self.event(name, hour, *lines, title=title)
        self.icloud.put(path, self.theirs[path])
        return path

    def they_delete(self, path: str) -> None:
        del self.theirs[path]
        self.icloud.delete(path)

    def book(self, hour: int) -> Appointment:
        return book_at(self.calendar, at(hour))

    def sync(self) -> SyncRun:
        """Read the account now, whenever it would be its turn."""
        async_task("integrations.tasks.sync_connection", self.connection.pk)
        work_off()
        run = SyncRun.objects.order_by("-started_at", "-pk").first()
        assert run is not None
        return run

    def deliver(self) -> None:
        async_task("integrations.tasks.deliver_due")
        work_off()

    def delete(self, path: str, etag: str) -> str:
        """Delete an event as the product would; the name of the error it meets, or ""."""
        with client_of(self.reloaded()) as client:
            try:
                client.delete(path, etag=etag)
            except CalDAVError as error:
                return type(error).__name__
        return ""

    def rename_and_want(self, appointment: Appointment, name: str) -> None:
        """The calendar gets another name, and the host's event is to follow."""
        Calendar.objects.filter(pk=self.calendar.pk).update(name=name)
        host = MeetingHost.objects.get(meeting=appointment.meeting_id)
        want(OutboxItem.Effect.WRITE, host.pk, sub_account=self.tenant.sub_account)

    def time_passes(self, span: timedelta) -> None:
        """Nothing happens meanwhile but what falls due at its end."""
        self.clock.shift(span)
        async_task("integrations.tasks.sync_due")
        async_task("integrations.tasks.deliver_due")
        work_off()

    def settle(self) -> None:
        """Faults are over and hours pass."""
        self.icloud.relent()
        for _ in range(5):
            self.time_passes(timedelta(minutes=75))
            if not self._is_waiting():
                break

    def _is_waiting(self) -> bool:
        """Whether something is still to be written or read, as far as Daybook knows."""
        unsettled = OutboxItem.objects.filter(settled_revision__lt=F("revision"), parked_at=None)
        return unsettled.exists() or self.reloaded().problem != ""

    def another_account(self) -> tuple[str, Connection]:
        """A colleague's calendar on an account of theirs, connected and not read yet."""
        account = ICloudAccount(self.icloud)
        path = account.calendar("work")
        connection = account.connect_and_choose(
            self.tenant.mate, self.tenant.sub_account, conflicts=[path]
        )
        return path, connection

    # What stands.

    @property
    def now(self) -> datetime:
        return timezone.now()

    @staticmethod
    def event(name: str, hour: int, *lines: str, title: str = "Busy") -> str:
        starts_at = at(hour)
        return utc_event(name, starts_at, starts_at + HOUR, *lines, summary=title)

    def reloaded(self) -> Connection:
        row: Connection = Connection.objects.select_related("remote_account").get(
            pk=self.connection.pk
        )
        return row

    @property
    def state(self) -> tuple[str, str]:
        """The connection's state and problem."""
        row = self.reloaded()
        return row.state, row.problem

    def blocked(self) -> list[int]:
        """The hours of that day that are blocked, by their UTC start."""
        rows = BlockedSlot.objects.filter(user=self.tenant.owner, is_busy=True)
        return sorted(row.starts_at.hour for row in rows)

    def offered(self, hour: int) -> bool:
        """Whether a guest is offered that hour."""
        first = at(hour)
        found = slots(self.calendar, first=first, last=first + HOUR, now=timezone.now())
        return int(first.timestamp()) in [slot.start for slot in found]

    def copy(self, appointment: Appointment) -> tuple[str, str]:
        host = MeetingHost.objects.get(meeting=appointment.meeting_id)
        return host.copy, host.copy_problem

    def ours(self, *paths: str) -> dict[str, str]:
        """Path: text of the events in our calendars that nobody else put there."""
        found = {
            f"{path}{name}": self.icloud.get(f"{path}{name}")
            for path in (paths or (self.work, self.home))
            for name in self.icloud.names(path)
        }
        return {path: text for path, text in found.items() if path not in self.theirs}

    def writes(self) -> list[str]:
        """The methods of all requests so far that change something."""
        return [method for method, _ in self.icloud.requests if method in {"PUT", "DELETE"}]

    # The oracle.

    def check(self) -> None:
        """What must hold when faults are over and everything has settled."""
        self.check_safety()
        live = Appointment.objects.live()
        written = sorted(start_of(text) for text in self.ours().values())
        assert written == sorted(each.meeting.starts_at for each in live), "O3"
        for appointment in live:
            copy, problem = self.copy(appointment)
            assert copy == "written" or problem, "O6"
        assert self.state == ("connected", ""), "O6"

    def check_safety(self) -> None:
        """What must hold at any time, whatever is going wrong."""
        spans = sorted(Taken.objects.values_list("resource", "starts_at", "ends_at"))
        for (one, _, ends_at), (other, starts_at, _) in pairwise(spans):
            assert one != other or ends_at <= starts_at, "O1"
        self.check_safety_of_theirs()
        uids = [MirroredEvent.objects.filter(href=path).count() for path in self.ours()]
        assert set(uids) <= {1}, "O4"
        assert self.icloud.invited == [], "O4"

    def check_safety_of_theirs(self) -> None:
        for path, text in self.theirs.items():
            assert self.icloud.get(path) == text, "O4"

    def check_blocked(self) -> None:
        """O5: what others have there is not offered."""
        hours = sorted(start_of(text).hour for text in self.theirs.values())
        assert [hour for hour in hours if self.offered(hour)] == [], "O5"
        assert set(hours) <= set(self.blocked()), "O5"

    def check_logs(self, text: str) -> None:
        """O7: nothing that opens the account, and nothing that events say."""
        pair = f"{self.account.apple_id}:{self.account.password}".encode()
        for secret in (self.account.password, base64.b64encode(pair).decode()):
            assert secret not in text, "O7"


def at(hour: int) -> datetime:
    """A whole hour of one day, UTC, ahead for all of a test."""
    return DAY + timedelta(hours=hour)


DAY = (timezone.now() + timedelta(days=3)).replace(hour=0, minute=0, second=0, microsecond=0)


def start_of(ics: str) -> datetime:
    [event] = icalendar.Calendar.from_ical(ics).events
    start = event.start
    assert isinstance(start, datetime)
    return start


def known(play: Play) -> None:
    """Three events that Daybook has read, one of them changed and one new since."""
    for number, hour in enumerate((9, 11, 13)):
        play.they_put(f"e{number}", hour, to=play.home)
    play.sync()
    play.they_put("e1", 12, to=play.home)
    play.they_put("new", 15, to=play.home)
