"""The one file that opens sockets: caldav's DAVClient as transport, with our own rules.

caldav builds the requests and signs in. Answers are kept from it (it would follow redirects
without credentials, wait for ever, log whole bodies, raise on half of the statuses): the session
below reads them itself, within a deadline and a byte limit, and hands caldav an empty one.
"""

import logging
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

import niquests
from caldav.davclient import DAVClient
from caldav.lib import error as caldav_error
from caldav.lib.python_utilities import WireBytes
from niquests.packages.urllib3.contrib.resolver.system import SystemResolver
from niquests.packages.urllib3.exceptions import HTTPError

from integrations.caldav import answers, multistatus
from integrations.caldav.addresses import after_redirect, allowed, check_path, path_of
from integrations.caldav.answers import Answer
from integrations.caldav.deadline import Lines
from integrations.caldav.errors import Reason, RefusedAddress, Unreachable
from integrations.caldav.multistatus import Multistatus
from integrations.caldav.resource import Resource
from integrations.caldav.server import USUAL, Credentials, Limits, Server

__all__ = ["Client", "Credentials", "Limits", "Server"]

log = logging.getLogger(__name__)

USER_AGENT = "Daybook/0.1 (CalDAV)"
XML = "application/xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
REDIRECTS = {301, 302, 307, 308}
MOST_REDIRECTS = 5
READS = {"PROPFIND", "REPORT", "GET"}
WRITES = {"PUT", "DELETE"}
CHUNK = 65536

# They log whole bodies, and caldav dumps them to files where an environment variable says so.
caldav_error.debug_dump_communication = False
for _library in ("caldav", "niquests", "urllib3", "urllib3_future"):
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)
    logging.getLogger(_library).propagate = False


