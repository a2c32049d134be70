"""What must not be read is not in the bytes of any page."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from tests.architecture.admin_pages import MODELS, page
from tests.architecture.routes import routes, values_for
from tests.architecture.rows import PRIVATE, SECRET
from tests.architecture.world import SignIn, World


def admin_pages(world: World) -> Iterator[str]:
    yield "/admin/"
    for model in MODELS:
        yield page(model, "changelist")
        yield page(model, "changelist") + "?q=owner"
        yield page(model, "add")
        for what in ("change", "history", "delete"):
            yield page(model, what, world.rows[model].pk)


def leaks(client: Client, urls: Iterator[str], *canaries: str) -> set[str]:
    """Addresses whose answers hold one of the canaries, in the body or in a header."""
    found = set()
    for url in urls:
        answer = client.get(url)
        text = answer.content.decode(errors="replace") + repr(sorted(answer.items()))
        if any(canary in text for canary in canaries):
            found.add(url)
    return found


@pytest.mark.parametrize("reader", ["agency_admin", "superuser"])
def test_no_admin_page_shows_a_secret_or_what_a_private_calendar_says(
    reader: str, world: World, signed_in: SignIn
) -> None:
    user: User = world.superuser if reader == "superuser" else world.here.agency_admin
    assert world.here.owner.email in signed_in(user).get("/admin/accounts/user/").content.decode()

    assert leaks(signed_in(user), admin_pages(world), SECRET, PRIVATE) == set()


@pytest.mark.parametrize("reader", ["mate", "admin"])
def test_no_staff_page_shows_colleagues_a_secret_or_what_a_private_calendar_says(
    reader: str, world: World, signed_in: SignIn
) -> None:
    pages = [
        route.url(**values_for(route, world.rows))
        for route in routes()
        if "token" not in route.arguments
    ]
    week = f"/s/riverside/calendar/?week=2031-03-04&user={world.here.owner.pk}"
    client = signed_in(getattr(world.here, reader))
    assert "Busy" in client.get(week).content.decode()

    assert leaks(client, iter([*pages, week]), SECRET, PRIVATE) == set()


def test_owners_see_their_own_titles_and_nobodys_secret(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.here.owner)
    week = "/s/riverside/calendar/?week=2031-03-04"
    pages = [
        route.url(**values_for(route, world.rows))
        for route in routes()
        if "token" not in route.arguments
    ]

    assert f"{PRIVATE} title" in client.get(week).content.decode()
    assert leaks(client, iter([*pages, week]), SECRET) == set()


def test_no_public_page_shows_what_a_private_calendar_says(world: World) -> None:
    pages = [
        route.url(**values_for(route, world.rows))
        for route in routes()
        if not route.path.startswith("s/")
    ]

    assert leaks(Client(), iter(pages), PRIVATE, f"{SECRET}-password") == set()
