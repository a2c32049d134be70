"""Accounts and their passwords, as their owners and Apple handle them."""

from threading import RLock

from tests.fakes.icloud.gate import is_app_specific
from tests.fakes.icloud.service import Service
from tests.fakes.icloud.state import Account, Calendar, Kind
from tests.passwords import watch

SYSTEM: tuple[tuple[str, Kind, str, tuple[str, ...]], ...] = (
    ("inbox", "inbox", "", ("VEVENT",)),
    ("notification", "notification", "", ()),
    ("outbox", "outbox", "", ("VEVENT", "VTODO")),
    ("tasks", "reminders", "Reminders", ("VTODO",)),
)
MOST_PASSWORDS = 25
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class People:
    """``turn`` is held for every change, so that requests see all of it or nothing."""

    service: Service
    turn: "RLock"

    @property
    def users(self) -> dict[str, str]:
        """Each account's name and the password it was given last."""
        return {
            account.name: (account.passwords or [account.main_password])[-1]
            for account in self.service.world.accounts.values()
        }

    def account(self, name: str) -> Account:
        found = self.service.world.accounts.get(name.lower())
        if found is None:
            raise AssertionError(f"Nobody is called {name}.")
        return found

    def add_user(self, name: str, password: str) -> str:
        """Let somebody sign in, or change the password; returns the path of the home.

        A password without the form of an app-specific one becomes the account's main password.
        """
        with self.turn:
            account = self.service.world.accounts.get(name.lower()) or self._new_account(name)
            if is_app_specific(watch(password)):
                account.passwords = [password]
            else:
                account.main_password, account.passwords = password, []
            account.is_locked, account.refusals = False, 0
        return account.home

    def make_password(self, name: str) -> str:
        """Another app-specific password beside those there are, 25 at most; returns it."""
        with self.turn:
            account = self.account(name)
            if len(account.passwords) >= MOST_PASSWORDS:
                raise AssertionError("Apple allows 25 app-specific passwords at a time.")
            password = watch(_password(account.number * 1000 + len(account.passwords)))
            account.passwords.append(password)
        return password

    def revoke(self, name: str, password: str = "") -> None:
        """Take back one app-specific password, or all of them."""
        with self.turn:
            account = self.account(name)
            account.passwords = [each for each in account.passwords if password not in {"", each}]

    def change_main_password(self, name: str, password: str) -> None:
        """Which revokes every app-specific one."""
        with self.turn:
            self.account(name).main_password = watch(password)
            self.revoke(name)

    def add_alias(self, name: str, alias: str) -> None:
        """Another address of the same account; it can sign in with it as well."""
        with self.turn:
            account = self.account(name)
            account.aliases = (*account.aliases, alias)
            self.service.world.accounts[alias.lower()] = account

    def _new_account(self, name: str) -> Account:
        world = self.service.world
        account = world.new_account(name)
        if self.service.quirks.system_collections:
            for slug, kind, title, components in SYSTEM:
                path = f"{account.home}{slug}/"
                account.calendars[path] = Calendar(
                    path, title, world.new_collection(), kind, "#FF9500FF", components=components
                )
        return account


def _password(number: int) -> str:
    """Sixteen letters that differ for each number: no secret, but always the same."""
    letters = ""
    for _ in range(16):
        number, letter = divmod(number * 31 + 7, 26)
        letters += ALPHABET[letter]
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
