"""Public pages without cookies, as in a frame on another site."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import SubAccount
from calendars.models import Appointment, Calendar
from calendars.services.booking import book
from calendars.services.booking_keys import new_key
from tests.architecture.world import SignIn
from tests.calendars.menus import MENU, make_menu, make_service
from tests.calendars.scenes import MONDAY_NINE, NOW, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

BOOK = "/book/riverside/consultation/"
TEN = "2026-03-02T09:00:00+00:00"
ELEVEN = "2026-03-02T10:00:00+00:00"


class Framed:
    """A browser that keeps no cookie, of a product that insists on its tokens where it has any."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def get(self, url: str) -> Any:
        return self._kept_out(Client(enforce_csrf_checks=True).get(url))

    def post(self, url: str, **typed: str) -> Any:
        return self._kept_out(Client(enforce_csrf_checks=True).post(url, typed))

    def _kept_out(self, answer: Any) -> Any:
        self.given += answer.cookies
        return answer


def guest(start: str, key: str) -> dict[str, str]:
    return {"name": "Gina", "email": "gina@example.com", "start": start, "key": key}


def key_on(page: Any) -> str:
    keys: set[str] = set(re.findall(r'name="key" value="([^"]+)"', text_of(page)))
    return keys.pop()


def test_a_guest_books_moves_and_cancels_without_any_cookie(calendar: Calendar) -> None:
    browser = Framed()
    page = browser.get(BOOK)

    done = browser.post(BOOK, **guest(TEN, key_on(page)))
    link = done["Location"]
    shown = browser.get(link)
    moved = browser.post(f"{link}reschedule/", start=ELEVEN)
    cancelled = browser.post(f"{link}cancel/")

    assert [done.status_code, moved.status_code, cancelled.status_code] == [302] * 3
    assert "You’re booked, Gina" in text_of(shown)
    assert Appointment.objects.get().status == "cancelled"
    assert Appointment.objects.get().meeting.starts_at.isoformat() == ELEVEN
    assert browser.given == []


def test_a_guest_books_from_a_menu_without_any_cookie(tenant: Tenant, calendar: Calendar) -> None:
    cut = make_service(make_menu(tenant), "Cut", 30, [tenant.owner])
    browser = Framed()
    page = browser.get(f"{MENU}?services=cut")

    done = browser.post(MENU, services="cut", **guest(TEN, key_on(page)))

    assert (done.status_code, Appointment.objects.get().meeting.calendar) == (302, cut)
    assert browser.given == []


def test_who_is_signed_in_sees_and_may_do_what_a_guest_may(
    tenant: Tenant, calendar: Calendar, client: Client, signed_in: SignIn
) -> None:
    appointment = book(wish(calendar), now=NOW)
    link = f"/appointments/{appointment.token}/"
    admin = signed_in(tenant.admin)
    admin.post(f"/s/riverside/settings/calendars/{calendar.pk}/deactivate/")  # leaves a message
    admin.post(f"/s/riverside/settings/calendars/{calendar.pk}/activate/")

    def seen(who: Client, url: str) -> str:
        return re.sub(r'name="key" value="[^"]+"', "", text_of(who.get(url)))

    pages = ["/book/riverside/", BOOK, link, f"{link}reschedule/", f"{link}cancel/"]
    assert [seen(admin, url) for url in pages] == [seen(client, url) for url in pages]
    Calendar.objects.update(guests_may_cancel=False, guests_may_reschedule=False)
    answers = [
        admin.post(f"{link}cancel/"),
        admin.post(f"{link}reschedule/", {"start": TEN}),
        admin.post(BOOK, guest(MONDAY_NINE.isoformat(), new_key(calendar))),  # taken
    ]
    assert [answer.status_code for answer in answers] == [409] * 3


def test_staff_see_what_to_put_into_their_site_once_it_is_named(
    tenant: Tenant, calendar: Calendar, signed_in: SignIn
) -> None:
    Calendar.objects.update(name='Cut & "colour"')
    page = f"/s/riverside/settings/calendars/{calendar.pk}/"

    before = text_of(signed_in(tenant.admin).get(page))
    SubAccount.objects.update(framed_by="https://riverside.example")
    after = text_of(signed_in(tenant.admin).get(page))

    assert "No site may show it in a frame yet." in before
    assert (
        f'<code><iframe src="http://testserver{BOOK}"'
        ' title="Book: Cut &amp; &quot;colour&quot;"'
        ' width="100%" height="900" loading="lazy"></iframe></code>'
    ) in after
    assert "Sites that may show it: https://riverside.example." in after


def test_what_is_no_list_of_sites_allows_none(
    client: Client, tenant: Tenant, calendar: Calendar
) -> None:
    stored = SubAccount.objects.filter(pk=tenant.sub_account.pk)
    stored.update(framed_by="https://a.example;\nscript-src\n*")

    policy = client.get("/book/riverside/")["Content-Security-Policy"]

    assert "frame-ancestors 'none'" in policy
    assert "script-src *" not in policy


@pytest.mark.parametrize("page", ["consultation", "nothing", "menu/nothing"])
def test_what_is_not_offered_says_so_in_the_frame_as_well(
    client: Client, tenant: Tenant, calendar: Calendar, page: str
) -> None:
    stored = SubAccount.objects.filter(pk=tenant.sub_account.pk)
    stored.update(framed_by="https://www.riverside.example")
    Calendar.objects.update(is_active=False)

    answer = client.get(f"/book/riverside/{page}/")

    assert answer.status_code == 404
    assert "It is not offered at the moment, or the address is mistyped." in text_of(answer)
    assert "frame-ancestors https://www.riverside.example" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
