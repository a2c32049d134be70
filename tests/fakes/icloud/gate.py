"""Who may come in: sign-in with an app-specific password, and limits."""

import base64
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.icloud.messages import Answer, Refusal, Request
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Account, World

APP_SPECIFIC = re.compile(r"[a-z]{16}")
CHALLENGE = 'X-MobileMe-AuthToken realm="MMCalDav", Basic realm="MMCalDav"'
MINUTE = 60.0


def letters(password: str) -> str:
    """An app-specific password without the dashes and spaces people type with it."""
    return re.sub(r"[-\s]", "", password).lower()


def is_app_specific(password: str) -> bool:
    return APP_SPECIFIC.fullmatch(letters(password)) is not None


def name_in(request: Request) -> str:
    """The user name a request was signed with, "" where it was not."""
    return _pair(request)[0]


@dataclass
class Gate:
    """``clock`` counts seconds for the limit of requests per minute."""

    world: World
    quirks: Quirks
    clock: Callable[[], float]
    seen: dict[int, deque[float]] = field(default_factory=dict)

    def sign_in(self, request: Request) -> Account:
        """The account a request belongs to. Raises Refusal: whatever is wrong, the same 401."""
        name, password = _pair(request)
        account = self.world.accounts.get(name.lower())
        if account is None:
            raise self._refusal()
        if account.is_locked or not self._opens(account, password):
            account.refusals += 1
            if self.quirks.locks_after and account.refusals >= self.quirks.locks_after:
                account.is_locked = True
            raise self._refusal()
        account.refusals = 0
        self._pace(account)
        return account

    def _opens(self, account: Account, password: str) -> bool:
        if letters(password) in map(letters, account.passwords):
            return True
        is_main = bool(password) and password == account.main_password
        return is_main and not self.quirks.app_passwords_only

    def _pace(self, account: Account) -> None:
        if not self.quirks.requests_per_minute:
            return
        seen, now = self.seen.setdefault(account.number, deque()), self.clock()
        while seen and seen[0] <= now - MINUTE:
            seen.popleft()
        if len(seen) >= self.quirks.requests_per_minute:
            headers = {"Retry-After": self.quirks.retry_after} if self.quirks.retry_after else {}
            raise Refusal(self.quirks.throttle_status, **headers)
        seen.append(now)

    def _refusal(self) -> Refusal:
        refusal = Refusal(401)
        partition = str(self.world.partition)
        headers = {"WWW-Authenticate": CHALLENGE, "x-apple-user-partition": partition}
        refusal.answer = Answer(401, b"", headers)
        return refusal


def _pair(request: Request) -> tuple[str, str]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(given).decode().partition(":")
    except ValueError:
        return "", ""
    return name, password
