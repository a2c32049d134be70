"""In what order rows are locked, and how: who books waits for others who do, and for no sync."""

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from calendars.services.locking import lock_calendars_and_hosts
from tests.calendars.scenes import make_calendar
from tests.conftest import Tenant


def test_calendars_first_then_users_each_in_the_order_of_their_keys(tenant: Tenant) -> None:
    first = make_calendar(tenant.sub_account, [tenant.mate])
    second = make_calendar(tenant.sub_account, [tenant.owner], slug="second")

    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        found = lock_calendars_and_hosts([second.pk, first.pk])

    assert found == [second, first]
    endings = [query["sql"].partition(" ORDER BY ")[2] for query in seen.captured_queries]
    assert [ending for ending in endings if ending] == [
        '"calendars_calendar"."id" ASC' + in_no_ones_way("calendars_calendar"),
        "1 ASC" + in_no_ones_way("accounts_user"),  # the key, which alone is read
    ]


def in_no_ones_way(table: str) -> str:
    """A lock against other such locks, while rows that point to these can be written.

    SQLite knows no rows' locks: there one transaction writes at a time.
    """
    return f' FOR NO KEY UPDATE OF "{table}"' if connection.vendor == "postgresql" else ""
