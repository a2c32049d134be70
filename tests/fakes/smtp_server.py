"""A small mail server over a real socket, that refuses, waits or hangs up where told to."""

import socket
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import BinaryIO

from tests.fakes.listening import Listening

GREETING = "220 mail.test ready"
HANG_UP = ""  # as an answer: the connection is closed instead


@dataclass
class Received:
    """A message that was accepted, and for whom."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class _Session:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


class SmtpServer(Listening):
    """Answers each command with 250, but for those in `answers`: by their verb, or `BODY` for the
    end of the message, or `GREETING`. `received` lists what was accepted."""

    def __init__(self, **answers: str) -> None:
        super().__init__()
        self.answers = {"GREETING": GREETING, "DATA": "354 go on", "QUIT": "221 bye", **answers}
        self.received: list[Received] = []

    def serve(self, line: socket.socket, number: int) -> None:
        with line, line.makefile("rb") as said:
            if not self._answer(line, "GREETING"):
                return
            session = _Session()
            for command in said:
                text = command.decode().strip()
                verb = text.partition(" ")[0].upper()
                if not self._answer(line, verb):
                    return
                if verb == "DATA" and self.answers["DATA"].startswith("3"):
                    if not self._take(line, said, session):
                        return
                elif verb == "QUIT":
                    return
                _note(session, verb, text)

    def _take(self, line: socket.socket, said: BinaryIO, session: _Session) -> bool:
        content = b""
        for row in said:
            if row == b".\r\n":
                break
            content += row.removeprefix(b".") if row.startswith(b"..") else row
        if self.answers.get("BODY", "2").startswith("2"):
            self.received.append(Received(session.sender, session.recipients, content))
        return self._answer(line, "BODY")

    def _answer(self, line: socket.socket, step: str) -> bool:
        """False where the connection ends here."""
        answer = self.answers.get(step, "250 ok")
        if answer == HANG_UP:
            return False
        line.sendall(f"{answer}\r\n".encode())
        return True


def _note(session: _Session, verb: str, text: str) -> None:
    address = text.partition("<")[2].partition(">")[0]
    if verb == "MAIL":
        session.sender = address
    elif verb == "RCPT":
        session.recipients.append(address)
