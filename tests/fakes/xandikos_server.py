"""A real Xandikos: one user without password, no rights, tokens and 412s of its own kind."""

from tests.fakes.served import ServedCalDAV, python_module

HOME = "/user/calendars/"


class XandikosServer(ServedCalDAV):
    """Everything belongs to the principal ``/user/``; calendars live below ``/user/calendars/``.

    Xandikos signs nobody in over plain HTTP, keeps nothing read-only and knows no subscriptions.
    """

    def command(self, port: int) -> list[str]:
        return [
            *python_module("xandikos"),
            "serve",
            "--defaults",
            "--directory",
            str(self.folder / "collections"),
            "--state-dir",
            str(self.folder / "state"),
            "--listen-address",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-detect-systemd",
        ]
