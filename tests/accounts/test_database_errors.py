"""Which errors of a database pass by themselves."""

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from accounts.database_errors import is_transient
from accounts.models import User


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM nowhere",
        "SELECT nothing FROM accounts_user",
        "INSERT INTO accounts_agency (id) VALUES (1)",
        "SELEKT",
    ],
)
def test_a_mistake_of_ours_does_not_pass(db: None, sql: str) -> None:
    with (
        pytest.raises(DatabaseError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert not is_transient(raised.value)


def test_what_django_itself_objects_to_does_not_pass(db: None) -> None:
    with pytest.raises(DatabaseError) as raised:
        User(pk=0).save(force_update=True)

    assert not is_transient(raised.value)


def test_a_database_that_is_not_there_may_come_back(db: None) -> None:
    elsewhere = connection.copy()
    elsewhere.settings_dict |= {"NAME": "/nowhere/daybook.sqlite3", "HOST": "127.0.0.1", "PORT": 9}

    with pytest.raises(OperationalError) as raised:
        elsewhere.ensure_connection()

    assert is_transient(raised.value)
