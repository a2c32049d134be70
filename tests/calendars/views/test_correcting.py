import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from accounts.models import User
from calendars.models import Appointment, Calendar, Contact, Mail
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from tests.architecture.rows import everything
from tests.calendars.scenes import NOW, wish
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

SignIn = Callable[[User], Client]
RIGHT = {
    "name": "Gina Grown",
    "email": "gina@new.example",
    "phone": "030 7",
    "language": "de",
    "time_zone": "Europe/Vienna",
    "notes": "Ring\r\ntwice",
}


def fields_in(page: str) -> dict[str, Any]:
    """What a browser sends that changes nothing."""
    form = html.fromstring(page).xpath("//form[.//textarea]")[0]
    # The first line end in a textarea belongs to the page's source, says HTML, and lxml does not.
    return {name: (value or "").removeprefix("\n") for name, value in form.fields.items()}


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar), now=NOW)


def page_of(appointment: Appointment) -> str:
    return f"/s/riverside/appointments/{appointment.pk}/"


def _is_ticked(page: str) -> bool:
    [box] = re.findall(r'<input[^>]*name="with_contact"[^>]*>', page)
    return " checked" in box


def form_of(appointment: Appointment) -> str:
    return page_of(appointment) + "guest/"


def test_its_page_leads_there_and_the_form_shows_what_is_known(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)
    before = everything()

    assert f'href="{form_of(appointment)}"' in text_of(client.get(page_of(appointment)))
    page = text_of(client.get(form_of(appointment)))

    assert 'value="Gina Guest"' in page
    assert 'value="gina@example.com"' in page
    assert '<option value="Europe/Berlin" selected>' in page
    assert '<option value="en" selected>English</option>' in page
    assert _is_ticked(page)
    assert everything() == before


def test_a_contact_with_another_address_is_left_alone_unless_that_is_ticked(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Contact.objects.update(email="gina@work.example")

    assert not _is_ticked(text_of(signed_in(tenant.owner).get(form_of(appointment))))


def test_what_was_put_right_stands_there_and_what_was_before_in_the_history(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    page = signed_in(tenant.owner).post(form_of(appointment), RIGHT, follow=True)

    said = text_of(page)
    assert page.redirect_chain == [(page_of(appointment), 302)]
    assert "From now on the guest is written to at gina@new.example." in said
    for text in ("Gina Grown", "030 7", "Deutsch", "Europe/Vienna", "Details changed"):
        assert text in said
    assert "E-mail before: gina@example.com" in said
    appointment.refresh_from_db()
    assert appointment.notes == "Ring\ntwice"
    assert Contact.objects.get().email == "gina@example.com"


def test_mails_are_listed_with_the_address_they_went_to(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Mail.objects.update(sent_at=timezone.now(), address="gina@example.com")

    said = text_of(signed_in(tenant.owner).post(form_of(appointment), RIGHT, follow=True))

    assert "To the guest, gina@example.com" in said
    assert "To the guest, gina@new.example" in said


def test_the_old_link_leads_nowhere_and_the_new_one_to_the_appointment(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, client: Client
) -> None:
    old = f"/appointments/{appointment.token}/"
    assert client.get(old).status_code == 200

    signed_in(tenant.owner).post(form_of(appointment), RIGHT)

    appointment.refresh_from_db()
    assert client.get(old).status_code == 404
    assert client.get(f"/appointments/{appointment.token}/").status_code == 200


def test_the_contact_changes_with_it_where_that_is_ticked(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    signed_in(tenant.owner).post(form_of(appointment), {**RIGHT, "with_contact": "on"})

    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("Gina Grown", "gina@new.example")


def test_another_contacts_address_is_explained_and_what_was_typed_is_kept(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    Contact.objects.create(sub_account=tenant.sub_account, name="Hugo", email="gina@new.example")
    client, before = signed_in(tenant.owner), everything()

    refused = client.post(form_of(appointment), {**RIGHT, "with_contact": "on"})

    assert refused.status_code == 422
    assert "Leave this out to change the appointment alone." in text_of(refused)
    assert 'value="Gina Grown"' in text_of(refused)
    assert everything() == before

    client.post(form_of(appointment), RIGHT)
    appointment.refresh_from_db()
    assert appointment.guest_email == "gina@new.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"email": "nobody"},
        {"email": "gina@exämple.com"},
        {"phone": "1\x07"},
        {"language": "xx"},
        {"time_zone": "Europe/Atlantis"},
        {"notes": "x" * 2001},
    ],
)
def test_what_is_not_right_is_refused(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment, wrong: dict[str, str]
) -> None:
    client, before = signed_in(tenant.owner), everything()

    page = client.post(form_of(appointment), {**RIGHT, **wrong})

    assert page.status_code == 422
    assert everything() == before


def test_nothing_changed_and_no_address_are_said(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client = signed_in(tenant.owner)
    client.post(form_of(appointment), RIGHT)

    again = client.post(form_of(appointment), RIGHT, follow=True)
    without = client.post(form_of(appointment), {**RIGHT, "email": ""}, follow=True)

    assert "Nothing was changed." in text_of(again)
    assert "The guest has no address any more: tell them yourself." in text_of(without)


def test_who_does_not_serve_it_reads_and_changes_nothing(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    client, before = signed_in(tenant.mate), everything()

    assert form_of(appointment) not in text_of(client.get(page_of(appointment)))
    assert client.get(form_of(appointment)).status_code == 403
    assert client.post(form_of(appointment), RIGHT).status_code == 403
    assert everything() == before


def test_a_cancelled_one_is_put_right_as_well(
    tenant: Tenant, signed_in: SignIn, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.owner)

    signed_in(tenant.owner).post(form_of(appointment), RIGHT)

    appointment.refresh_from_db()
    assert (appointment.guest_name, appointment.status) == ("Gina Grown", "cancelled")


def test_an_old_page_puts_nothing_back_that_a_colleague_put_right(
    tenant: Tenant, appointment: Appointment, signed_in: SignIn
) -> None:
    page = f"{page_of(appointment)}guest/"
    seen = fields_in(text_of(signed_in(tenant.admin).get(page)))
    signed_in(tenant.owner).post(page, RIGHT)
    token = Appointment.objects.get().token

    signed_in(tenant.admin).post(page, {**seen, "phone": "030 99"})

    after = Appointment.objects.get()
    assert (after.guest_email, after.guest_phone) == (RIGHT["email"], "030 99")
    assert (after.guest_name, after.notes) == (RIGHT["name"], "Ring\ntwice")
    assert after.token == token


def test_a_page_sent_as_it_was_shown_changes_nothing(
    tenant: Tenant, appointment: Appointment, signed_in: SignIn
) -> None:
    page = f"{page_of(appointment)}guest/"
    client = signed_in(tenant.owner)
    client.post(page, RIGHT)
    before = Appointment.objects.values().get()

    seen = fields_in(text_of(client.get(page)))
    answer = client.post(page, {**seen, "notes": seen["notes"].replace("\n", "\r\n")}, follow=True)

    assert "Nothing was changed." in text_of(answer)
    assert Appointment.objects.values().get() == before
