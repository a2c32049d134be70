"""What browsers are told with every page."""

import pytest
from django.test import Client

from tests.architecture.admin_pages import MODELS, Model, name, page
from tests.architecture.routes import ADMIN, TABLE, Access, Route, routes, values_for
from tests.architecture.world import SignIn, World

CONTENT_SECURITY_POLICY = {
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "script-src 'self'",
    "style-src 'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}

NOT_KEPT = [
    route for route in routes() if route.path.startswith(("s/", "accounts/")) or not route.path
]


def told(client: Client, url: str) -> tuple[set[str], dict[str, str], str]:
    answer = client.get(url)
    policy = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
    return policy, {key: answer[key] for key in HEADERS}, answer["Referrer-Policy"]


@pytest.mark.parametrize("route", routes(), ids=str)
def test_every_page_tells_browsers_what_it_may_do(
    route: Route, world: World, signed_in: SignIn
) -> None:
    access = TABLE.get(route.name, Access(""))
    person = world.here.admin if access.who == ADMIN else world.here.owner
    referrer = "no-referrer" if access.has_token else "same-origin"

    page_of = route.url(**values_for(route, world.rows))

    assert told(signed_in(person), page_of) == (CONTENT_SECURITY_POLICY, HEADERS, referrer)


@pytest.mark.parametrize("route", NOT_KEPT, ids=str)
def test_no_browser_or_proxy_keeps_what_staff_see(
    route: Route, world: World, signed_in: SignIn
) -> None:
    url = route.url(**values_for(route, world.rows))

    answers = [client.get(url) for client in (signed_in(world.here.owner), Client())]

    kept = [set(answer["Cache-Control"].split(", ")) for answer in answers]
    assert [parts >= {"no-store", "private"} for parts in kept] == [True, True]


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_admin_pages_tell_browsers_what_they_may_do(
    model: Model, world: World, signed_in: SignIn
) -> None:
    client = signed_in(world.superuser)

    for url in (page(model, "changelist"), page(model, "change", world.rows[model].pk)):
        assert told(client, url) == (CONTENT_SECURITY_POLICY, HEADERS, "same-origin")
