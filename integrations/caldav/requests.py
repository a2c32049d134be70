"""The XML we send. Properties are always named: iCloud's allprop leaves out what matters."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:cs="http://calendarserver.org/ns/" xmlns:i="http://apple.com/ns/ical/"'
)


def propfind(*properties: str) -> bytes:
    """Ask for properties by prefixed name, as in ``d:getetag`` (RFC 4918 9.1)."""
    return _document("d:propfind", f"<d:prop>{_empty(properties)}</d:prop>")


def sync_collection(token: str) -> bytes:
    """Ask what changed since ``token``, "" for everything; ETags only (RFC 6578 3.2)."""
    return _document(
        "d:sync-collection",
        f"<d:sync-token>{escape(token)}</d:sync-token><d:sync-level>1</d:sync-level>"
        "<d:prop><d:getetag/></d:prop>",
    )


def multiget(hrefs: Iterable[str]) -> bytes:
    """Ask for whole events by raw path (RFC 4791 7.9). iCloud rejects absolute URIs."""
    listed = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    return _document(
        "c:calendar-multiget", f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{listed}"
    )


def _document(name: str, inside: str) -> bytes:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<{name} {NAMESPACES}>{inside}</{name}>'
    return text.encode()


def _empty(names: Iterable[str]) -> str:
    return "".join(f"<{name}/>" for name in names)


PRINCIPAL = propfind("d:current-user-principal")
HOME = propfind("c:calendar-home-set", "c:calendar-user-address-set")
ETAG = propfind("d:getetag")
CALENDARS = propfind(
    "d:resourcetype",
    "d:displayname",
    "d:current-user-privilege-set",
    "d:supported-report-set",
    "d:sync-token",
    "cs:getctag",
    "cs:source",
    "c:supported-calendar-component-set",
    "c:calendar-timezone",
    "i:calendar-color",
    "i:calendar-order",
)
