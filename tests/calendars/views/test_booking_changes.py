from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from calendars.models import Appointment, Calendar, Mail
from calendars.services.booking import book
from tests.architecture.rows import everything
from tests.calendars.scenes import NOW, flagged, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
CHANGES = ["move", "cancel", "restore", "confirm", "showed", "noshow", "invalid"]


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar), now=NOW)


def page_of(appointment: Appointment) -> str:
    return f"/s/riverside/appointments/{appointment.pk}/"


def status_of(appointment: Appointment) -> str:
    appointment.refresh_from_db()
    return appointment.status


@pytest.mark.parametrize("change", CHANGES)
def test_members_who_do_not_serve_it_change_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, change: str
) -> None:
    before = everything()

    answer = signed_in(tenant.mate).post(page_of(appointment) + change + "/")

    assert answer.status_code == 403
    assert everything() == before


@pytest.mark.parametrize("change", CHANGES[2:])
def test_looking_changes_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, change: str
) -> None:
    assert signed_in(tenant.owner).get(page_of(appointment) + change + "/").status_code == 405


def test_cancelling_first_says_what_will_happen(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    before = everything()

    page = signed_in(tenant.admin).get(page_of(appointment) + "cancel/")

    assert page.status_code == 200
    assert "The guest is told by e-mail at gina@example.com." in text_of(page)
    assert "Owner is told by e-mail." in text_of(page)
    assert "Its event is removed from iCloud." in text_of(page)
    assert everything() == before


def test_cancelled_it_says_so_and_offers_to_restore_it(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)

    page = client.post(page_of(appointment) + "cancel/", {"reason": "Burst\r\npipe"}, follow=True)

    assert page.redirect_chain == [(page_of(appointment), 302)]
    assert "Cancelled. The guest is told by e-mail." in text_of(page)
    assert f'action="{page_of(appointment)}restore/"' in text_of(page)
    assert status_of(appointment) == "cancelled"
    assert Mail.objects.get(kind="cancelled").reason == "Burst\npipe"


def test_a_reason_that_is_too_long_is_kept_and_cancels_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    page = signed_in(tenant.owner).post(page_of(appointment) + "cancel/", {"reason": "x" * 501})

    assert page.status_code == 422
    assert "x" * 501 in text_of(page)
    assert status_of(appointment) == "confirmed"


def test_a_guest_without_address_has_to_be_told_by_hand(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Appointment.objects.update(guest_email="")
    client = signed_in(tenant.owner)

    before = text_of(client.get(page_of(appointment) + "cancel/"))
    after = text_of(client.post(page_of(appointment) + "cancel/", follow=True))

    assert "please tell them yourself" in before
    assert "please tell them yourself" in after


def test_what_is_cancelled_already_leads_back_to_it(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Appointment.objects.update(status="cancelled")
    client = signed_in(tenant.owner)
    before = everything()

    for change in ("cancel", "move"):
        page = client.post(page_of(appointment) + change + "/", follow=True)
        assert "It holds no time any more" in text_of(page)
    assert everything() == before


def test_restoring_brings_it_back(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)
    client.post(page_of(appointment) + "cancel/")
    assert status_of(appointment) == "cancelled"

    page = client.post(page_of(appointment) + "restore/", follow=True)

    assert "Restored: it holds its time again." in text_of(page)
    assert status_of(appointment) == "confirmed"


def test_where_the_time_is_gone_restoring_says_why_and_can_be_insisted_on(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)
    client.post(page_of(appointment) + "cancel/")
    other = book(wish(appointment.meeting.calendar, email="next@example.com"), now=NOW)

    refused = client.post(page_of(appointment) + "restore/")
    assert (refused.status_code, status_of(appointment)) == (409, "cancelled")
    assert "Owner: Another appointment lies there." in text_of(refused)

    page = client.post(page_of(appointment) + "restore/", {"anyway": "yes"}, follow=True)
    assert status_of(appointment) == "confirmed"
    assert flagged() == {appointment.meeting_id, other.meeting_id}
    assert "Overlaps another booking" in text_of(page)


@pytest.mark.parametrize(
    ("change", "before", "after", "words"),
    [
        ("confirm", "new", "confirmed", "Confirmed."),
        ("showed", "confirmed", "showed", "Noted: the guest came."),
        ("noshow", "confirmed", "noshow", "Noted: the guest did not come."),
        ("confirm", "noshow", "confirmed", "Confirmed."),
        ("invalid", "confirmed", "invalid", "Marked as invalid"),
    ],
)
def test_one_click_changes_the_status_and_says_so(
    tenant: Tenant,
    signed_in: SignIn,
    appointment: Appointment,
    change: str,
    before: str,
    after: str,
    words: str,
) -> None:
    Appointment.objects.update(status=before)

    page = signed_in(tenant.admin).post(page_of(appointment) + change + "/", follow=True)

    assert words in text_of(page)
    assert status_of(appointment) == after


@pytest.mark.parametrize("change", ["confirm", "showed", "noshow", "invalid"])
def test_what_is_not_possible_any_more_is_said_and_changes_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, change: str
) -> None:
    Appointment.objects.update(status="cancelled")
    before = everything()

    page = signed_in(tenant.owner).post(page_of(appointment) + change + "/", follow=True)

    assert "It was changed in the meantime." in text_of(page)
    assert everything() == before


def test_times_are_those_of_the_reader(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    tenant.admin.member_set.update(time_zone="Asia/Tokyo")

    page = text_of(signed_in(tenant.admin).get(page_of(appointment) + "cancel/"))

    assert "Monday 2 March 2026, 17:00" in page
