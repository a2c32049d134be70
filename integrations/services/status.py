"""What staff are told of a connection and its calendars: pure, and in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from integrations.models import Connection, RemoteCalendar
from integrations.services.configuring import NOT_OFFERED
from integrations.services.proving import KEY_LOST, REFUSED

Kind = Literal["ok", "busy", "warn", "error", "muted"]

WARN_AFTER = timedelta(minutes=30)

GOES_ON = _("Daybook goes on trying by itself. What was read before goes on blocking.")
DOUBTED = _(
    "Many of its events are missing from iCloud at once. Their time stays blocked until Daybook "
    "has looked again, ten minutes later at the earliest. If you deleted them, wait; if not, look "
    "into your calendar."
)
RECONNECT = _("Choose “Replace password”; every choice of calendars is kept.")


GONE_KEPT = _(
    "iCloud no longer lists this calendar. What it blocked stays blocked until you release it. If "
    "that is meant, untick the calendar: then its time is free."
)
GONE_FREE = _(
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


FETCHED, ENTERED = _("fetched from iCloud"), _("entered into your week")


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


ONCE_MORE = _("Daybook tries once more within the hour, in case it was Apple's mistake.")
Problem = Connection.Problem
TROUBLES = {
    Problem.UNREACHABLE: (_("iCloud unreachable"), _("iCloud could not be reached."), GOES_ON),
    Problem.BUSY: (_("iCloud asks to wait"), _("iCloud takes no more requests for now."), GOES_ON),
    Problem.LOST: (
        _("Calendars not found"),
        _("iCloud no longer shows this account's calendars, or one of them."),
        _("If it stays so, choose “Replace password” to look for them anew."),
    ),
    Problem.REFUSED: (
        _("Password refused"),
        REFUSED,
        RECONNECT,
    ),
    Problem.KEY_LOST: (_("Needs reconnecting"), KEY_LOST, RECONNECT),
    Problem.INTERNAL: (
        _("Something went wrong"),
        _("Daybook failed to read this account; the cause is in this server's log."),
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
        return ConnectionStatus("muted", gettext("Disconnected"))
    if connection.state == Connection.State.LEAVING:
        return _leaving(leaving)
    if connection.state == Connection.State.PAUSED:
        return ConnectionStatus(
            "muted",
            gettext("Paused"),
            gettext(
                "Nothing is read or written. What was read before goes on blocking; after a while "
                "it is out of date, and you are not offered for booking."
            ),
            gettext("Resume to go on."),
            gettext("last synced"),
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
    said = ngettext(
        "%(events)s event is still to be removed from iCloud. Then the password is erased.",
        "%(events)s events are still to be removed from iCloud. Then the password is erased.",
        events,
    )
    return ConnectionStatus(
        "busy",
        gettext("Being disconnected"),
        said % {"events": events},
        is_moving=True,
    )


def _lost(connection: Connection) -> ConnectionStatus:
    detail = REFUSED
    if connection.problem in {Problem.KEY_LOST, Problem.LOST}:
        detail = TROUBLES[Problem(connection.problem)][1]
    return ConnectionStatus(
        "error",
        gettext("Needs reconnecting"),
        gettext(detail),
        gettext(RECONNECT),
        gettext("since"),
        connection.failing_since,
    )


def _troubled(connection: Connection, now: datetime) -> ConnectionStatus:
    headline, detail, remedy = (gettext(words) for words in TROUBLES[Problem(connection.problem)])
    if connection.problem == Problem.REFUSED:
        detail = f"{detail} {gettext(ONCE_MORE)}"
    since = connection.failing_since
    is_long = since is not None and now - since >= WARN_AFTER
    if is_long or connection.problem in {Problem.REFUSED, Problem.LOST}:
        return ConnectionStatus("warn", headline, detail, remedy, gettext("since"), since)
    return ConnectionStatus(
        "busy", gettext("Trying again"), detail, remedy, gettext("since"), since
    )


def _working(
    connection: Connection, *, is_running: bool, progress: Progress | None
) -> ConnectionStatus:
    last = connection.synced_at
    if last is None:
        return ConnectionStatus(
            "busy",
            gettext("Syncing"),
            gettext("It is being read for the first time."),
            is_moving=True,
            progress=progress,
        )
    if is_running:
        return ConnectionStatus(
            "busy",
            gettext("Syncing"),
            since_label=gettext("last synced"),
            since=last,
            is_moving=True,
        )
    return ConnectionStatus(
        "ok", gettext("Connected"), since_label=gettext("Last synced"), since=last
    )


def why_not_asked(connection: Connection, now: datetime) -> str:
    """Why iCloud is not asked now, even though somebody wants it; "" where it may be."""
    if connection.state == Connection.State.PAUSED:
        return gettext("This connection is paused. Resume it first.")
    if connection.state == Connection.State.LEAVING:
        return gettext("This account is being disconnected.")
    if connection.state != Connection.State.CONNECTED or connection.problem == Problem.REFUSED:
        return gettext(
            "Apple does not accept the stored password. Choose “Replace password” first."
        )
    retry_at = connection.remote_account.retry_at
    if retry_at is not None and retry_at > now:
        return gettext("iCloud asked Daybook to wait. It goes on by itself as soon as it may.")
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


NOT_ASKED = {
    Connection.State.PAUSED: _(
        "Its account is paused: you are not offered for booking until it is resumed and read."
    ),
    Connection.State.NEEDS_RECONNECT: _(
        "Its account needs reconnecting: you are not offered for booking until it has been read."
    ),
}


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
        why = gettext(NOT_OFFERED[RemoteCalendar.Kind(calendar.kind)])
        return "error", gettext("Not readable"), why
    if calendar.missing_since:
        return (
            "warn",
            gettext("Gone from iCloud"),
            gettext(GONE_FREE if calendar.connection.frees_deleted else GONE_KEPT),
        )
    if calendar.busy_source is None:
        return "muted", gettext("Not read"), ""
    if read_at is None and (rest := NOT_ASKED.get(Connection.State(calendar.connection.state))):
        return "warn", gettext("Not read yet"), gettext(rest)
    if read_at is None:
        return (
            "busy",
            gettext("Being read, not bookable yet"),
            gettext("You are offered for booking as soon as it has been read once."),
        )
    if now - read_at > limit:
        return (
            "warn",
            gettext("Out of date"),
            gettext(
                "It has not been read for too long: you are not offered for booking until it is."
            ),
        )
    if calendar.doubted_since:
        return "warn", gettext("Many events vanished"), gettext(DOUBTED)
    return "ok", gettext("Read"), ""
