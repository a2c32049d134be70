"""What goes wrong, and at which request: a script of misdeeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.fakes.icloud.messages import Answer, Request

EVER = 1_000_000_000
WEB_PAGE = b"<!DOCTYPE html><html><body><h1>Sign in to this network</h1></body></html>"
NOTHING = b'<?xml version="1.0"?><multistatus xmlns="DAV:"></multistatus>'


@dataclass(frozen=True)
class Misdeed:
    """What to do to one request.

    Without ``status`` the server carries the request out and its own answer goes out, late or
    damaged; with ``status`` it is not carried out, and that is the answer. ``delay`` comes before
    anything, ``drip`` is a pause before each single byte of the answer. ``reset`` breaks the
    connection "before" the request takes effect, "during" the answer (which is cut in half), or
    "after" the effect with no answer at all. ``cut`` sends so many bytes of the body and closes;
    ``shorten`` does the same honestly, with the length to match. ``filler`` answers with so many
    bytes of a multistatus that never makes sense. ``closes`` ends the connection after the answer.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    drip: float = 0
    reset: Literal["", "before", "during", "after"] = ""
    cut: int | None = None
    shorten: int | None = None
    filler: int = 0
    closes: bool = False

    @property
    def answer(self) -> Answer | None:
        return Answer(self.status, self.body, self.headers) if self.status else None


def answering(status: int, *, retry_after: str = "") -> Misdeed:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Misdeed(status, headers)


def web_page() -> Misdeed:
    """A page of HTML with status 200, as of a hotel's network or of a server's bad hour."""
    return Misdeed(200, {"Content-Type": "text/html"}, WEB_PAGE)


def empty_multistatus() -> Misdeed:
    return Misdeed(207, {"Content-Type": "text/xml"}, NOTHING)


def redirecting(to: str, *, status: int = 301) -> Misdeed:
    return Misdeed(status, {"Location": to})


def huge(size: int) -> Misdeed:
    return Misdeed(207, {"Content-Type": "text/xml"}, filler=size)


@dataclass
class Rule:
    """A misdeed and the requests it is for: those of this method ("": any), below this path, on
    this host, with this in their body; from the ``nth`` of them on, ``times`` of them."""

    misdeed: Misdeed
    method: str = ""
    path: str = "/"
    host: str = ""
    containing: str = ""
    nth: int = 1
    times: int = 1
    seen: int = 0

    def strikes(self, request: Request) -> bool:
        """Whether it is this one's turn; counts it."""
        matches = (
            self.method in {"", request.method}
            and self.host in {"", request.host}
            and request.path.startswith(self.path)
            and self.containing.encode() in request.body
        )
        self.seen += matches
        return matches and self.nth <= self.seen < self.nth + self.times

    @property
    def has_struck(self) -> bool:
        return self.seen >= self.nth


@dataclass
class Faults:
    """The script. Each rule counts for itself, from when it was added."""

    rules: list[Rule] = field(default_factory=list)

    def add(
        self,
        misdeed: Misdeed,
        *,
        method: str = "",
        path: str = "/",
        host: str = "",
        containing: str = "",
        nth: int = 1,
        times: int = 1,
    ) -> Rule:
        rule = Rule(misdeed, method, path, host, containing, nth, times)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, request: Request) -> Misdeed:
        """The misdeed for this request: the first rule's, after the longest delay of all."""
        struck = [rule.misdeed for rule in self.rules if rule.strikes(request)]
        if not struck:
            return Misdeed()
        chosen = next((one for one in struck if one != Misdeed(delay=one.delay)), struck[0])
        longest = max(one.delay for one in struck)
        return replace(chosen, delay=longest)
