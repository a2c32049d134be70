"""One-time keys of booking forms. They stand in for cookies: booking works in a foreign frame."""

import secrets
from datetime import timedelta

from django.core import signing

from calendars.models import Calendar

SALT = "calendars.booking-key"
LIFETIME = timedelta(hours=24)


class KeyRefused(Exception):
    """The key is not one of ours, is another calendar's, or is too old."""


def new_key(calendar: Calendar) -> str:
    """A signed key for one booking on this calendar, good for 24 hours."""
    return signing.dumps([calendar.pk, secrets.token_urlsafe(24)], salt=SALT)


def nonce_of(key: str, *, calendar: Calendar) -> str:
    """What is remembered of a key once it is used up. Raises `KeyRefused`."""
    try:
        owner, nonce = signing.loads(key, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as refusal:
        raise KeyRefused from refusal
    if owner != calendar.pk:
        raise KeyRefused
    return str(nonce)
