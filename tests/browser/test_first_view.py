"""What the first view of a booking page costs over the wire, as it is served in production."""

import time
from collections import Counter
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Response

from accounts.models import Agency
from tests import processes
from tests.bookings import make_calendar
from tests.browser.pages import BOOK
from tests.conftest import Tenant
from tests.fakes.served import free_port
from tests.pictures import make_logo

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


def first_view(browser: Browser, origin: str) -> tuple[Counter[str], str]:
    """What a browser that knows nothing yet fetches, in bytes, and the colour of the chosen day."""
    context = browser.new_context(locale="en-GB")
    answers: list[Response] = []
    context.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- it takes no builtin
    page = context.new_page()
    page.goto(f"{origin}{BOOK}", wait_until="networkidle")
    weights: Counter[str] = Counter()
    for answer in answers:
        weights[answer.url.removeprefix(origin)] += bytes_of(answer)
    assert {answer.status for answer in answers} == {200}
    painted: str = page.locator(".day[aria-current]").evaluate(
        "day => getComputedStyle(day).backgroundColor"
    )
    context.close()
    print(f"{weights.total()} bytes: {dict(weights)}")
    return weights, painted


def test_the_first_view_of_a_booking_page_is_light_in_an_agencys_colours_too(
    browser: Browser, tenant: Tenant, production: str
) -> None:
    make_calendar(tenant.sub_account, tenant.owner)
    plain, own_colour = first_view(browser, production)
    Agency.objects.filter(pk=tenant.agency.pk).update(colour="#0b7a75")
    make_logo(tenant.agency)
    branded, their_colour = first_view(browser, production)

    assert (own_colour, their_colour) == ("rgb(56, 73, 176)", "rgb(11, 122, 117)")
    assert (len(plain), len(branded)) == (1 + MOST_REQUESTS, 1 + MOST_REQUESTS)
    assert (plain.total() <= MOST_BYTES, branded.total() <= MOST_BYTES) == (True, True)
