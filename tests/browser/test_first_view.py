"""What the first view of a booking page costs over the wire, as it is served in production."""

import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Response

from tests import processes
from tests.bookings import make_calendar
from tests.browser.pages import BOOK
from tests.conftest import Tenant
from tests.fakes.served import free_port

MOST_BYTES = 60_000
MOST_REQUESTS = 3  # besides the page
UP_WITHIN = 60.0


@pytest.fixture
def production(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with static files collected, compressed and named by their contents."""
    monkeypatch.setenv("STATIC_MANIFEST", "on")
    processes.run("collectstatic", "--noinput", "-v0")
    url = f"127.0.0.1:{free_port()}"
    server = processes.start("runserver", url, "--noreload", "--nostatic")
    wait_for(f"http://{url}/healthz")
    yield f"http://{url}"
    server.terminate()
    server.wait(20)


def wait_for(url: str) -> None:
    until = time.monotonic() + UP_WITHIN
    while True:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 -- of our own server
        except (URLError, ConnectionError):
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return


def bytes_of(answer: Response) -> int:
    """As they went over the wire, headers included."""
    sizes = answer.request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def test_the_first_view_of_a_booking_page_is_light(
    browser: Browser, tenant: Tenant, production: str
) -> None:
    make_calendar(tenant.sub_account, tenant.owner)
    context = browser.new_context()
    answers: list[Response] = []
    context.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- it takes no builtin
    page = context.new_page()

    page.goto(f"{production}{BOOK}", wait_until="networkidle")

    weights = {answer.url.removeprefix(production): bytes_of(answer) for answer in answers}
    context.close()
    print(f"{sum(weights.values())} bytes: {weights}")
    assert {answer.status for answer in answers} == {200}
    assert len(weights) <= 1 + MOST_REQUESTS
    assert sum(weights.values()) <= MOST_BYTES
