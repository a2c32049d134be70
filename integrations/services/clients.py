"""Clients for the configured iCloud address. The only place that turns settings into a server."""

from django.conf import settings

from integrations.caldav.client import Client, Credentials, Limits, Server
from integrations.models import Connection


class SecretLost(Exception):
    """The stored password cannot be decrypted with any of the configured keys."""


def icloud_server() -> Server:
    return Server(settings.ICLOUD_CALDAV_URL, tuple(settings.CALDAV_ALLOWED_HOSTS))


def open_client(apple_id: str, password: str, *, limits: Limits | None = None) -> Client:
    return Client(icloud_server(), Credentials(apple_id, password), limits=limits or Limits())


def client_of(connection: Connection, *, limits: Limits | None = None) -> Client:
    """A client signed in as this connection. Raises `SecretLost`; makes no request."""
    if not (password := connection.secret):
        raise SecretLost
    return open_client(connection.account_name, str(password), limits=limits)
