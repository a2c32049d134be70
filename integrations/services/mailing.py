"""Write a mail and send it, once. Trying again, later or never, is not decided here.

What the texts say is in `templates/emails`: of each kind of mail the first line is the subject, the
second the heading, and the others are sentences.
"""

import re
from dataclasses import dataclass
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import punycode
from django.utils.translation import gettext_noop as _

from accounts.models import Member
from calendars.ical import mail_file, method_of
from calendars.models import Appointment, Mail, MeetingHost
from calendars.services.policies import may_cancel, may_reschedule
from integrations.services.mirroring import calendar_for

# Controls, separators that some readers take for line ends, and marks that turn text around.
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class NoAddress(ValueError):
    """What stands there as an address is none."""


def send(mail: Mail) -> None:
    """Send it over Django's mail backend. Whatever that raises is raised, and `NoAddress`."""
    with timezone.override(_zone_of(mail)), translation.override(_language_of(mail)):
        message = _message(mail)
    message.send()


def address_of(mail: Mail) -> str:
    """Where its reader gets mail by now; empty for a guest who left no address."""
    return str(mail.to.email if mail.to else mail.appointment.guest_email)


def is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the address, or this very message, was refused for good.

    What an operator can mend, such as a wrong password of the mail server, is not final.
    """
    return _judge(error).is_final


def words(error: Exception) -> str:
    """What went wrong, for staff: never the server's own words."""
    return _judge(error).words


@dataclass(frozen=True, slots=True)
class _Judgement:
    words: str
    is_final: bool = False


_NO_ADDRESS = _Judgement(_("Mail cannot be sent to this address."), is_final=True)
_REFUSED = _Judgement(_("The mail server does not accept this address."), is_final=True)
_CONTENT = _Judgement(_("The mail server refused the message."), is_final=True)
_LATER = _Judgement(_("The mail server asks to try again later."))
_SETTINGS = _Judgement(_("The mail server refuses Daybook’s sign-in or sender: see its settings."))
_UNREACHABLE = _Judgement(_("The mail server cannot be reached."))
_INTERNAL = _Judgement(_("Daybook could not write this mail."))


def _judge(error: Exception) -> _Judgement:
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _REFUSED if codes and all(map(_is_permanent, codes)) else _LATER
    if isinstance(error, SMTPAuthenticationError | SMTPSenderRefused | SMTPNotSupportedError):
        return _SETTINGS
    if isinstance(error, SMTPResponseException):
        return _CONTENT if _is_permanent(error.smtp_code) else _LATER
    if isinstance(error, SMTPException | OSError):
        return _UNREACHABLE
    if isinstance(error, NoAddress):
        return _NO_ADDRESS
    return _INTERNAL


def _is_permanent(code: int) -> bool:
    """RFC 5321, 4.2.1."""
    return 500 <= code < 600


