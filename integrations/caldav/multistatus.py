"""A tolerant reader of DAV:multistatus (RFC 4918 13): one bad item never spoils the others."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree

from integrations.caldav.addresses import path_of, same
from integrations.caldav.errors import Forbidden, NotFound, Reason, RefusedAddress, Unreachable

log = logging.getLogger(__name__)

Element: TypeAlias = Any  # lxml has no types

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"

MOST_TAGS = 1_000_000  # 50,000 events listed with their ETags take some 600,000
RESOURCE_LIMITS = {
    etree.ErrorTypes.ERR_RESOURCE_LIMIT,
    etree.ErrorTypes.ERR_NAME_TOO_LONG,
    etree.ErrorTypes.ERR_ENTITY_LOOP,
}


@dataclass(frozen=True)
class Item:
    """One DAV:response.

    ``href`` is its raw path, ``status`` the status of the resource itself (None where the server
    gave none: it exists), ``props`` the properties it really has. A property the server put
    under a 404, 403 or 500 is not among them, even where it is listed as an empty element.
    """

    href: str
    status: int | None
    props: Mapping[str, Element] = field(repr=False)

    @property
    def is_gone(self) -> bool:
        return self.status in {404, 410}

    def text(self, tag: str) -> str:
        """Return the text of a property, "" where it is missing or empty."""
        prop = self.props.get(tag)
        return "" if prop is None else "".join(prop.itertext()).strip()

    def hrefs(self, tag: str) -> tuple[str, ...]:
        """Return the DAV:href texts inside a property."""
        return tuple((href.text or "").strip() for href in self.inside(tag, f"{DAV}href"))

    def inside(self, tag: str, wanted: str = "*") -> tuple[Element, ...]:
        """Return the elements at any depth inside a property."""
        prop = self.props.get(tag)
        return () if prop is None else tuple(e for e in prop.iter(wanted) if e is not prop)


@dataclass(frozen=True)
class Multistatus:
    """A whole answer. ``sync_token`` is "" where the answer has none (RFC 6578 6.4)."""

    items: tuple[Item, ...]
    sync_token: str = ""

    def at(self, path: str) -> Item | None:
        """Return the item of one path, whatever its percent-encoding and closing slash."""
        found = [item for item in self.items if same(item.href, path)]
        return next((item for item in found if item.href == path), found[0] if found else None)

    def required(self, path: str) -> Item:
        """Return the item of a path that must be there. Raises NotFound or Forbidden where the
        server says so inside a 207, Unreachable(NOT_CALDAV) where it says nothing of it."""
        item = self.at(path)
        if item is None:
            raise Unreachable(Reason.NOT_CALDAV)
        if item.is_gone:
            raise NotFound
        if item.status == 403:
            raise Forbidden
        if (item.status or 200) >= 300:
            raise Unreachable(Reason.SERVER_ERROR, status=item.status)
        return item


def read(body: bytes, *, url: str, allowed_hosts: tuple[str, ...]) -> Multistatus:
    """Read the answer to a request at ``url``.

    Items whose href leads to a host that is not allowed are left out. Raises Unreachable
    (NOT_CALDAV, TOO_LARGE) where the body is no multistatus: an outage must never look like an
    empty calendar.
    """
    root = root_of(body)
    if root.tag != f"{DAV}multistatus":
        raise Unreachable(Reason.NOT_CALDAV)
    items = []
    for response in root.iterchildren(f"{DAV}response"):
        try:
            path = path_of(_text(response, "href"), base=url, allowed_hosts=allowed_hosts)
        except RefusedAddress:
            log.warning("Left out an item that a calendar server placed on a host not allowed.")
        else:
            items.append(Item(path, code(_text(response, "status")), _props(response)))
    return Multistatus(tuple(items), _text(root, "sync-token"))


def root_of(body: bytes) -> Element:
    """Parse XML from outside; no entities, no network, no DTD, bounded depth and text length.

    Raises Unreachable: TOO_LARGE where a bound is crossed, else NOT_CALDAV. Tags are counted before
    a tree is built of them: it takes some hundred times their room.
    """
    if body.count(b"<") > MOST_TAGS:
        raise Unreachable(Reason.TOO_LARGE)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        bad = Reason.TOO_LARGE if error.code in RESOURCE_LIMITS else Reason.NOT_CALDAV
    except (ValueError, LookupError):
        bad = Reason.NOT_CALDAV
    else:
        if not root.getroottree().docinfo.doctype:
            return root
        bad = Reason.NOT_CALDAV
    raise Unreachable(bad)


def code(status: str) -> int | None:
    """Return the number in ``HTTP/1.1 404 Not Found``; None where there is none."""
    found = re.match(r"HTTP/\S+\s+(\d{3})\b", status)
    return int(found[1]) if found else None


def _props(response: Element) -> dict[str, Element]:
    return {
        prop.tag: prop
        for propstat in response.iterchildren(f"{DAV}propstat")
        if (code(_text(propstat, "status")) or 200) < 300
        for holder in propstat.iterchildren(f"{DAV}prop")
        for prop in holder.iterchildren("*")
    }


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(f"{DAV}{name}") or "").strip()
