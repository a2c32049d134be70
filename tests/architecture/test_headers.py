"""What browsers are told with every page."""

import pytest
from django.test import Client

from accounts.models import SubAccount
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


def frames(client: Client, url: str) -> tuple[str, str | None]:
    """What is said of frames: in the policy, and in the header that older browsers read."""
    answer = client.get(url)
    policy = map(str.strip, answer["Content-Security-Policy"].split(";"))
    [said] = [part for part in policy if part.startswith("frame-ancestors")]
    return said, answer.get("X-Frame-Options")


@pytest.mark.parametrize("route", routes(), ids=str)
def test_every_page_tells_browsers_what_it_may_do(
    route: Route, world: World, signed_in: SignIn
) -> None:
    access = TABLE.get(route.name, Access(""))
    person = world.here.admin if access.who == ADMIN else world.here.owner
    referrer = "no-referrer" if access.has_token else "same-origin"

    page_of = route.url(**values_for(route, world.rows))

    assert told(signed_in(person), page_of) == (CONTENT_SECURITY_POLICY, HEADERS, referrer)


def test_sites_that_a_sub_account_names_may_frame_its_public_pages_and_nothing_else(
    world: World, signed_in: SignIn
) -> None:
    sites = ["https://riverside.example", "https://shop.example:8443"]
    SubAccount.objects.filter(pk=world.here.sub_account.pk).update(framed_by="\n".join(sites))
    client = signed_in(world.here.admin)
    framed = (f"frame-ancestors {' '.join(sites)}", None)
    refused = ("frame-ancestors 'none'", "DENY")
    pages = {
        route.name: [
            route.url(**values_for(route, rows)) for rows in (world.rows, world.other_rows)
        ]
        for route in routes()
    }

    told = {name: [frames(client, url) for url in urls] for name, urls in pages.items()}

    public = {name for name in pages if name.startswith("public:")}
    assert told == {name: [framed if name in public else refused, refused] for name in pages}


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