def _message(mail: Mail) -> EmailMultiAlternatives:
    told = _told(mail)
    reader = "host" if mail.to else "guest"
    said = render_to_string(f"emails/{reader}/{mail.kind}.txt", told).splitlines()
    subject, heading, *sentences = [line for line in said if line]
    told |= {"subject": subject, "heading": heading, "sentences": sentences}
    message = EmailMultiAlternatives(
        subject,
        render_to_string("emails/mail.txt", told),
        to=[_address(mail)],
        headers={
            # The same at every attempt: a mail that arrives twice is known as one.
            "Message-ID": f"<{mail.message_key}@{_site_host()}>",
            # RFC 3834, 5: nobody's holiday notice answers it.
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("emails/mail.html", told), "text/html")
    if _wants_file(mail):
        _add_file(message, mail)
    return message


def _add_file(message: EmailMultiAlternatives, mail: Mail) -> None:
    """Both as the last alternative, where Gmail and Outlook look, and as an attachment for programs
    that look only there, Apple Mail on a phone among them. Google's own mails and nodemailer
    do the same: https://nodemailer.com/message/calendar-events/
    """
    file = mail_file(mail)
    method = method_of(mail)
    # Django adds the charset.
    message.attach_alternative(file.decode(), f"text/calendar; method={method}")
    # Not text/calendar again: programs that know it would offer the event twice.
    message.attach("appointment.ics", file, "application/ics")


def _wants_file(mail: Mail) -> bool:
    """Guests get the event; of hosts only who has no linked calendar, or they would see it twice.

    `MeetingHost.copy` does not tell before the event's own turn in the outbox has come.

    A reminder has none. Nothing changed: a file of the same SEQUENCE and a later DTSTAMP replaces
    the event (RFC 5546, 2.1.5), and with it what its reader made of it, an alarm of their own or
    that they threw it away.
    """
    if mail.kind == Mail.Kind.REMINDER:
        return False
    if mail.to is None:
        return True
    parts = MeetingHost.objects.filter(meeting=mail.appointment.meeting_id, user=mail.to)
    return all(calendar_for(part) is None for part in parts.select_related("meeting", "user"))


def _told(mail: Mail) -> dict[str, Any]:
    """What the templates can tell. One line each, but for what a guest or a host wrote freely."""
    appointment = mail.appointment
    calendar = appointment.meeting.calendar
    guest = _one_line(appointment.guest_name)
    hosts = _one_line(mail.hosts)
    return {
        "what": _one_line(appointment.meeting.what),
        "where": _one_line(calendar.location),
        "sub_account": _one_line(appointment.meeting.sub_account.name),
        "hosts": hosts,
        "guest": guest,
        "with": guest if mail.to else hosts,
        "starts_at": mail.starts_at,
        "ends_at": mail.ends_at,
        "was_at": mail.was_at,
        "has_moved": mail.was_at is not None and mail.was_at != mail.starts_at,
        "is_same_time": mail.was_at == mail.starts_at,
        "is_tentative": appointment.status == Appointment.Status.NEW,
        "zone": timezone.get_current_timezone_name(),
        "reason": _lines(mail.reason),
        "is_for_host": mail.to is not None,
        **(_for_host(appointment) if mail.to else _for_guest(mail)),
    }


def _for_host(appointment: Appointment) -> dict[str, Any]:
    slug = appointment.meeting.sub_account.slug
    return {
        "page_url": f"{settings.SITE_URL}/s/{slug}/appointments/{appointment.pk}/",
        "email": _one_line(appointment.guest_email),
        "phone": _one_line(appointment.guest_phone),
        "notes": _lines(appointment.notes),
        "others": appointment.meeting.appointments.live().exclude(pk=appointment.pk).count(),
    }


def _for_guest(mail: Mail) -> dict[str, str]:
    """Links only. What the guest typed stays out, their name included: anybody can book with
    somebody else's address, and would have Daybook mail them whatever they like."""
    appointment, now = mail.appointment, timezone.now()
    calendar, sub_account = appointment.meeting.calendar, appointment.meeting.sub_account
    links = {"page_url": _url("public:appointment", appointment.token)}
    if mail.kind == Mail.Kind.CANCELLED:
        if calendar.is_active:
            links["book_url"] = _url("public:book", sub_account.slug, calendar.slug)
        return links
    if may_reschedule(appointment, now=now):
        links["reschedule_url"] = _url("public:reschedule", appointment.token)
    if may_cancel(appointment, now=now):
        links["cancel_url"] = _url("public:cancel", appointment.token)
    return links


def _address(mail: Mail) -> str:
    """Exactly one mailbox, without a name. Raises `NoAddress`."""
    address = address_of(mail)
    mailbox, _, domain = address.rpartition("@")
    try:
        validate_email(address)
        mailbox.encode("ascii")  # else Django would write to another mailbox: the encoded word
        punycode(domain)
    except (ValidationError, UnicodeError) as error:
        raise NoAddress from error
    return address


def _zone_of(mail: Mail) -> ZoneInfo:
    if mail.to is None:
        return ZoneInfo(mail.appointment.guest_time_zone)
    sub_account = mail.appointment.meeting.sub_account
    member = Member.objects.within(sub_account).filter(user=mail.to).first()
    return member.zone if member else sub_account.zone


def _language_of(mail: Mail) -> str:
    """A guest's is the one they booked in; what hosts read is not translated yet."""
    return settings.LANGUAGE_CODE if mail.to else str(mail.appointment.guest_language)


def _site_host() -> str:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"[{host}]" if ":" in host else punycode(host)


def _url(name: str, *args: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def _one_line(text: str) -> str:
    return " ".join(_UNPRINTED.sub(" ", text).split())


def _lines(text: str) -> str:
    return "\n".join(_one_line(line) for line in text.splitlines())
