"""The mail that goes to `ADMINS` about a page that failed, as Django writes it."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils.log import AdminEmailHandler
from pytest_django.fixtures import Settings

from accounts.models import User
from integrations.models import Connection
from tests.conftest import Tenant
from tests.icloud import ICloudAccount

CONNECTIONS = "/s/riverside/settings/calendars/connections/"
FORM = f"{CONNECTIONS}icloud/"


@pytest.fixture
def staff(tenant: Tenant, signed_in: Callable[[User], Client], settings: Settings) -> Client:
    """Whom a failing page is shown as one, and somebody who is mailed about it."""
    settings.ADMINS = [("Operator", "operator@example.test")]
    client = signed_in(tenant.owner)
    client.raise_request_exception = False
    return client


@pytest.fixture(autouse=True)
def with_html() -> Iterator[None]:
    """The handler as Django sets it up, told to attach the page with all details too."""
    [handler] = [
        each for each in logging.getLogger("django").handlers if isinstance(each, AdminEmailHandler)
    ]
    before, handler.include_html = handler.include_html, True
    yield
    handler.include_html = before


class FailingAt:
    """The database, which gives up at its nth statement."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OperationalError("disk I/O error")
        return execute(*args)


def mailed() -> str:
    """All that was mailed to the operator."""
    texts = []
    for message in mail.outbox:
        assert isinstance(message, EmailMultiAlternatives)
        assert message.to == ["operator@example.test"]
        texts += [message.subject, message.body, *(str(each[0]) for each in message.alternatives)]
    return "\n".join(map(str, texts))


def test_what_was_typed_is_not_mailed_wherever_the_page_failed(
    staff: Client, account: ICloudAccount
) -> None:
    typed = {"apple_id": account.apple_id, "app_password": account.password}
    statuses: list[int] = []

    while 302 not in statuses:
        with transaction.atomic(), connection.execute_wrapper(FailingAt(len(statuses) + 1)):
            statuses.append(staff.post(FORM, typed).status_code)
            transaction.set_rollback(True)

    assert len(statuses) > 20
    assert set(statuses[:-1]) == {500}
    assert len(mail.outbox) == len(statuses) - 1
    assert account.password not in mailed()
    assert account.apple_id not in mailed()


def test_what_is_stored_is_not_mailed_when_a_page_fails_that_uses_it(
    staff: Client, tenant: Tenant, account: ICloudAccount, settings: Settings
) -> None:
    held = account.connect(tenant.owner, tenant.sub_account)
    settings.CALDAV_ALLOWED_HOSTS = None  # deep below, where the password is a variable

    answer = staff.post(f"{CONNECTIONS}{held.pk}/refresh/")

    assert answer.status_code == 500
    assert len(mail.outbox) == 1
    assert "in open_client" in mailed()
    assert "object is not iterable" in mailed()
    assert account.password not in mailed()
    assert Connection.objects.get().secret == account.password
