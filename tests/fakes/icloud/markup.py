"""XML in and out. Out as iCloud writes it: no prefixes, the namespace said again at every turn."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

Element: TypeAlias = Any  # lxml has no types

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def element(
    tag: str, *inside: str, attributes: Mapping[str, str] | None = None, cdata: bool = False
) -> Markup:
    """One element; plain strings inside are escaped, ``Markup`` stands as it is."""
    namespace, _, name = tag[1:].partition("}")
    given = {"xmlns": namespace, **(attributes or {})}
    head = name + "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    if cdata and not any("]]>" in part for part in inside):
        content = f"<![CDATA[{''.join(inside)}]]>"
    else:
        content = "".join(part if isinstance(part, Markup) else escape(part) for part in inside)
    return Markup(f"<{head}>{content}</{name}>" if content else f"<{head}/>")


def plain(name: str, *inside: str) -> Markup:
    """A DAV element of the frame around properties, where iCloud does not say the namespace."""
    content = "".join(part if isinstance(part, Markup) else escape(part) for part in inside)
    return Markup(f"<{name}>{content}</{name}>" if content else f"<{name}/>")


def href(path: str) -> Markup:
    return element(f"{DAV}href", path)


def document(root: Markup) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{root}\n'.encode()


def multistatus(responses: Iterable[Markup], *, token: str = "") -> Markup:
    last = [element(f"{DAV}sync-token", token)] if token else []
    return element(f"{DAV}multistatus", *responses, *last)


def response(path: str, *propstats: Markup, empty_status: bool = False) -> Markup:
    status = [plain("status")] if empty_status else []
    return element(f"{DAV}response", plain("href", path), *propstats, *status)


def lost(path: str, status: str = "404 Not Found") -> Markup:
    """A response that is a status alone."""
    return response(path, plain("status", f"HTTP/1.1 {status}"))


def propstat(properties: Iterable[Markup], status: str) -> Markup:
    return plain("propstat", plain("prop", *properties), plain("status", f"HTTP/1.1 {status}"))


def parse(body: bytes) -> Element | None:
    """The root of a request's body; None where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def names(root: Element, tag: str = f"{DAV}prop") -> tuple[str, ...]:
    """The properties a request names, in order."""
    holder = root.find(tag)
    return () if holder is None else tuple(str(child.tag) for child in holder.iterchildren("*"))
