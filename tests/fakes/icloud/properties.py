"""The properties of everything that has an address, as iCloud gives them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tests.fakes.icloud.markup import (
    APPLE,
    CALDAV,
    CALENDARSERVER,
    DAV,
    Markup,
    element,
    href,
    propstat,
    response,
)
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Account, Calendar, Resource

GETETAG = f"{DAV}getetag"
TYPE = f"{DAV}resourcetype"
TOKEN, CTAG = f"{DAV}sync-token", f"{CALENDARSERVER}getctag"
DATA = f"{CALDAV}calendar-data"
READ = (f"{DAV}read", f"{CALDAV}read-free-busy", f"{DAV}read-current-user-privilege-set")
WRITE = tuple(
    f"{DAV}{name}" for name in ("write", "write-properties", "write-content", "bind", "unbind")
)
RIGHTS = {
    "inbox": (*READ, *WRITE, f"{CALDAV}schedule-deliver"),
    "outbox": (*READ, f"{CALDAV}schedule-send"),
    "notification": (READ[0], READ[2], f"{DAV}unbind"),
}
TYPES = {
    "events": (f"{CALDAV}calendar",),
    "reminders": (f"{CALDAV}calendar",),
    "subscribed": (f"{CALENDARSERVER}subscribed",),
    "inbox": (f"{CALDAV}schedule-inbox",),
    "outbox": (f"{CALDAV}schedule-outbox",),
    "notification": (f"{CALENDARSERVER}notification",),
    "other": (),
}
SYNC = f"{DAV}sync-collection"
QUERY, MULTIGET = f"{CALDAV}calendar-query", f"{CALDAV}calendar-multiget"

Values: TypeAlias = Mapping[str, Callable[[], Markup | None]]


@dataclass(frozen=True)
class Described:
    """Something with an address, and what can be said of it."""

    path: str
    values: Values

    def respond(self, wanted: Iterable[str], quirks: Quirks) -> Markup:
        """Its response: what it has under 200, and what it lacks, empty, under 404."""
        found, missing = [], []
        for tag in wanted:
            value = self.values.get(tag, lambda: None)()
            if value is None:
                missing.append(element(tag))
            else:
                found.append(value)
        stats = [propstat(found, "200 OK")] if found or not missing else []
        if missing and quirks.missing_as_404:
            stats.append(propstat(missing, "404 Not Found"))
        elif not stats:
            stats.append(propstat([], "200 OK"))
        return response(self.path, *stats, empty_status=quirks.empty_statuses)

    def everything(self, quirks: Quirks) -> Markup:
        """The answer to allprop: iCloud leaves the type out."""
        hidden = {TYPE} if quirks.allprop_hides_types else set()
        return self.respond([tag for tag in self.values if tag not in hidden | {DATA}], quirks)


def root(account: Account) -> Described:
    return Described("/", {**_principal_of(account), TYPE: _types})


def principal(account: Account, home: str) -> Described:
    def addresses() -> Markup:
        others = [href(f"mailto:{alias}") for alias in account.aliases]
        return element(
            f"{CALDAV}calendar-user-address-set",
            href(account.principal.rstrip("/")),
            href(f"urn:uuid:{account.number}"),
            element(f"{DAV}href", f"mailto:{account.name}", attributes={"preferred": "1"}),
            *others,
        )

    return Described(
        account.principal,
        {
            **_principal_of(account),
            f"{DAV}displayname": lambda: element(f"{DAV}displayname", account.name),
            TYPE: lambda: _types(f"{DAV}principal"),
            f"{CALDAV}calendar-home-set": lambda: element(f"{CALDAV}calendar-home-set", href(home)),
            f"{CALDAV}calendar-user-address-set": addresses,
        },
    )


def home(account: Account) -> Described:
    revisions = sum(c.collection.revision for c in account.calendars.values())
    return Described(
        account.home,
        {
            **_principal_of(account),
            f"{DAV}displayname": lambda: element(f"{DAV}displayname", account.name),
            TYPE: _types,
            CTAG: lambda: element(CTAG, f"HwoQEgwAAD{account.number}{revisions:06}=="),
            **_components(("VEVENT", "VTODO", "VFREEBUSY")),
            **_rights((*READ, *WRITE)),
        },
    )


def calendar(shown: Calendar, account: Account, quirks: Quirks) -> Described:
    token = shown.collection.token
    is_listed = shown.kind in {"events", "reminders", "inbox"}
    values: dict[str, Callable[[], Markup | None]] = {
        **_principal_of(account),
        **_text(f"{DAV}displayname", shown.title),
        TYPE: lambda: _types(*TYPES[shown.kind], *_sharing(shown), *shown.types),
        GETETAG: lambda: element(GETETAG, f'"{token}"'),
        **_components(shown.components if shown.kind != "notification" else ()),
        **_rights(RIGHTS.get(shown.kind, (*READ, *WRITE) if shown.can_write else READ)),
        **_text(f"{CALDAV}calendar-timezone", shown.time_zone),
    }
    if shown.kind in {"events", "reminders", "subscribed"}:
        values |= _text(f"{APPLE}calendar-color", shown.color)
        values |= _text(f"{APPLE}calendar-order", "" if shown.order is None else str(shown.order))
    if shown.source:
        source = f"{CALENDARSERVER}source"
        values[source] = lambda: element(source, href(shown.source))
    if is_listed:
        values[f"{DAV}supported-report-set"] = lambda: _reports(quirks)
    if quirks.markers_in_home and shown.kind != "outbox":
        values[CTAG] = lambda: element(CTAG, token)
        if is_listed and quirks.sync_collection:
            values[TOKEN] = lambda: element(TOKEN, token)
    return Described(shown.path, values)


def resource(path: str, etag: str, held: Resource | None = None) -> Described:
    """An event; ``held`` only where its body may be handed out."""
    values: dict[str, Callable[[], Markup | None]] = {
        GETETAG: lambda: element(GETETAG, etag),
        f"{DAV}getcontenttype": lambda: element(f"{DAV}getcontenttype", "text/calendar"),
    }
    if held is not None:
        ics = held.ics
        values[DATA] = lambda: element(DATA, ics, cdata=True)
    return Described(path, values)


def _principal_of(account: Account) -> Values:
    tag = f"{DAV}current-user-principal"
    return {tag: lambda: element(tag, href(account.principal))}


def _types(*further: str) -> Markup:
    return element(TYPE, *(element(tag) for tag in (f"{DAV}collection", *further)))


def _sharing(shown: Calendar) -> tuple[str, ...]:
    return (f"{CALENDARSERVER}{shown.share}",) if shown.share else ()


def _text(tag: str, text: str) -> Values:
    return {tag: lambda: element(tag, text)} if text else {}


def _components(names: Iterable[str]) -> Values:
    tag = f"{CALDAV}supported-calendar-component-set"
    listed = [element(f"{CALDAV}comp", attributes={"name": name}) for name in names]
    return {tag: lambda: element(tag, *listed)} if listed else {}


def _rights(names: Iterable[str]) -> Values:
    tag = f"{DAV}current-user-privilege-set"
    held = [element(f"{DAV}privilege", element(name)) for name in names]
    return {tag: lambda: element(tag, *held)}


def _reports(quirks: Quirks) -> Markup:
    offered = [*([SYNC] if quirks.sync_collection else []), QUERY, MULTIGET]
    return element(
        f"{DAV}supported-report-set",
        *(
            element(f"{DAV}supported-report", element(f"{DAV}report", element(report)))
            for report in offered
        ),
    )
