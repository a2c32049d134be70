"""What a browser complains of, and where it goes, while its pages are open."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

ANSWERED = "Failed to load resource: the server responded with a status of {}"
LEFT = "net::ERR_ABORTED"  # its page was left meanwhile


class Watch:
    """Notes errors and warnings of the console, errors of scripts, requests that failed, and
    requests to anywhere but the server. A page may answer with a status that begins with one of
    `refusals`: the test asked for it."""

    def __init__(self, context: BrowserContext, origin: str, *, refusals: str = "4") -> None:
        self.origin = origin
        self.answered = tuple(ANSWERED.format(digit) for digit in refusals)
        self.complaints: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def take(self) -> list[str]:
        """What was noted since the last call."""
        taken, self.complaints = self.complaints, []
        return taken

    def _console(self, message: ConsoleMessage) -> None:
        page = message.page.url if message.page else ""
        if message.text.startswith(self.answered) and message.location["url"] == page:
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.complaints.append(f"elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.complaints.append(f"failed: {request.url}: {request.failure}")
