"""One request in, one answer out: the calendar server without its sockets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from urllib.parse import urlsplit

from tests.fakes.icloud import listing, making
from tests.fakes.icloud.gate import Gate
from tests.fakes.icloud.messages import EDGE, Answer, Refusal, Request
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Account, Calendar, World
from tests.fakes.icloud.writing import Writer

ALLOW = "OPTIONS, GET, HEAD, PUT, DELETE, MOVE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR"
OFFERED = "1, 3, access-control, calendar-access, calendar-auto-schedule, calendarserver-sharing"


def spelled(method: str, path: str) -> str:
    """New names are kept with ``%40``; whoever asks for ``@`` afterwards does not find them."""
    path = path.partition("?")[0]
    return path.replace("@", "%40") if method in {"PUT", "MKCALENDAR", "MKCOL"} else path


@dataclass
class Service:
    """``partition_url`` is where calendar homes live now."""

    world: World = field(default_factory=World)
    quirks: Quirks = field(default_factory=Quirks)
    partition_url: str = ""
    clock: Callable[[], float] = monotonic
    invited: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(self.world, self.quirks, self.clock)

    def answer(self, request: Request) -> Answer:
        """What the server says; refusals are answers too."""
        request = replace(request, path=spelled(request.method, request.path))
        try:
            account = self._account(request)
            if request.host == EDGE and self.quirks.edge_redirects and not request.is_trusted:
                return Answer(301, b"", {"Location": f"{self.partition_url}{request.path}"})
            return self._carry_out(request, account)
        except Refusal as refusal:
            return refusal.answer

    def _account(self, request: Request) -> Account:
        """Whose request it is; everybody stays in their own part. A wrong path is a bare 403."""
        if request.is_trusted:
            owner = self.world.owner_of(request.path)
            if owner is None:
                raise Refusal(404)
            return owner
        account = self.gate.sign_in(request)
        is_own = request.path == "/" or self.world.owner_of(request.path) is account
        if not is_own:
            raise Refusal(403)
        return account

    def _carry_out(self, request: Request, account: Account) -> Answer:
        quirks = self.quirks
        match request.method:
            case "OPTIONS":
                return Answer(200, b"", {"Allow": ALLOW, "DAV": OFFERED})
            case "PROPFIND":
                home_at = self.partition_url if quirks.home_on_partition else ""
                return listing.propfind(
                    request, account, self.world, quirks=quirks, home_at=home_at
                )
            case "REPORT":
                return listing.report(request, self.world, quirks=quirks)
            case "GET" | "HEAD":
                return self._get(request)
            case "PUT" | "DELETE" | "MOVE":
                return self._write(request, account)
            case "MKCALENDAR" | "MKCOL" | "PROPPATCH":
                return making.answer(request, account, self.world)
        raise Refusal(405, Allow=ALLOW)

    def _get(self, request: Request) -> Answer:
        place = self.world.place_of(request.path)
        resource = place[0].collection.resources.get(place[1]) if place else None
        if resource is None:
            raise Refusal(404)
        headers = {"Content-Type": "text/calendar; charset=utf-8", "ETag": resource.etag}
        return Answer(200, resource.ics.encode() if request.method == "GET" else b"", headers)

    def _write(self, request: Request, account: Account) -> Answer:
        writer = Writer(account, self.world, self.quirks, self.invited)
        calendar = self.world.calendar_at(request.path) if request.path.endswith("/") else None
        if calendar and request.method == "DELETE":
            return self._unlink(account, calendar)
        if request.method == "PUT":
            return writer.put(request)
        if request.method == "DELETE":
            return writer.delete(request)
        to = spelled("PUT", urlsplit(request.headers.get("destination", "")).path)
        if self.world.owner_of(to) is not account:
            raise Refusal(403)
        return writer.move(request, to)

    def _unlink(self, account: Account, calendar: Calendar) -> Answer:
        """DELETE on a calendar takes it out of the home, with no question asked."""
        if calendar.kind in {"inbox", "outbox", "notification"}:
            raise Refusal(403)
        del account.calendars[calendar.path]
        return Answer(204)
