"""From a server's address to the calendars of an account."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.caldav import requests
from integrations.caldav.addresses import check_path, same
from integrations.caldav.client import Client
from integrations.caldav.errors import Reason, Unreachable
from integrations.caldav.multistatus import APPLE, CALDAV, CALENDARSERVER, DAV, Item, Multistatus

LONGEST_NAME = 200
PRINCIPAL = f"{DAV}current-user-principal"
HOME_SET = f"{CALDAV}calendar-home-set"
ADDRESSES = f"{CALDAV}calendar-user-address-set"


class CalendarKind(StrEnum):
    """What a collection in the home is for; only EVENTS can be linked or checked."""

    EVENTS = "events"
    REMINDERS = "reminders"
    SUBSCRIBED = "subscribed"
    SYSTEM = "system"


@dataclass(frozen=True)
class CalendarListing:
    """One collection as the home lists it.

    ``path`` is its identity, raw. ``can_write`` is None where the server does not say.
    ``marker`` changes when anything in the calendar does; it is not a sync token to send.
    ``color`` is ``#rrggbb`` or "", ``time_zone`` an IANA name or "".
    """

    path: str
    name: str
    color: str
    order: int | None
    kind: CalendarKind
    can_write: bool | None
    is_shared: bool
    marker: str
    supports_sync: bool
    time_zone: str


@dataclass(frozen=True)
class Account:
    """Who signed in. ``addresses`` are lower-cased calendar user addresses (RFC 6638 2.4.1)."""

    principal_path: str
    home_path: str
    addresses: frozenset[str] = field(repr=False)
    calendars: tuple[CalendarListing, ...]


def discover(client: Client) -> Account:
    """Find the principal, its calendar home and the calendars: exactly three requests.

    RFC 5397 3, RFC 4791 6.2.1. Starts at the path of the server's address and names every
    property. Raises Unreachable(NOT_CALDAV) where a step gives no path.
    """
    start = client.root
    principal = _path(client, client.propfind(start, requests.PRINCIPAL, depth=0), PRINCIPAL)
    answer = client.propfind(principal, requests.HOME, depth=0)
    home = _path(client, answer, HOME_SET)
    addresses = frozenset(
        address.lower() for item in answer.items for address in item.hrefs(ADDRESSES) if address
    )
    return Account(principal, home, addresses, list_calendars(client, home))


def _path(client: Client, answer: Multistatus, tag: str) -> str:
    href = next((href for item in answer.items for href in item.hrefs(tag) if href), None)
    if href is None:
        raise Unreachable(Reason.NOT_CALDAV)
    path = client.path_of(href)
    check_path(path)
    return path


def list_calendars(client: Client, home_path: str) -> tuple[CalendarListing, ...]:
    """List every collection of the home with all we ask of it: one request for any number.

    The home itself is left out, but must be in the answer: NotFound or Forbidden where the
    server says that of it, Unreachable(NOT_CALDAV) where it is missing, since an answer without
    it proves nothing about the calendars. A collection the server would not describe is listed
    as SYSTEM: unusable, yet not gone.
    """
    answer = client.propfind(home_path, requests.CALENDARS, depth=1)
    answer.required(home_path)
    return tuple(_listing(item) for item in _collections(answer, home_path))


def _collections(answer: Multistatus, home_path: str) -> Iterator[Item]:
    for item in answer.items:
        kinds = _types(item)
        is_file = f"{DAV}resourcetype" in item.props and f"{DAV}collection" not in kinds
        subscribed = f"{CALENDARSERVER}subscribed" in kinds
        if not (same(item.href, home_path) or item.is_gone) and (subscribed or not is_file):
            yield item


def _listing(item: Item) -> CalendarListing:
    kinds = _types(item)
    token = item.text(f"{DAV}sync-token")
    return CalendarListing(
        path=item.href,
        name=" ".join(item.text(f"{DAV}displayname").split())[:LONGEST_NAME],
        color=color(item.text(f"{APPLE}calendar-color")),
        order=_order(item.text(f"{APPLE}calendar-order")),
        kind=_kind(item, kinds),
        can_write=_can_write(item),
        is_shared=bool(kinds & {f"{CALENDARSERVER}shared", f"{CALENDARSERVER}shared-owner"}),
        marker=token or item.text(f"{CALENDARSERVER}getctag"),
        supports_sync=_supports_sync(item, token),
        time_zone=time_zone(item.text(f"{CALDAV}calendar-timezone")),
    )


def _types(item: Item) -> set[str]:
    return {element.tag for element in item.inside(f"{DAV}resourcetype")}


def _kind(item: Item, kinds: set[str]) -> CalendarKind:
    """A subscription offers VEVENT and then answers every report with nothing: never an event
    calendar, whatever else it says it is. (An empty ``source`` is no source: Radicale has one
    on every calendar.)"""
    if f"{CALENDARSERVER}subscribed" in kinds or any(item.hrefs(f"{CALENDARSERVER}source")):
        return CalendarKind.SUBSCRIBED
    if f"{CALDAV}calendar" not in kinds:
        return CalendarKind.SYSTEM
    listed = item.inside(f"{CALDAV}supported-calendar-component-set", f"{CALDAV}comp")
    components = {(component.get("name") or "").upper() for component in listed}
    # RFC 4791 5.2.3: a calendar that names no components takes them all.
    if not components or "VEVENT" in components:
        return CalendarKind.EVENTS
    return CalendarKind.REMINDERS if "VTODO" in components else CalendarKind.SYSTEM


def _can_write(item: Item) -> bool | None:
    """RFC 3744 5.5. Creating needs DAV:bind, changing DAV:write-content; servers that know no
    finer privileges give DAV:write or DAV:all."""
    tag = f"{DAV}current-user-privilege-set"
    if tag not in item.props:
        return None
    held = {element.tag.removeprefix(DAV) for element in item.inside(tag)}
    return bool(held & {"all", "write"}) or {"write-content", "bind"} <= held


def _supports_sync(item: Item, token: str) -> bool:
    tag = f"{DAV}supported-report-set"
    if tag not in item.props:
        return bool(token)
    return bool(item.inside(tag, f"{DAV}sync-collection"))


def _order(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def color(text: str) -> str:
    """Return ``#rrggbb`` from Apple's ``#RRGGBBAA`` or ``#RRGGBB``; "" for anything else."""
    found = re.fullmatch(r"(#[0-9a-f]{6})(?:[0-9a-f]{2})?", text.lower())
    return found[1] if found else ""


def time_zone(vtimezone: str) -> str:
    """Return the IANA name a VTIMEZONE goes by (RFC 4791 5.2.2); "" where it has none."""
    found = re.search(r"^(?:TZID|X-LIC-LOCATION)[^:\r\n]*:(\S+)", vtimezone, re.MULTILINE)
    try:
        return ZoneInfo(found[1]).key if found else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
