"""A real Radicale: users with passwords, read-only calendars, subscriptions, reminders."""

import re
import secrets
from pathlib import Path
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from tests.fakes.served import NAMESPACES, XML, ServedCalDAV, basic, python_module
from tests.passwords import watch

CONFIG = """\
[server]
hosts = 127.0.0.1:{port}
delay_on_error = 0
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = tests.fakes.radicale_rights
file = {folder}/rights
[storage]
type = tests.fakes.radicale_storage
filesystem_folder = {folder}/collections
[web]
type = none
[logging]
level = warning
"""

# The first rule that matches counts.
RIGHTS = """\
[keeper]
user: keeper
collection: .*
permissions: RrWw
{read_only}
[root]
user: .+
collection:
permissions: R
[principal]
user: .+
collection: {{user}}
permissions: RW
[calendars]
user: .+
collection: {{user}}/[^/]+
permissions: rw
"""


class RadicaleServer(ServedCalDAV):
    """Users live at ``/<name>/`` and their calendars at ``/<name>/<calendar>/``.

    With a ``folder`` of your own the users and calendars are there again at the next start.
    """

    def __init__(self, folder: Path | str | None = None, *, port: int = 0) -> None:
        super().__init__(folder, port=port)
        self._users_file = self.folder / "users"
        if self._users_file.exists():
            lines = self._users_file.read_text().splitlines()
            self.users = dict(line.split(":", 1) for line in lines)
        self._keeper = self.users.pop("keeper", "") or secrets.token_hex(16)
        self._write_users()
        self._read_only_file = self.folder / "read-only"
        self._write_rights()

    def command(self, port: int) -> list[str]:
        config = self.folder / "config"
        config.write_text(CONFIG.format(port=port, folder=self.folder))
        return [*python_module("radicale"), "--config", str(config)]

    def authorization(self) -> dict[str, str]:
        return basic("keeper", self._keeper)

    def add_user(self, name: str, password: str) -> str:
        """Let somebody sign in, or change the password; returns the path of the home."""
        self.users[name] = watch(password)
        self._write_users()
        # Radicale makes the home at the first request of its owner.
        home = f"/{quote(name)}/"
        self.ask("PROPFIND", home, headers={**basic(name, password), "Depth": "0"})
        return home

    def make_subscribed(self, path: str, name: str, source: str) -> str:
        """Make a subscription of a calendar elsewhere, as Apple's Calendar keeps it."""
        self.ask(
            "MKCOL",
            path,
            f"<d:mkcol {NAMESPACES}><d:set><d:prop><d:resourcetype><d:collection/>"
            f"<cs:subscribed/></d:resourcetype><d:displayname>{escape(name)}</d:displayname>"
            f"<cs:source>{escape(source)}</cs:source></d:prop></d:set></d:mkcol>",
            XML,
        )
        return path

    def set_read_only(self, path: str, *, read_only: bool = True) -> None:
        """Take its owner's right to write into a calendar, or give it back."""
        paths = set(self._read_only_paths())
        (paths.add if read_only else paths.discard)(unquote(path).strip("/"))
        self._read_only_file.write_text("\n".join(sorted(paths)))
        self._write_rights()

    def _read_only_paths(self) -> list[str]:
        return (
            self._read_only_file.read_text().splitlines() if self._read_only_file.exists() else []
        )

    def _write_users(self) -> None:
        users = {"keeper": self._keeper, **self.users}
        self._users_file.write_text("".join(f"{name}:{word}\n" for name, word in users.items()))

    def _write_rights(self) -> None:
        rules = "".join(
            f"[read-only-{number}]\nuser: .+\ncollection: {_pattern(path)}\npermissions: r\n"
            for number, path in enumerate(self._read_only_paths())
        )
        (self.folder / "rights").write_text(RIGHTS.format(read_only=rules))


def _pattern(path: str) -> str:
    """Radicale formats the pattern with the user's name, so braces are doubled."""
    return re.escape(path).replace("{", "{{").replace("}", "}}")