class Client:
    """One account's connection: use it as a context manager, in one thread.

    Every method sends one request (plus one per redirect followed) and raises CalDAVError.
    Paths and hrefs go out as given: nothing is decoded or encoded anew.
    """

    def __init__(self, server: Server, credentials: Credentials, *, limits: Limits = USUAL) -> None:
        if not allowed(server.url, server.allowed_hosts):
            raise RefusedAddress
        parts = urlsplit(server.url)
        self.server = server
        self.root = parts.path or "/"
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._limits = limits
        self._ends = monotonic() + limits.total_seconds
        self._lines = Lines()
        self._is_closed = False
        self._session = _Session(limits, self._lines)
        self._dav = DAVClient(
            url=server.url,
            username=credentials.username,
            password=credentials.password,
            auth_type="basic",
            enable_rfc6764=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        )
        self._dav.session.close()
        self._dav.session = self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._is_closed = True
        self._session.close()
        self._lines.cut()

    @property
    def requests(self) -> int:
        """Requests sent so far; each redirect hop and each replay counts."""
        return self._session.requests

    @property
    def received(self) -> int:
        """Bytes of bodies received so far, as they came over the wire."""
        return self._session.received

    def path_of(self, href: str) -> str:
        """Return the raw path of an href of this server; RefusedAddress for other hosts."""
        return path_of(href, base=self._base, allowed_hosts=self.server.allowed_hosts)

    def propfind(self, path: str, body: bytes, *, depth: int) -> Multistatus:
        """RFC 4918 9.1. Raises Unreachable(NOT_CALDAV) for anything but a 207 multistatus."""
        return self._multistatus("PROPFIND", path, body, depth)

    def report(self, path: str, body: bytes, *, depth: int = 1) -> Multistatus:
        """RFC 3253 3.6. Raises Unreachable(NOT_CALDAV) for anything but a 207 multistatus."""
        return self._multistatus("REPORT", path, body, depth)

    def get(self, href: str) -> Resource:
        """Fetch one event. Raises NotFound; Unreachable(NOT_CALDAV) where it is no calendar."""
        answer = self._ask("GET", href, headers={"Accept": "text/calendar"}, success={200})
        text = answer.body.decode("utf-8", errors="replace").removeprefix("\ufeff")
        if not text.lstrip()[:15].upper().startswith("BEGIN:VCALENDAR"):
            raise Unreachable(Reason.NOT_CALDAV)
        return Resource(href, answer.headers.get("etag", ""), text)

    def put(
        self, href: str, ics: str, *, create: bool = False, etag: str | None = None
    ) -> str | None:
        """Write one event: a new one (``create``), or over the version ``etag``.

        Returns the new ETag, or None where the server gave no strong one: then what is stored may
        differ from what was sent (RFC 4791 5.3.4). Raises PreconditionFailed (it exists; it
        changed), UidConflict, and Unreachable where the outcome is unknown. Never sent without
        condition, and never with ``If-Match: *``, which iCloud takes the wrong way round.
        """
        if create == bool(etag):
            raise ValueError("A PUT either creates or names the ETag it replaces.")
        condition = {"If-None-Match": "*"} if create else {"If-Match": etag or ""}
        headers = {"Content-Type": CALENDAR, **condition}
        answer = self._ask("PUT", href, ics.encode(), headers=headers, success={200, 201, 204})
        return answers.strong(answer.headers.get("etag", ""))

    def delete(self, href: str, *, etag: str) -> None:
        """Delete one event of version ``etag``. Raises NotFound, PreconditionFailed.

        Only names ending in ``.ics`` are sent: DELETE on a collection would remove the calendar.
        RFC 4918 9.6.1: no Depth header.
        """
        if not href.lower().endswith(".ics"):
            raise RefusedAddress
        if not etag:
            raise ValueError("A DELETE names the ETag it deletes.")
        self._ask("DELETE", href, headers={"If-Match": etag}, success={200, 204})

    def _multistatus(self, method: str, path: str, body: bytes, depth: int) -> Multistatus:
        headers = {"Content-Type": XML, "Depth": str(depth)}
        answer = self._ask(method, path, body, headers=headers, success={207})
        url, hosts = self._base + path, self.server.allowed_hosts
        return multistatus.read(answer.body, url=url, allowed_hosts=hosts)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str],
        success: set[int],
    ) -> Answer:
        check_path(path)
        with self._lines.deadline(min(self._limits.request_seconds, self._ends - monotonic())):
            answer = self._follow(method, self._base + path, body, headers)
        html = answer.headers.get("content-type", "").lower().startswith("text/html")
        if answer.status in success and not html:
            return answer
        raise answers.problem(
            answer, conditional=bool({"If-Match", "If-None-Match"} & set(headers))
        )

    def _follow(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send, and follow redirects with method, body and credentials, to allowed hosts only."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._send(method, url, body, headers)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            url = self._next(method, url, answer.headers["location"])
        raise Unreachable(Reason.NOT_CALDAV)

    def _next(self, method: str, url: str, location: str) -> str:
        try:
            target = after_redirect(url, location, self.server.allowed_hosts)
        except RefusedAddress:
            log.warning("A calendar server redirected to an address that is not allowed.")
            raise
        if method in WRITES and not target.endswith(".ics"):
            raise RefusedAddress
        return target

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send once; once more where a read met a kept connection the server had closed."""
        opened = self._lines.opened
        outcome = self._try(method, url, body, headers)
        is_stale = outcome is Reason.CONNECTION and opened and opened == self._lines.opened
        may_replay = method in READS and not self._session.is_answering and not self._is_closed
        if is_stale and may_replay:
            outcome = self._try(method, url, body, headers)
        if isinstance(outcome, Answer):
            return outcome
        raise Unreachable(outcome)

    def _try(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer | Reason:
        # A reason, not an error: one raised here would carry the library's as its context, and
        # with that the request and its Authorization header.
        content: Any = WireBytes(body) if body else ""  # sent as it is
        if self._is_closed:  # while somebody else still speaks through it
            return Reason.CONNECTION
        try:
            self._dav.request(url, method, content, headers)
            return self._session.take()
        except Unreachable as unusable:
            reason = unusable.reason
        except niquests.exceptions.SSLError:
            reason = Reason.TLS
        except niquests.exceptions.Timeout:
            reason = Reason.TIMEOUT
        except (OSError, HTTPError, ValueError):
            reason = Reason.CONNECTION
        self._lines.cut()
        return Reason.TIMEOUT if self._lines.is_late else reason


class _Resolver(SystemResolver):  # type: ignore[misc]  # untyped
    """Opens connections as usual, and lets the deadline know them."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def create_connection(self, *args: Any, **options: Any) -> Any:
        line = super().create_connection(*args, **options)
        self._lines.watch(line)
        return line


class _Hollow(niquests.Response):
    """The empty answer caldav gets to see."""

    def __init__(self) -> None:
        super().__init__()
        self.status_code = 204
        self._content = b""


class _Session(niquests.Session):
    """HTTP/1.1 without redirects, cookies, retries, environment or certificate look-ups."""

    def __init__(self, limits: Limits, lines: Lines) -> None:
        super().__init__(
            resolver=_Resolver(lines),
            disable_http2=True,
            disable_http3=True,
            allow_incoming_cookies=False,
            revocation_configuration=None,
        )
        self.trust_env = False
        self.requests = 0
        self.received = 0
        self.is_answering = False
        self._answer: Answer | None = None
        self._limits = limits
        self._lines = lines

    def take(self) -> Answer:
        """Return the answer to the last request, once."""
        answer, self._answer = self._answer, None
        if answer is None:
            raise Unreachable(Reason.CONNECTION)
        return answer

    def request(self, method: str, url: str, **options: Any) -> niquests.Response:  # type: ignore[override]
        """Send as caldav wants it, but read the answer here: see the head of this file."""
        self.requests += 1
        self.is_answering = False
        left = self._lines.seconds_left
        options |= {"allow_redirects": False, "stream": True}
        # The deadline ends a read; the second more leaves that to it alone.
        options["timeout"] = (min(self._limits.connect_seconds, left), left + 1)
        with super().request(method, url, **options) as response:
            self.is_answering = True
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = self._body(response, headers)
            self._answer = Answer(response.status_code or 0, headers, body)
        return _Hollow()

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:  # type: ignore[override]
        """Look at no redirect: niquests would read its whole body, however large."""
        return iter(())

    def _body(self, response: niquests.Response, headers: Mapping[str, str]) -> bytes:
        most, length = self._limits.max_bytes, headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise Unreachable(Reason.TOO_LARGE)
        encoding = headers.get("content-encoding", "").strip().lower()
        return answers.gather(self._chunks(response), encoding=encoding, at_most=most)

    def _chunks(self, response: niquests.Response) -> Iterator[bytes]:
        for chunk in response.iter_raw(CHUNK):
            self.received += len(chunk)
            yield chunk
