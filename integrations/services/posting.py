"""Carry out mails of the outbox: sent once, put off while the mail server fails, or parked."""

from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from django.core.mail import BadHeaderError
from django.db import transaction
from django.utils import timezone

from calendars.models import Mail
from calendars.services.reminding import is_outdated
from integrations.services.claiming import Claim, is_newest, park, put_off, settle
from integrations.services.mailing import address_of, is_final, send, words
from integrations.services.verdicts import back_off

log = structlog.get_logger(__name__)

TRIED_FOR = timedelta(hours=24)


def carry_mail(claim: Claim) -> None:
    """Send the mail, unless that was done before.

    A crash between sending and this mark sends it again, with the same Message-ID: readers see one.
    """
    mail = _mail(claim.item.subject)
    if mail is None or mail.sent_at is not None:
        settle(claim)
        return
    if is_outdated(mail, now=timezone.now()):
        mail.delete()  # nobody was told, and nobody waits for it
        settle(claim)
        return
    try:
        send(mail)
    except (SMTPException, OSError, BadHeaderError, ValueError) as error:
        _after(error, claim, mail)
        return
    _note_sent(claim, mail)


def _mail(pk: int) -> Mail | None:
    rows = Mail.objects.select_related(
        "appointment__meeting__calendar", "appointment__meeting__sub_account", "to"
    )
    return rows.filter(pk=pk).first()


@transaction.atomic
def _note_sent(claim: Claim, mail: Mail) -> None:
    """Where its reader got another address meanwhile, it went to the old one: it goes out again."""
    if is_newest(claim):
        _note(mail, sent_at=timezone.now(), problem="")
    settle(claim)


def _note(mail: Mail, **facts: Any) -> None:
    Mail.objects.filter(pk=mail.pk).update(address=address_of(mail), **facts)


def _after(error: Exception, claim: Claim, mail: Mail) -> None:
    said = words(error)
    log.warning("mail not sent", mail=mail.pk, reason=type(error).__name__)
    _note(mail, problem=said[:300])
    if is_final(error) or timezone.now() - mail.created_at > TRIED_FOR:
        park(claim, said)
    else:
        put_off(claim, back_off(claim.item.attempts), said)
