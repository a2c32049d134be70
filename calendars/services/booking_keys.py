"""One-time keys of booking forms. They stand in for cookies: booking works in a foreign frame."""

import secrets
from datetime import timedelta

from django.core import signing

from calendars.models import Calendar, CalendarGroup

SALT = "calendars.booking-key"
LIFETIME = timedelta(hours=24)


class KeyRefused(Exception):
    """The key is not one of ours, is another page's, or is too old."""


def new_key(page: Calendar | CalendarGroup) -> str:
    """A signed key for one booking on this calendar or menu, good for 24 hours."""
    return signing.dumps([_name_of(page), secrets.token_urlsafe(24)], salt=SALT)


def nonce_of(key: str, *, page: Calendar | CalendarGroup) -> str:
    """What is remembered of a key once it is used up. Raises `KeyRefused`."""
    try:
        owner, nonce = signing.loads(key, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as refusal:
        raise KeyRefused from refusal
    if owner != _name_of(page):
        raise KeyRefused
    return str(nonce)


def _name_of(page: Calendar | CalendarGroup) -> str:
    kind = "menu" if isinstance(page, CalendarGroup) else "calendar"
    return f"{kind}:{page.pk}"
