"""Mails as the outbox sends them, while something else happens."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django.fixtures import Settings

from calendars.models import Appointment, Mail, OutboxItem
from calendars.services.correcting import correct, guest_of
from integrations.services.delivering import deliver_due
from tests.calendars.scenes import NOW
from tests.conftest import Tenant

NEW = "gina@new.example"


class Meanwhile(EmailBackend):
    """The mail server takes a while, and something happens."""

    happens: list[Callable[[], object]] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if self.happens and messages[0].to == ["gina@example.com"]:
            self.happens.pop()()
        return int(super().send_messages(messages))


def to_the_guest() -> list[tuple[str, bool]]:
    rows = Mail.objects.filter(to=None).order_by("pk")
    return [(row.address, row.sent_at is not None) for row in rows]


def test_an_address_put_right_while_the_mail_goes_out_gets_it_as_well(
    tenant: Tenant, appointment: Appointment, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{Meanwhile.__name__}"

    def put_right() -> Any:
        guest = replace(guest_of(appointment), email=NEW)
        return correct(appointment, guest, by=tenant.owner, now=NOW, with_contact=False)

    Meanwhile.happens = [put_right]
    deliver_due(seconds=10)
    OutboxItem.objects.update(due_at=timezone.now())
    deliver_due(seconds=10)

    guests = [message.to for message in mail.outbox if message.to != [tenant.owner.email]]
    assert guests == [["gina@example.com"], [NEW]]
    assert to_the_guest() == [(NEW, True)]


def test_a_mail_says_where_it_went(tenant: Tenant, appointment: Appointment) -> None:
    deliver_due(seconds=10)

    assert sorted(Mail.objects.values_list("address", flat=True)) == [
        "gina@example.com",
        tenant.owner.email,
    ]
