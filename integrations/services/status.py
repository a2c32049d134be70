"""What staff are told of a connection and its calendars: pure, and in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import NOT_OFFERED
from integrations.services.proving import KEY_LOST, REFUSED

Kind = Literal["ok", "busy", "warn", "error", "muted"]

WARN_AFTER = timedelta(minutes=30)

GOES_ON = "Daybook goes on trying by itself. What was read before goes on blocking."
DOUBTED = (
    "Many of its events are missing from iCloud at once. Their time stays blocked until Daybook "
    "has looked again, ten minutes later at the earliest. If you deleted them, wait; if not, look "
    "into your calendar."
)
RECONNECT = "Choose “Replace password”; every choice of calendars is kept."


GONE_KEPT = (
    "iCloud no longer lists this calendar. What it blocked stays blocked until you release it. If "
    "that is meant, untick the calendar: then its time is free."
)
GONE_FREE = (
    "iCloud no longer lists this calendar, and what it blocked is freed. If that is meant, untick "
    "the calendar."
)


@dataclass(frozen=True)
class Progress:
    """How far a first reading has come: so many of the events known of are fetched, or, once all
    of them are, entered."""

    done: int
    total: int
    words: str


FETCHED, ENTERED = "fetched from iCloud", "entered into your week"


@dataclass(frozen=True)
class ConnectionStatus:
    """`since` is the instant that `since_label` speaks of."""

    kind: Kind
    headline: str
    detail: str = ""
    remedy: str = ""
    since_label: str = ""
    since: datetime | None = None
    is_moving: bool = False  # worth looking at again in a few seconds
    progress: Progress | None = None

    @property
    def mark(self) -> str:
        """Another one for whatever a reader would see differently."""
        return sha256(repr(self).encode()).hexdigest()[:12]


Problem = Connection.Problem
TROUBLES = {
    Problem.UNREACHABLE: ("iCloud unreachable", "iCloud could not be reached.", GOES_ON),
    Problem.BUSY: ("iCloud asks to wait", "iCloud takes no more requests for now.", GOES_ON),
    Problem.LOST: (
        "Calendars not found",
        "iCloud no longer shows this account's calendars, or one of them.",
        "If it stays so, choose “Replace password” to look for them anew.",
    ),
    Problem.REFUSED: (
        "Password refused",
        f"{REFUSED} Daybook tries once more within the hour, in case it was Apple's mistake.",
        RECONNECT,
    ),
    Problem.KEY_LOST: ("Needs reconnecting", KEY_LOST, RECONNECT),
    Problem.INTERNAL: (
        "Something went wrong",
        "Daybook failed to read this account; the cause is in this server's log.",
        GOES_ON,
    ),
}


def describe(
    connection: Connection,
    now: datetime,
    *,
    is_running: bool = False,
    leaving: int = 0,
    progress: Progress | None = None,
) -> ConnectionStatus:
    """The state of a connection. `is_running`: a sync of it is under way; `leaving`: so many events
    are still to be removed before it goes; `progress`: how far its first reading has come."""
    if connection.state == Connection.State.DISCONNECTED:
        return ConnectionStatus("muted", "Disconnected")
    if connection.state == Connection.State.LEAVING:
        return _leaving(leaving)
    if connection.state == Connection.State.PAUSED:
        return ConnectionStatus(
            "muted",
            "Paused",
            "Nothing is read or written. What was read before goes on blocking; after a while it "
            "is out of date, and you are not offered for booking.",
            "Resume to go on.",
            "last synced",
            connection.synced_at,
        )
    if connection.state == Connection.State.NEEDS_RECONNECT or connection.problem == (
        Problem.KEY_LOST
    ):
        return _lost(connection)
    if connection.problem:
        return _troubled(connection, now)
    return _working(connection, is_running=is_running, progress=progress)


def _leaving(events: int) -> ConnectionStatus:
    these = "1 event is" if events == 1 else f"{events} events are"
    return ConnectionStatus(
        "busy",
        "Being disconnected",
        f"{these} still to be removed from iCloud. Then the password is erased.",
        is_moving=True,
    )


def _lost(connection: Connection) -> ConnectionStatus:
    detail = REFUSED
    if connection.problem in {Problem.KEY_LOST, Problem.LOST}:
        detail = TROUBLES[Problem(connection.problem)][1]
    return ConnectionStatus(
        "error", "Needs reconnecting", detail, RECONNECT, "since", connection.failing_since
    )


def _troubled(connection: Connection, now: datetime) -> ConnectionStatus:
    headline, detail, remedy = TROUBLES[Problem(connection.problem)]
    since = connection.failing_since
    is_long = since is not None and now - since >= WARN_AFTER
    if is_long or connection.problem in {Problem.REFUSED, Problem.LOST}:
        return ConnectionStatus("warn", headline, detail, remedy, "since", since)
    return ConnectionStatus("busy", "Trying again", detail, remedy, "since", since)


def _working(
    connection: Connection, *, is_running: bool, progress: Progress | None
) -> ConnectionStatus:
    last = connection.synced_at
    if last is None:
        return ConnectionStatus(
            "busy",
            "Syncing",
            "It is being read for the first time.",
            is_moving=True,
            progress=progress,
        )
    if is_running:
        return ConnectionStatus(
            "busy", "Syncing", since_label="last synced", since=last, is_moving=True
        )
    return ConnectionStatus("ok", "Connected", since_label="Last synced", since=last)


def why_not_asked(connection: Connection, now: datetime) -> str:
    """Why iCloud is not asked now, even though somebody wants it; "" where it may be."""
    if connection.state == Connection.State.PAUSED:
        return "This connection is paused. Resume it first."
    if connection.state == Connection.State.LEAVING:
        return "This account is being disconnected."
    if connection.state != Connection.State.CONNECTED or connection.problem == Problem.REFUSED:
        return "Apple does not accept the stored password. Choose “Replace password” first."
    retry_at = connection.remote_account.retry_at
    if retry_at is not None and retry_at > now:
        return "iCloud asked Daybook to wait. It goes on by itself as soon as it may."
    return ""


@dataclass(frozen=True)
class Skipped:
    """So many events of a calendar were not read as they should be, for this reason."""

    count: int
    problem: str


@dataclass(frozen=True)
class CalendarStatus:
    calendar: RemoteCalendar
    kind: Kind
    text: str
    detail: str = ""
    read_at: datetime | None = None
    events: int = 0
    skipped: tuple[Skipped, ...] = ()

    @property
    def total(self) -> int:
        """How many events it has, as far as is known: those still to be fetched included."""
        return self.events + self.calendar.unread


def describe_calendar(
    calendar: RemoteCalendar,
    now: datetime,
    *,
    events: int = 0,
    skipped: tuple[Skipped, ...] = (),
) -> CalendarStatus:
    """Whether a chosen calendar is read, when it was last, and what that means for booking."""
    source = calendar.busy_source
    read_at = source.last_read_at if source else None
    kind, text, detail = _freshness(calendar, read_at, now)
    return CalendarStatus(calendar, kind, text, detail, read_at, events, skipped)


def _freshness(
    calendar: RemoteCalendar, read_at: datetime | None, now: datetime
) -> tuple[Kind, str, str]:
    limit = calendar.connection.sub_account.stale_after
    if calendar.kind != RemoteCalendar.Kind.EVENTS:
        return "error", "Not readable", NOT_OFFERED[RemoteCalendar.Kind(calendar.kind)]
    if calendar.missing_since:
        return (
            "warn",
            "Gone from iCloud",
            GONE_FREE if calendar.connection.frees_deleted else GONE_KEPT,
        )
    if calendar.busy_source is None:
        return "muted", "Not read", ""
    if read_at is None:
        return (
            "busy",
            "Being read, not bookable yet",
            "You are offered for booking as soon as it has been read once.",
        )
    if now - read_at > limit:
        return (
            "warn",
            "Out of date",
            "It has not been read for too long: you are not offered for booking until it is.",
        )
    if calendar.doubted_since:
        return "warn", "Many events vanished", DOUBTED
    return "ok", "Read", ""
