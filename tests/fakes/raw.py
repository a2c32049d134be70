"""HTTP by hand, to show what goes over the wire."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from tests.fakes.served import NAMESPACES, basic

NAMES = {
    "d": "DAV:",
    "c": "urn:ietf:params:xml:ns:caldav",
    "cs": "http://calendarserver.org/ns/",
    "i": "http://apple.com/ns/ical/",
}


@dataclass(frozen=True)
class Said:
    """An answer; header names in lower case, of repeated ones the last."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def tree(self) -> Any:
        return etree.fromstring(self.body)

    def texts(self, path: str) -> list[str]:
        """The texts at an XPath, with the prefixes d, c, cs and i."""
        return [str(text) for text in self.tree.xpath(path, namespaces=NAMES)]

    @property
    def hrefs(self) -> list[str]:
        return self.texts("/d:multistatus/d:response/d:href/text()")


@dataclass(frozen=True)
class Talk:
    """One person's requests to one address, each on a connection of its own."""

    url: str
    name: str
    password: str

    def say(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Said:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            sent = {**basic(self.name, self.password), **(headers or {})}
            connection.request(method, path, body.encode(), sent)
            answer = connection.getresponse()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Said(answer.status, kept, answer.read())
        finally:
            connection.close()

    def propfind(self, path: str, *props: str, depth: str = "0") -> Said:
        inside = f"<d:prop>{''.join(f'<{prop}/>' for prop in props)}</d:prop>"
        body = f"<d:propfind {NAMESPACES}>{inside if props else '<d:allprop/>'}</d:propfind>"
        return self.say("PROPFIND", path, body, {"Depth": depth})

    def sync(self, path: str, token: str = "", *, inside: str = "<d:getetag/>") -> Said:
        body = (
            f"<d:sync-collection {NAMESPACES}><d:sync-token>{token}</d:sync-token>"
            f"<d:sync-level>1</d:sync-level><d:prop>{inside}</d:prop></d:sync-collection>"
        )
        return self.say("REPORT", path, body, {"Depth": "0"})

    def multiget(self, path: str, *hrefs: str) -> Said:
        listed = "".join(f"<d:href>{href}</d:href>" for href in hrefs)
        body = (
            f"<c:calendar-multiget {NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>"
            f"{listed}</c:calendar-multiget>"
        )
        return self.say("REPORT", path, body, {"Depth": "1"})

    def query(self, path: str, inside: str = "", *, component: str = "VEVENT") -> Said:
        events = f'<c:comp-filter name="{component}">{inside}</c:comp-filter>' if component else ""
        body = (
            f"<c:calendar-query {NAMESPACES}><d:prop><d:getetag/></d:prop><c:filter>"
            f'<c:comp-filter name="VCALENDAR">{events}</c:comp-filter></c:filter>'
            "</c:calendar-query>"
        )
        return self.say("REPORT", path, body, {"Depth": "1"})

    def put(self, path: str, ics: str, **conditions: str) -> Said:
        headers = {name.replace("_", "-"): value for name, value in conditions.items()}
        return self.say("PUT", path, ics, {"Content-Type": "text/calendar", **headers})

    def delete(self, path: str, **headers: str) -> Said:
        return self.say("DELETE", path, "", {n.replace("_", "-"): v for n, v in headers.items()})

    def get(self, path: str) -> Said:
        return self.say("GET", path)
