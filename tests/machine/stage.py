"""Two hosts with iCloud accounts, connected and read once; set back for every run of the machine.

The database is set back to a savepoint, the server to a copy of what it held: seconds are spent on
what happens, not on beginnings. A backup of Daybook's database is a savepoint as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Member, User
from calendars.models import Calendar
from integrations.models import Connection
from integrations.services.pulling import pull
from tests.bookings import make_calendar
from tests.conftest import Tenant
from tests.fakes.icloud import ICloudServer, Quirks
from tests.icloud import ICloudAccount
from tests.machine.model import Model, Own, Theirs

A_STEP = timedelta(minutes=1)  # first back-offs are over when it comes to the next
READS = ("SELECT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Host:
    """`folders` are their calendars, all of them conflict calendars; the first one is linked."""

    number: int
    user: User
    account: ICloudAccount
    connection: int
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Backup:
    """Daybook's rows as they were, and what was acknowledged by then."""

    savepoint: str
    model: Model


class Stage:
    """What a run of the machine plays on; `model` and `theirs` are what must be true in it."""

    def __init__(self, tenant: Tenant, icloud: ICloudServer, clock: time_machine.Traveller) -> None:
        self.tenant, self.icloud, self.clock = tenant, icloud, clock
        self.opened = timezone.now()
        self.hosts = [self._host(number) for number in range(2)]
        users = [host.user for host in self.hosts]
        self.calendar: Calendar = make_calendar(tenant.sub_account, *users)
        for host in self.hosts:
            assert pull(self.connection(host)) is not None
        self._world = deepcopy(icloud.service.world)
        self._start = ""
        self.is_written = True  # Daybook's rows may have changed since they were looked at

    def begin(self) -> None:
        """Everything as it was, for a run of its own."""
        self._start = transaction.savepoint()
        self.is_written = True
        self.model, self.theirs = Model(), Theirs()
        self.theirs.passwords = {host.number: [host.account.password] for host in self.hosts}
        self.model.linked = {host.number: host.folders[0] for host in self.hosts}
        self.backup: Backup | None = None
        self.clock.move_to(self.opened, tick=False)
        world = deepcopy(self._world)
        for part in fields(world):
            setattr(self.icloud.service.world, part.name, getattr(world, part.name))
        self.relent()
        self.icloud.clear()
        self.icloud.invited.clear()

    def end(self) -> None:
        transaction.savepoint_rollback(self._start)
        transaction.savepoint_commit(self._start)
        mail.outbox.clear()

    def relent(self) -> None:
        """iCloud does as it should, its ordinary quirks aside."""
        self.icloud.relent()
        for quirk in fields(Quirks):
            setattr(self.icloud.quirks, quirk.name, quirk.default)

    def back_up(self) -> None:
        if self.backup is not None:
            transaction.savepoint_commit(self.backup.savepoint)
        self.backup = Backup(transaction.savepoint(), deepcopy(self.model))

    def passes(self, time: timedelta = A_STEP) -> None:
        self.clock.shift(time)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notice what is written to the database meanwhile, in `is_written`."""

        def execute(go_on: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            self.is_written |= not sql.startswith(READS)
            return go_on(sql, *arguments)

        with connection.execute_wrapper(execute):
            yield

    # What stands.

    def connection(self, host: Host) -> Connection:
        row: Connection = Connection.objects.select_related(
            "remote_account", "user", "sub_account"
        ).get(pk=host.connection)
        return row

    def password(self, host: Host) -> str:
        """The one that iCloud takes now; "" while it takes none."""
        return self.theirs.passwords[host.number][-1]

    def member(self, host: Host) -> Member:
        row: Member = Member.objects.select_related("sub_account", "user").get(
            user=host.user, sub_account=self.tenant.sub_account
        )
        return row

    def file(self, path: str) -> str | None:
        """What stands there, in sight or not; None: nothing."""
        folder, _, name = path.rpartition("/")
        calendar = self.theirs.lost.get(f"{folder}/") or self.icloud.calendar(f"{folder}/")
        resource = calendar.collection.resources.get(name)
        return resource.ics if resource else None

    def standing(self, host: Host) -> Iterator[tuple[str, str]]:
        """Path and text of all that is in the host's calendars, as far as these are in sight."""
        for folder in host.folders:
            if folder in self.theirs.lost:
                continue
            resources = self.icloud.calendar(folder).collection.resources
            for name, resource in list(resources.items()):
                yield f"{folder}{name}", resource.ics

    def own(self, host: Host | None = None) -> list[Own]:
        """Daybook's events on the server, in an order that is the same in every run."""
        foreign = {event.path for event in self.theirs.events.values()}
        found = [
            Own.read(path, ics)
            for one in ([host] if host else self.hosts)
            for path, ics in self.standing(one)
            if path not in foreign
        ]
        return sorted(found, key=lambda own: (own.guest, str(own.starts_at), own.path))

    def host_of(self, path: str) -> Host:
        return next(host for host in self.hosts if path.startswith(host.folders))

    def _host(self, number: int) -> Host:
        user = (self.tenant.owner, self.tenant.mate)[number]
        account = ICloudAccount(self.icloud, apple_id=f"host{number}@icloud.test")
        # One of them has a second calendar: that is enough for what moves between two.
        folders = tuple(account.calendar(name) for name in ("work", "home")[: 2 - number])
        connection = account.connect_and_choose(
            user, self.tenant.sub_account, linked=folders[0], conflicts=folders
        )
        return Host(number, user, account, connection.pk, folders)
