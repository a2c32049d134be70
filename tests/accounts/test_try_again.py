"""A database that takes nothing, or is not there: what was sent is kept, secrets are not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from lxml import html

from calendars.models import BlockedSlot
from tests.calendars.views.pages import text_of
from tests.conftest import PASSWORD as SIGN_IN_PASSWORD
from tests.conftest import Tenant
from tests.faults.troubles import TROUBLES
from tests.passwords import PASSWORD

BLOCKED = "/s/riverside/calendar/blocked/"
NAP = {
    "starts_at": "2026-10-26T02:30",
    "ends_at": "2026-10-26T03:30",
    "title": '<Nap> of "two" & more',
}


@contextmanager
def gone() -> Iterator[None]:
    """Nothing reaches the database, as where its server was stopped: a real error of a real one."""
    elsewhere = connection.copy()
    elsewhere.settings_dict |= {"NAME": "/nowhere/daybook.sqlite3", "HOST": "127.0.0.1", "PORT": 9}

    def unreachable(*_args: Any) -> None:
        elsewhere.ensure_connection()

    with connection.execute_wrapper(unreachable):
        yield


def visitor(tenant: Tenant) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(tenant.owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def with_token(client: Client, form: dict[str, Any]) -> dict[str, Any]:
    token = client.get(BLOCKED).context["csrf_token"]
    return {**form, "csrfmiddlewaretoken": str(token)}


def form_in(page: Any) -> dict[str, str]:
    """What the button of the page sends."""
    [form] = html.fromstring(page.content.decode()).forms
    assert form.method == "POST"
    assert form.action is None  # where it was sent first
    return dict(form.form_values())


@pytest.mark.django_db(transaction=True)
def test_what_staff_sent_is_kept_and_sent_again_with_one_button(tenant: Tenant) -> None:
    client = visitor(tenant)
    sent = with_token(client, NAP)

    with TROUBLES["read only"]():
        refused = client.post(BLOCKED, sent)

    kept = form_in(refused)
    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    assert "It is kept on this page" in text_of(refused)
    assert {name: kept[name] for name in NAP} == NAP
    assert not BlockedSlot.objects.exists()
    assert client.post(BLOCKED, kept).status_code == 302
    assert BlockedSlot.objects.get().title == NAP["title"]


@pytest.mark.django_db(transaction=True)
def test_a_password_and_a_file_stand_in_no_page(tenant: Tenant) -> None:
    client = visitor(tenant)
    pages: dict[str, dict[str, Any]] = {
        "/s/riverside/settings/calendars/connections/icloud/": {
            "apple_id": "me@x.test",
            "app_password": PASSWORD,
        },
        BLOCKED: {**NAP, "logo": SimpleUploadedFile("logo.png", PASSWORD.encode())},
    }

    for path, form in pages.items():
        sent = with_token(client, form)
        with gone():
            refused = client.post(path, sent)

        assert refused.status_code == 503
        assert "Please go back in a minute and send it again" in text_of(refused)
        assert PASSWORD not in text_of(refused)
        assert "<form" not in text_of(refused)


@pytest.mark.django_db(transaction=True)
def test_a_guest_gets_the_form_back_without_a_cookie(tenant: Tenant) -> None:
    with gone():
        answer = Client().post("/book/riverside/intro/", {"name": "Gina"})

    assert form_in(answer) == {"name": "Gina"}
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_a_page_whose_reader_cannot_be_looked_up_is_shown_later(tenant: Tenant) -> None:
    client = visitor(tenant)

    with gone():
        page, form = client.get(BLOCKED), Client().get("/book/riverside/intro/")

    for answer in (page, form):
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "Please load the page again in a minute" in text_of(answer)
    assert client.get(BLOCKED).status_code == 200


def test_a_mistake_of_ours_is_still_called_one(db: None, tenant: Tenant) -> None:
    client = visitor(tenant)

    def mistaken(execute: Any, _sql: str, *arguments: Any) -> Any:
        return execute("SELECT nothing FROM nowhere", *arguments)

    with connection.execute_wrapper(mistaken):
        answer = client.get(BLOCKED)

    assert answer.status_code == 500
    assert "Something went wrong on our side" in text_of(answer)


def test_signing_in_while_nothing_can_be_read_shows_no_password(tenant: Tenant) -> None:
    form = {"username": tenant.owner.email, "password": SIGN_IN_PASSWORD}

    with gone():
        answer = Client(raise_request_exception=False).post("/accounts/login/", form)

    assert answer.status_code == 503
    assert SIGN_IN_PASSWORD not in text_of(answer)
