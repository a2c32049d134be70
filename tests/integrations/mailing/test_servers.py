"""What a mail server may answer, and what follows from it."""

import socket
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

import pytest
from django.core import mail as outbox
from django.template import TemplateDoesNotExist
from django.utils import translation
from pytest_django.fixtures import Settings

from calendars.models import Appointment, Mail
from calendars.services.telling import how_it_stands
from integrations.services.mailing import NoAddress, is_final, send, words
from tests.fakes.smtp_server import HANG_UP, SmtpServer
from tests.integrations.mailing.reading import (
    mail_to,
)
from tests.words.reading import english_in


def over(server: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 1


def test_a_mail_reaches_a_real_server(appointment: Appointment, settings: Settings) -> None:
    with SmtpServer() as server:
        over(server, settings)
        send(mail_to("guest", "booked"))

    [received] = server.received
    assert received.recipients == ["gina@example.com"]
    assert received.sender == "daybook@testserver"
    assert received.message["Subject"].startswith("Booked: Consultation")


@pytest.mark.parametrize(
    ("answers", "is_over", "said"),
    [
        ({"RCPT": "550 no such user g@x"}, True, "The mail server does not accept this address."),
        ({"RCPT": "450 greylisted"}, False, "The mail server asks to try again later."),
        ({"RCPT": "421 closing"}, False, "The mail server asks to try again later."),
        ({"BODY": "554 looks like spam"}, True, "The mail server refused the message."),
        ({"BODY": "451 try later"}, False, "The mail server asks to try again later."),
        (
            {"MAIL": "550 not your sender"},
            False,
            "The mail server refuses Daybook’s sign-in or sender: see its settings.",
        ),
        ({"GREETING": "421 too busy"}, False, "The mail server asks to try again later."),
        ({"GREETING": HANG_UP}, False, "The mail server cannot be reached."),
        ({"RCPT": HANG_UP}, False, "The mail server cannot be reached."),
        ({"BODY": HANG_UP}, False, "The mail server cannot be reached."),
    ],
    ids=str,
)
def test_what_a_server_refuses_is_raised_and_told_apart(
    appointment: Appointment,
    settings: Settings,
    answers: dict[str, str],
    is_over: bool,  # noqa: FBT001
    said: str,
) -> None:
    with SmtpServer(**answers) as server:
        over(server, settings)
        with pytest.raises((SMTPException, OSError)) as raised:
            send(mail_to("guest", "booked"))

    assert (is_final(raised.value), words(raised.value)) == (is_over, said)


def test_a_server_that_hangs_up_after_taking_the_mail_has_taken_it(
    appointment: Appointment, settings: Settings
) -> None:
    with SmtpServer(QUIT=HANG_UP) as server:
        over(server, settings)
        send(mail_to("guest", "booked"))

    assert len(server.received) == 1


def test_a_server_that_is_not_there_or_says_nothing_is_not_final(
    appointment: Appointment, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        with pytest.raises(OSError) as hung:  # noqa: PT011 -- a time-out, of whichever class
            send(mail_to("guest", "booked"))
    with pytest.raises(ConnectionRefusedError) as gone:
        send(mail_to("guest", "booked"))

    for error in (hung.value, gone.value):
        assert (is_final(error), words(error)) == (False, "The mail server cannot be reached.")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "gina",
        "gina@example.com, evil@example.com",
        "Gina <gina@example.com>",
        "gina@example.com\r\nBcc: evil@example.com",
        "gına@example.com",
        "gina@" + "ü" * 63 + ".example",
        "gina@example.com?cc=evil@example.com",
    ],
)
def test_what_is_no_address_is_final_and_nothing_leaves(
    appointment: Appointment, address: str
) -> None:
    Appointment.objects.update(guest_email=address)

    with pytest.raises(NoAddress) as raised:
        send(mail_to("guest", "booked"))

    assert outbox.outbox == []
    assert is_final(raised.value)
    assert words(raised.value) == "Mail cannot be sent to this address."


REFUSED = {"g@x": (550, b"no such user")}
BUSY = {"h@x": (450, b"later")}


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (SMTPRecipientsRefused(REFUSED), True),
        (SMTPRecipientsRefused({**REFUSED, **BUSY}), False),
        (SMTPRecipientsRefused({}), False),
        (SMTPDataError(554, b"spam"), True),
        (SMTPDataError(452, b"full"), False),
        (SMTPSenderRefused(550, b"not you", "d@x"), False),
        (SMTPAuthenticationError(535, b"wrong password"), False),
        (SMTPNotSupportedError("STARTTLS"), False),
        (SMTPConnectError(421, b"busy"), False),
        (SMTPServerDisconnected("gone"), False),
        (TimeoutError(), False),
        (ConnectionRefusedError(), False),
        (TemplateDoesNotExist("x"), False),
        (ValueError("ours"), False),
    ],
    ids=repr,
)
def test_final_is_only_what_nobody_can_mend(error: Exception, final: bool) -> None:  # noqa: FBT001
    assert is_final(error) == final


@pytest.mark.parametrize(
    "error",
    [
        *(NoAddress(), SMTPRecipientsRefused(REFUSED), SMTPDataError(554, b"spam")),
        *(SMTPDataError(452, b"full"), SMTPNotSupportedError("STARTTLS"), OSError(), KeyError()),
    ],
    ids=repr,
)
def test_why_a_mail_is_not_sent_is_stored_in_english_and_said_in_german(error: Exception) -> None:
    stored = Mail(problem=words(error))

    with translation.override("de"):
        _, said = how_it_stands(stored)

    assert said.startswith("nicht gesendet: ")
    assert english_in(said) == []


@pytest.mark.parametrize(
    "error",
    [
        SMTPRecipientsRefused(REFUSED),
        SMTPDataError(554, b"no such user g@x"),
        SMTPSenderRefused(550, b"no such user", "g@x"),
        OSError("no such user g@x"),
        KeyError("no such user g@x"),
    ],
    ids=repr,
)
def test_staff_read_our_words_and_nobodys_address(error: Exception) -> None:
    assert "no such user" not in words(error)
    assert "@" not in words(error)


def test_a_calendar_mail_can_be_read_in_a_terminal(
    appointment: Appointment, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    send(mail_to("guest", "booked"))

    printed = capsys.readouterr().out
    assert "Subject: Booked: Consultation, Mon 2 Mar 2026, 09:00 CET, with Owner" in printed
    assert "When: Monday 2 March 2026, 09:00–09:30 (CET, Europe/Berlin)" in printed
    assert f"http://testserver/appointments/{appointment.token}/cancel/" in printed
