from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client

from accounts.models import User
from calendars.models import Calendar
from calendars.services.booking import book
from tests.calendars.scenes import HALF_HOUR, add_host, make_calendar, wish
from tests.calendars.views.pages import text_of, words_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
FIRST = datetime(2026, 2, 2, 8, tzinfo=UTC)  # Monday the second, nine in Berlin


def priorities(tenant: Tenant) -> dict[str, str]:
    return {f"priority_{user.pk}": "2" for user in (tenant.admin, tenant.owner, tenant.mate)}


def page_of(calendar: Calendar) -> str:
    return f"/s/riverside/settings/calendars/{calendar.pk}/simulate/"


def test_an_admin_reads_who_would_have_got_last_months_bookings(
    tenant: Tenant, calendar: Calendar, signed_in: SignIn
) -> None:
    add_host(calendar, tenant.mate)
    for n in range(4):
        request = wish(calendar, FIRST + n * HALF_HOUR, host=tenant.owner.pk)
        book(request, now=FIRST - timedelta(days=3))
    priority = priorities(tenant)
    chosen = {f"in_{tenant.owner.pk}": "on", f"in_{tenant.mate.pk}": "on"}

    page = signed_in(tenant.admin).get(page_of(calendar), {"mode": "equal", **chosen, **priority})

    assert page.status_code == 200
    words = words_of(text_of(page))
    assert "February 2026: 4 bookings" in words
    assert "Host Had Would have got Difference Owner 4 2 -2 Mate 0 2 +2" in words
    assert "Somebody could have taken each of them." in words


def test_the_page_names_bookings_nobody_could_have_taken(
    tenant: Tenant, calendar: Calendar, signed_in: SignIn
) -> None:
    book(wish(calendar, FIRST), now=FIRST - timedelta(days=3))
    priority = priorities(tenant)

    page = signed_in(tenant.admin).get(
        page_of(calendar), {"mode": "availability", f"in_{tenant.mate.pk}": "on", **priority}
    )

    words = words_of(text_of(page))
    assert "Nobody could have taken 1 of them Mon 2 Feb 2026, 09:00: Gina Guest" in words


def test_it_begins_with_the_team_as_it_is_and_calculates_nothing(
    tenant: Tenant, calendar: Calendar, signed_in: SignIn
) -> None:
    page = signed_in(tenant.admin).get(page_of(calendar))

    form = page.context["form"]
    assert page.context["simulation"] is None
    assert [(is_in.label, is_in.initial, rank.initial) for is_in, rank in form.rows] == [
        ("Owner", True, 2),
        ("Admin", False, 2),
        ("Mate", False, 2),
    ]


def test_without_a_team_there_is_nothing_to_try(
    tenant: Tenant, calendar: Calendar, signed_in: SignIn
) -> None:
    page = signed_in(tenant.admin).get(page_of(calendar), {"mode": "equal"})

    assert page.status_code == 422
    assert "Nobody is in the team. Tick at least one member." in text_of(page)


def test_a_collective_chooses_nobody(tenant: Tenant, frozen: None, signed_in: SignIn) -> None:
    page = signed_in(tenant.admin).get(
        page_of(make_calendar(tenant.sub_account, [tenant.owner], kind="collective"))
    )

    assert "Only calendars of the kinds round robin and service choose" in text_of(page)


def test_the_hosts_page_leads_to_it(tenant: Tenant, calendar: Calendar, signed_in: SignIn) -> None:
    page = signed_in(tenant.admin).get(f"/s/riverside/settings/calendars/{calendar.pk}/hosts/")

    assert f'href="{page_of(calendar)}"' in text_of(page)
