"""Prove an Apple ID and its app-specific password against iCloud, and say in words what failed."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.debug import sensitive_variables

from integrations.caldav.client import Client, Limits
from integrations.caldav.discovery import Account, discover
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    Reason,
    RefusedAddress,
    Throttled,
    Unauthorized,
    Unreachable,
)
from integrations.services.clients import open_client

LONGEST_PATH = 500
PROOF_SECONDS = 9.0
PROOF = Limits(request_seconds=PROOF_SECONDS, total_seconds=PROOF_SECONDS)

REFUSED = _(
    "Apple refused this Apple ID and password. Use an app-specific password (16 letters, like "
    "abcd-efgh-ijkl-mnop), not your Apple password. Check that two-factor authentication is on. "
    "Changing your Apple password revokes all app-specific passwords: then make a new one."
)
OTHER_FORM = _("What was entered does not have the form of an app-specific password.")
KEY_LOST = _(
    "The stored password can no longer be decrypted, because this server's encryption keys were "
    "changed. Enter an app-specific password again; nothing else is lost."
)
NO_CALENDARS = _(
    "iCloud answered, but shows no calendars for this Apple ID. Check on iCloud.com or on a device "
    "that iCloud Calendar is switched on for this account, then try again."
)
UNUSABLE = _("iCloud gave an answer that cannot be used. Try again in a few minutes.")
WORDS = {
    Reason.TIMEOUT: _("iCloud did not answer in time. Try again in a few minutes."),
    Reason.CONNECTION: _(
        "iCloud could not be reached. Try again in a few minutes; if it stays so, the network of "
        "this server may not let it through."
    ),
    Reason.TLS: _(
        "iCloud could not prove who it is (its security certificate was not accepted), so the "
        "password was not sent. Tell whoever runs this server."
    ),
    Reason.SERVER_ERROR: _("iCloud reports a problem of its own. Try again in a few minutes."),
    Reason.NOT_CALDAV: _(
        "The answer came from a web page, not from a calendar server. Something on the network of "
        "this server may stand between it and iCloud: tell whoever runs it."
    ),
    Reason.TOO_LARGE: _(
        "The answer was far larger than a list of calendars can be, and was dropped."
    ),
}
FOREIGN = _(
    "The answer pointed to an address that is not iCloud's. Daybook did not go there, and the "
    "password was not sent there. Tell whoever runs this server."
)


class ConnectingError(Exception):
    """An account was not connected; the text is for the person who tried."""


class NotProved(ConnectingError):
    """iCloud did not confirm the Apple ID and password."""


def canonical_apple_id(typed: str) -> str:
    """Without the invisible characters that come along when copying."""
    visible = (sign for sign in typed if unicodedata.category(sign) != "Cf")
    return "".join(visible).strip().lower()


def canonical_password(typed: str) -> str:
    """`xxxx-xxxx-xxxx-xxxx` where the letters make an app-specific password, else as typed.

    Dashes of any kind, spaces of any kind and invisible characters come along when copying.
    """
    letters = "".join(sign for sign in typed if not _separates(sign))
    if re.fullmatch(r"[A-Za-z]{16}", letters):
        return "-".join(re.findall("....", letters.lower()))
    return typed.strip()


def is_app_specific(password: str) -> bool:
    """Whether it has the form Apple gives to app-specific passwords."""
    return re.fullmatch(r"[a-z]{4}(-[a-z]{4}){3}", canonical_password(password)) is not None


def _separates(sign: str) -> bool:
    return sign.isspace() or sign == "\N{MINUS SIGN}" or unicodedata.category(sign) in {"Pd", "Cf"}


@sensitive_variables("password")
def prove(apple_id: str, password: str) -> Account:
    """Sign in and find the account's calendars, in three requests and within ten seconds.

    Raises NotProved. Never call it inside a transaction.
    """
    with in_words(password), open_client(apple_id, password, limits=PROOF) as client:
        return find(client)


def find(client: Client) -> Account:
    """Discover, and refuse what could not be stored. Raises CalDAVError."""
    account = discover(client)
    if max(len(account.principal_path), len(account.home_path)) > LONGEST_PATH:
        raise Unreachable(Reason.TOO_LARGE)
    return account


@contextmanager
@sensitive_variables("password")
def in_words(password: str) -> Iterator[None]:
    """Turn what the server does to us into NotProved, in words for the person who tried."""
    try:
        yield
    except CalDAVError as error:
        raise NotProved(explain(error, password)) from error


@sensitive_variables("password")
def explain(error: CalDAVError, password: str) -> str:
    """What happened and what to do, in plain words. Nothing of the password is in them."""
    match error:
        case Unauthorized():
            said = gettext(REFUSED)
            return said if is_app_specific(password) else f"{gettext(OTHER_FORM)} {said}"
        case Unreachable(reason=Reason.NOT_CALDAV, status=None) | NotFound() | Forbidden():
            return gettext(NO_CALENDARS)
        case Unreachable(reason=reason):
            return gettext(WORDS[reason])
        case RefusedAddress():
            return gettext(FOREIGN)
        case Throttled(retry_after=seconds):
            return _after(seconds)
    return gettext(UNUSABLE)


def _after(seconds: float | None) -> str:
    if seconds is None or seconds <= 60:
        return gettext("iCloud is busy and asks to wait. Try again in a minute or two.")
    if seconds >= 5400:
        return gettext("iCloud is busy and asks to wait. Try again in a few hours.")
    said = gettext("iCloud is busy and asks to wait. Try again in %(minutes)s minutes.")
    return said % {"minutes": round(seconds / 60)}
