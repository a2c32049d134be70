"""Mails as their readers get them."""

import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import icalendar
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from calendars.models import Mail
from integrations.services.mailing import send
from tests.fakes.smtp_server import SmtpServer


def mail_to(reader: str, kind: str) -> Mail:
    """The newest one of that kind to the guest or to a host."""
    mails = Mail.objects.filter(kind=kind, to__isnull=reader == "guest")
    return mails.order_by("-pk")[0]


def sent(mail: Mail) -> EmailMessage:
    """The message as its reader's programme takes it apart."""
    outbox.outbox.clear()
    send(mail)
    [message] = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    with SmtpServer() as server:
        # Over the wire and back: what a reader gets, not what Django holds.
        message.connection = outbox.get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=server.port
        )
        message.send()
        [received] = server.received
    return received.message


def text_in(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_in(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def files_in(message: EmailMessage) -> list[tuple[str, dict[str, str], Any]]:
    """The calendar files: type, parameters of the type, content."""
    return [
        (part.get_content_type(), dict(part["Content-Type"].params), part.get_payload(decode=True))
        for part in message.walk()
        if part.get_content_type() in {"text/calendar", "application/ics"}
    ]


def event_in(message: EmailMessage) -> Any:
    [event] = icalendar.Calendar.from_ical(files_in(message)[0][2]).walk("VEVENT")
    return event


def readable(html: str) -> str:
    """What stands on the page, with single spaces."""

    class Reader(HTMLParser):
        said = ""
        hidden = False

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.hidden = tag in {"style", "title"}

        def handle_endtag(self, tag: str) -> None:
            self.hidden = False
            self.said += " "

        def handle_data(self, data: str) -> None:
            self.said += "" if self.hidden else data

    reader = Reader()
    reader.feed(html)
    return " ".join(reader.said.split())


def links_in(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)
