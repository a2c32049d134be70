"""Stored passwords: read by who needs one, rotated without downtime, lost one at a time."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from integrations.fields import LOST
from integrations.models import Connection, RemoteCalendar
from integrations.services.clients import SecretLost, client_of
from integrations.services.failing import find_keys_again
from integrations.services.pulling import pull
from tests.conftest import Tenant
from tests.icloud import ICloudAccount


@pytest.fixture
def connection(tenant: Tenant, account: ICloudAccount) -> Connection:
    return account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[account.calendar()]
    )


@pytest.fixture
def keys(settings: Settings) -> Iterator[Any]:
    """Sets FERNET_KEYS as a restart with other keys would."""
    field: Any = Connection._meta.get_field("secret")

    def use(*keys: str) -> None:
        settings.FERNET_KEYS = list(keys)
        for cached in ("keys", "fernet_keys", "fernet"):
            field.__dict__.pop(cached, None)

    yield use
    for cached in ("keys", "fernet_keys", "fernet"):
        field.__dict__.pop(cached, None)


def stored() -> bytes:
    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_connection")
        return bytes(cursor.fetchone()[0])


def test_lists_leave_secrets_in_the_database(connection: Connection) -> None:
    with CaptureQueriesContext(database) as queries:
        list(Connection.objects.all())

    assert not any('"secret"' in query["sql"] for query in queries)


def test_a_lost_key_breaks_no_row_and_is_never_written_back(
    connection: Connection, keys: Any
) -> None:
    before = stored()
    keys("another")

    calendar = RemoteCalendar.objects.select_related("connection").get()
    row = RemoteCalendar.objects.get().connection

    assert calendar.connection.secret is row.secret is LOST
    with pytest.raises(FieldError), transaction.atomic():
        row.save()
    assert stored() == before


def test_keys_rotate_and_the_old_one_can_be_removed(
    connection: Connection, account: ICloudAccount, settings: Settings, keys: Any
) -> None:
    [old] = settings.FERNET_KEYS
    before = stored()
    keys("new", old)
    assert Connection.objects.get().secret == account.password

    call_command("rotate_fernet_keys")
    keys("new")

    assert stored() != before
    assert Connection.objects.get().secret == account.password


def test_rotating_says_which_passwords_are_lost_and_overwrites_nothing(
    connection: Connection, keys: Any
) -> None:
    before = stored()
    keys("another")

    with pytest.raises(CommandError, match="1 could not be decrypted"):
        call_command("rotate_fernet_keys")

    assert stored() == before


def test_a_lost_key_asks_for_the_password_again_and_asks_icloud_nothing(
    connection: Connection, account: ICloudAccount, keys: Any
) -> None:
    keys("another")
    account.server.clear()

    assert pull(Connection.objects.select_related("remote_account").get()) is None

    assert account.server.requests == []
    state = Connection.objects.values_list("state", "problem").get()
    assert state == ("needs_reconnect", "key_lost")
    with pytest.raises(SecretLost):
        client_of(Connection.objects.get())


def test_a_key_that_is_there_again_needs_no_new_password(
    connection: Connection, account: ICloudAccount, settings: Settings, keys: Any
) -> None:
    right = list(settings.FERNET_KEYS)
    keys("another")
    pull(Connection.objects.select_related("remote_account").get())
    assert find_keys_again() == 0
    keys(*right)
    account.server.clear()

    assert find_keys_again() == 1

    assert account.server.requests == []
    state = Connection.objects.values_list("state", "problem", "failures").get()
    assert state == ("connected", "", 0)
    assert pull(Connection.objects.select_related("remote_account").get()) is not None


def test_a_token_tampered_with_is_a_lost_secret(connection: Connection) -> None:
    with database.cursor() as cursor:
        forged = Fernet(Fernet.generate_key()).encrypt(b"x")
        cursor.execute("UPDATE integrations_connection SET secret = %s", [forged])

    with pytest.raises(SecretLost):
        client_of(Connection.objects.get())


@pytest.mark.parametrize("expression", [Value("plain"), Concat(F("account_name"), Value("plain"))])
def test_an_expression_never_stores_a_secret_in_the_clear(
    connection: Connection, expression: Any
) -> None:
    before = stored()

    with pytest.raises(FieldError), transaction.atomic():
        Connection.objects.update(secret=expression)

    assert stored() == before


def test_bulk_update_keeps_every_secret_its_own(
    connection: Connection, tenant: Tenant, account: ICloudAccount
) -> None:
    second = ICloudAccount(account.server).connect(tenant.mate, tenant.sub_account)
    rows = list(Connection.objects.order_by("pk"))
    for row in rows:
        row.secret = f"secret of {row.pk}"

    Connection.objects.bulk_update(rows, ["secret"])

    secrets = {row.pk: row.secret for row in Connection.objects.all()}
    assert secrets == {
        connection.pk: f"secret of {connection.pk}",
        second.pk: f"secret of {second.pk}",
    }
