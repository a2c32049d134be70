"""What the server holds: accounts, their calendars, events, tombstones, changes. Plain values.

A collection keeps apart what is there (``resources``) and what listings say (``shown``). They
differ where iCloud's do: a write that listings do not show yet, a ghost they go on showing.
"""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["events", "reminders", "subscribed", "inbox", "outbox", "notification", "other"]
FIRST_PERSON = 10_000_001
PREFIX = b"\x1f\x0a\x10\x12\x0c\x00"


@dataclass
class Resource:
    ics: str
    etag: str
    uid: str = ""
    is_from_device: bool = False
    withheld: int = 0  # multigets that will not hand it out


@dataclass
class Collection:
    """The contents of a calendar; a shared one is shown by several homes."""

    number: int
    resources: dict[str, Resource] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)  # name: ETag
    changes: list[tuple[int, str]] = field(default_factory=list)  # revision, name
    revision: int = 0
    valid_from: int = 0  # tokens of earlier revisions have expired
    tombstones: set[str] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)  # left out without a word; clients know them
    late: dict[str, int] = field(default_factory=dict)  # name: listings until its change shows
    version: int = 0  # of the youngest resource

    def next_etag(self) -> str:
        self.version += 1
        return f'"C={self.version}@U={uuid.uuid5(uuid.NAMESPACE_URL, str(self.number))}"'

    def show(self, name: str) -> None:
        """Make listings say what is there."""
        resource = self.resources.get(name)
        # What went before it ever showed was a change all the same: the marker moves.
        was_late = self.late.pop(name, None) is not None
        was_known = was_late or name in self.shown or name in self.unlisted
        self.unlisted.discard(name)
        if resource:
            self.shown[name] = resource.etag
        elif was_known:
            self.shown.pop(name, None)
        else:
            return
        self.revision += 1
        self.changes.append((self.revision, name))

    def note(self, name: str, *, lag: int) -> None:
        """Something changed: listings say so at once, or when so many were answered."""
        if lag:
            self.late[name] = lag
        else:
            self.show(name)

    def listed(self) -> None:
        """A listing was answered: late changes come nearer."""
        for name, left in list(self.late.items()):
            self.late[name] = left - 1
            if left <= 1:
                self.show(name)

    @property
    def token(self) -> str:
        numbers = self.number.to_bytes(8, "big") + self.revision.to_bytes(8, "big")
        return base64.b64encode(PREFIX + numbers).decode()

    def revision_of(self, token: str) -> int | None:
        """The revision a token stands for; None where it is expired or was never given out."""
        try:
            content = base64.b64decode(token, validate=True)
        except ValueError:
            return None
        number, revision = content[6:14], int.from_bytes(content[14:], "big")
        known = content[:6] == PREFIX and int.from_bytes(number, "big") == self.number
        return revision if known and self.valid_from <= revision <= self.revision else None

    def changed_since(self, revision: int) -> dict[str, str]:
        """Name: ETag, "" for what is gone, of all that changed after that revision."""
        names = dict.fromkeys(name for at, name in self.changes if at > revision)
        return {name: self.shown.get(name, "") for name in names}

    def expire_tokens(self) -> None:
        self.revision += 1
        self.valid_from = self.revision


@dataclass
class Calendar:
    """A collection as one home shows it."""

    path: str
    title: str
    collection: Collection
    kind: Kind = "events"
    color: str = "#0E61B9FF"
    order: int | None = None  # not said
    components: tuple[str, ...] = ("VEVENT",)
    source: str = ""
    time_zone: str = ""
    can_write: bool = True
    share: Literal["", "shared", "shared-owner"] = ""
    types: tuple[str, ...] = ()  # further resource types, of "other" collections


@dataclass
class Account:
    name: str
    number: int
    main_password: str = ""
    passwords: list[str] = field(default_factory=list)  # app-specific, live
    calendars: dict[str, Calendar] = field(default_factory=dict)  # by path
    buried_uids: set[str] = field(default_factory=set)
    aliases: tuple[str, ...] = ()
    refusals: int = 0  # in a row
    is_locked: bool = False

    @property
    def principal(self) -> str:
        return f"/{self.number}/principal/"

    @property
    def home(self) -> str:
        return f"/{self.number}/calendars/"

    def own_collections(self) -> Iterator[tuple[str, Collection]]:
        """Path and contents of each calendar that is not somebody else's."""
        for path, calendar in self.calendars.items():
            if calendar.share != "shared":
                yield path, calendar.collection

    def where_is(self, uid: str) -> str:
        """The path of the event with this UID, "" where there is none."""
        for path, collection in self.own_collections():
            for name, resource in collection.resources.items():
                if uid and resource.uid == uid:
                    return f"{path}{name}"
        return ""


@dataclass
class World:
    accounts: dict[str, Account] = field(default_factory=dict)  # by name, in lower case
    collections: int = 0
    partition: int = 1

    def new_collection(self) -> Collection:
        self.collections += 1
        return Collection(self.collections)

    def new_account(self, name: str) -> Account:
        account = Account(name, FIRST_PERSON + len(self.accounts))
        self.accounts[name.lower()] = account
        return account

    def owner_of(self, path: str) -> Account | None:
        """Whose part of the tree a path lies in."""
        number = path.split("/")[1] if "/" in path else ""
        return next((a for a in self.accounts.values() if str(a.number) == number), None)

    def calendar_at(self, path: str) -> Calendar | None:
        owner = self.owner_of(path)
        return owner.calendars.get(path.rstrip("/") + "/") if owner else None

    def place_of(self, path: str) -> tuple[Calendar, str] | None:
        """The calendar a resource's path lies in, and its name there."""
        folder, _, name = path.rpartition("/")
        calendar = self.calendar_at(folder)
        return (calendar, name) if calendar and name else None
