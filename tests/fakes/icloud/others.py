"""What somebody else does: people on their own devices, colleagues, Apple itself.

Nothing here is a request: it is not logged, never refused, and visible to the next request.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from tests.fakes.icloud.messages import Request
from tests.fakes.icloud.people import People
from tests.fakes.icloud.state import Account, Calendar, Resource
from tests.fakes.icloud.writing import bury, store


class Others(People):
    """Events and calendars. Paths as they go over the wire; a calendar's ends in a slash."""

    # Calendars.

    def make_calendar(
        self,
        path: str,
        name: str,
        *,
        color: str = "#0E61B9FF",
        components: Sequence[str] = ("VEVENT",),
    ) -> str:
        """Make a calendar and return its path."""
        kind: Literal["events", "reminders"] = "events" if "VEVENT" in components else "reminders"
        with self.turn:
            calendar = self._new(path, name)
            calendar.kind, calendar.color, calendar.components = kind, color, tuple(components)
        return path

    def make_reminders(self, path: str, name: str = "Reminders") -> str:
        return self.make_calendar(path, name, components=("VTODO",))

    def make_subscribed(self, path: str, name: str, source: str) -> str:
        """Make a subscription: it says it has events, and answers every report with nothing."""
        with self.turn:
            calendar = self._new(path, name)
            calendar.kind, calendar.source = "subscribed", source
        return path

    def become_subscribed(self, path: str, source: str) -> None:
        """A calendar is replaced by a subscription at the same address."""
        with self.turn:
            calendar = self.calendar(path)
            calendar.kind, calendar.source = "subscribed", source

    def set_read_only(self, path: str, *, read_only: bool = True) -> None:
        """Take the right to write into a calendar, as the owner of a shared one does, or give it
        back."""
        with self.turn:
            calendar = self.calendar(path)
            calendar.can_write, calendar.share = not read_only, "shared" if read_only else ""

    def share(self, path: str, *, to: str, read_only: bool = True) -> str:
        """Let another account see a calendar; returns its path there."""
        with self.turn:
            calendar, guest = self.calendar(path), self.account(to)
            calendar.share = "shared-owner"
            there = f"{guest.home}shared-{calendar.collection.number}/"
            guest.calendars[there] = Calendar(
                there,
                calendar.title,
                calendar.collection,
                color=calendar.color,
                can_write=not read_only,
                share="shared",
            )
        return there

    def rename(self, path: str, name: str) -> None:
        with self.turn:
            self.calendar(path).title = name

    def reorder(self, path: str, order: int) -> None:
        with self.turn:
            self.calendar(path).order = order

    def expire_tokens(self, path: str = "") -> None:
        """No token given out so far is good any more, of one calendar or of all."""
        with self.turn:
            for calendar in [self.calendar(path)] if path else self._calendars():
                calendar.collection.expire_tokens()

    # Events.

    def put(self, path: str, ics: str) -> str:
        """Store an event exactly as it is, whatever is there; returns its ETag."""
        with self.turn:
            calendar, name = self._place(path)
            return store(self._owner(path), calendar, name, ics)

    def get(self, path: str) -> str:
        """Return what is stored; AssertionError where there is nothing."""
        return self._resource(path).ics

    def etag(self, path: str) -> str:
        return self._resource(path).etag

    def has(self, path: str) -> bool:
        place = self.service.world.place_of(path)
        return place is not None and place[1] in place[0].collection.resources

    def names(self, path: str) -> list[str]:
        """What is in a calendar, listed or not."""
        return sorted(self.calendar(path).collection.resources)

    def delete(self, path: str) -> None:
        """Delete an event or, for a path ending in a slash, a whole calendar."""
        with self.turn:
            if path.endswith("/"):
                gone = self.calendar(path).collection
                for account in self.service.world.accounts.values():
                    for shown in [c for c in account.calendars.values() if c.collection is gone]:
                        del account.calendars[shown.path]
                return
            self._resource(path)
            bury(self._owner(path), *self._place(path))

    def move(self, path: str, to: str) -> str:
        """Move an event to another calendar of the account; returns its ETag there."""
        with self.turn:
            calendar, name = self._place(path)
            resource = calendar.collection.resources.pop(name)
            calendar.collection.show(name)
            return store(self._owner(to), *self._place(to), resource.ics)

    # Oddities.

    def add_ghost(self, path: str) -> None:
        """Listings show an event that nobody can fetch."""
        with self.turn:
            calendar, name = self._place(path)
            collection = calendar.collection
            collection.shown[name] = collection.next_etag()
            collection.revision += 1
            collection.changes.append((collection.revision, name))

    def withhold(self, path: str, *, multigets: int = 1_000_000) -> None:
        """So many multigets answer 404 for an event that is there."""
        self._resource(path).withheld = multigets

    def drift(self, path: str) -> str:
        """Housekeeping: a new ETag for what did not change."""
        with self.turn:
            calendar, name = self._place(path)
            resource = self._resource(path)
            resource.etag = calendar.collection.next_etag()
            calendar.collection.show(name)
            return resource.etag

    def hide(self, path: str, *, as_deleted: bool = False) -> None:
        """Listings leave out an event that is there; ``as_deleted``: they call it gone."""
        with self.turn:
            calendar, name = self._place(path)
            collection = calendar.collection
            collection.shown.pop(name)
            collection.revision += 1
            if as_deleted:
                collection.changes.append((collection.revision, name))
            else:
                collection.unlisted.add(name)

    def show(self, path: str) -> None:
        """Listings say again what is there."""
        with self.turn:
            calendar, name = self._place(path)
            calendar.collection.show(name)

    # The server's own word.

    def ask(
        self,
        method: str,
        path: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        ok: Sequence[int] = (200, 201, 204, 207),
    ) -> tuple[int, dict[str, str], str]:
        """A request past sockets, sign-in and faults: (status, headers in lower case, body)."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        with self.turn:
            request = Request(method, path, sent, body.encode(), is_trusted=True)
            answer = self.service.answer(request)
        text = answer.body.decode(errors="replace")
        if answer.status not in ok:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:500]}")
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, text

    @property
    def invited(self) -> list[tuple[str, int]]:
        """(path, attendees) of each write that made iCloud send invitations."""
        return self.service.invited

    # Finding things.

    def calendar(self, path: str) -> Calendar:
        found = self.service.world.calendar_at(path)
        if found is None:
            raise AssertionError(f"There is no calendar at {path}.")
        return found

    def _new(self, path: str, name: str) -> Calendar:
        account = self._owner(path)
        if path in account.calendars:
            raise AssertionError(f"There is a calendar at {path} already.")
        calendar = Calendar(path, name, self.service.world.new_collection())
        account.calendars[path] = calendar
        return calendar

    def _calendars(self) -> list[Calendar]:
        accounts = self.service.world.accounts.values()
        return [calendar for account in accounts for calendar in account.calendars.values()]

    def _place(self, path: str) -> tuple[Calendar, str]:
        place = self.service.world.place_of(path)
        if place is None:
            raise AssertionError(f"There is no calendar for {path}.")
        return place

    def _resource(self, path: str) -> Resource:
        calendar, name = self._place(path)
        if name not in calendar.collection.resources:
            raise AssertionError(f"There is no event at {path}.")
        return calendar.collection.resources[name]

    def _owner(self, path: str) -> Account:
        owner = self.service.world.owner_of(path)
        if owner is None:
            raise AssertionError(f"Nobody's home holds {path}.")
        return owner
