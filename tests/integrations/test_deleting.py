"""Events deleted in iCloud: their time is kept or freed, as their connection is set, and frozen."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from calendars.models import BlockedSlot
from calendars.services.releasing import release
from integrations.models import Connection
from integrations.services.configuring import choose_conflicts, configuration_of
from integrations.services.deleting import change_deletion_rules
from integrations.services.disconnecting import disconnect
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, remote
from tests.integrations.deletions import (
    DAY,
    HAPPENINGS,
    blocked,
    note,
    put,
    read,
    rule,
    starts,
    ten_days_later,
    today,
)


@pytest.fixture
def work(account: ICloudAccount) -> str:
    return account.calendar()


@pytest.fixture
def connection(tenant: Tenant, account: ICloudAccount, work: str) -> Connection:
    """The owner's, with one conflict calendar."""
    return account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])


def test_set_to_free_a_deleted_event_frees_its_time(
    account: ICloudAccount, work: str, connection: Connection
) -> None:
    first, second = put(account, work, "first", 9), put(account, work, "second", 11)
    read(connection)
    account.server.delete(first)
    read(connection)
    assert blocked() == [("first", True), ("second", False)]
    rule(connection, frees=True)

    account.server.delete(second)
    read(connection)

    assert blocked() == []


def test_switching_to_free_frees_what_is_kept_at_once_and_on_that_connection_only(
    tenant: Tenant, account: ICloudAccount, work: str, connection: Connection
) -> None:
    home = account.calendar("home")
    mates = account.connect_and_choose(tenant.mate, tenant.sub_account, conflicts=[work, home])
    hrefs = [put(account, work, "standing", 8)]
    hrefs += [put(account, work, name, hour) for name, hour in (("first", 9), ("second", 11))]
    read(connection, mates)
    for href in hrefs[1:]:
        account.server.delete(href)
    read(connection, mates)
    account.server.clear()

    freed = rule(connection, frees=True)

    assert freed == 2
    assert account.server.requests == []
    left = BlockedSlot.objects.order_by("user_id", "starts_at").values_list("user", "title")
    assert list(left) == [
        (tenant.owner.pk, "standing"),
        (tenant.mate.pk, "standing"),
        (tenant.mate.pk, "first"),
        (tenant.mate.pk, "second"),
    ]


def test_switching_back_keeps_from_then_on(
    account: ICloudAccount, work: str, connection: Connection
) -> None:
    first, second = put(account, work, "first", 9), put(account, work, "second", 11)
    read(connection)
    rule(connection, frees=True)
    account.server.delete(first)
    read(connection)

    assert rule(connection, frees=False) == 0
    account.server.delete(second)
    read(connection)

    assert blocked() == [("second", True)]


def test_the_label_admits_a_move_while_a_calendar_of_the_user_is_not_read(
    tenant: Tenant, account: ICloudAccount, work: str
) -> None:
    account.calendar("home")
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    href = put(account, work, "a", 9)
    read(connection)

    account.server.delete(href)
    read(connection)

    assert note() == f"Deleted in iCloud on {today()}, or moved to a calendar not read here"


def test_the_label_is_sure_where_every_calendar_is_read(
    account: ICloudAccount, work: str, connection: Connection
) -> None:
    account.server.make_reminders(f"{account.home}todo/", "Reminders")
    href = put(account, work, "a", 9)
    read(connection)

    account.server.delete(href)
    read(connection)

    assert note() == f"Deleted in iCloud on {today()}"


def test_a_calendar_of_a_paused_account_counts_as_not_read(
    tenant: Tenant, account: ICloudAccount, work: str, connection: Connection
) -> None:
    other = ICloudAccount(account.server)
    resting = other.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[other.calendar()]
    )
    read(resting)
    Connection.objects.filter(pk=resting.pk).update(state=Connection.State.PAUSED)
    choose_conflicts(
        configuration_of(tenant.owner, tenant.sub_account),
        [remote(connection, work), resting.calendars.get()],
    )
    href = put(account, work, "a", 9)
    read(connection)

    account.server.delete(href)
    read(connection)

    assert note().endswith("or moved to a calendar not read here")


def test_a_cancelled_occurrence_and_a_shortened_series_are_changes(
    account: ICloudAccount, work: str, connection: Connection
) -> None:
    put(account, work, "series", 9, "RRULE:FREQ=DAILY;COUNT=4")
    read(connection)
    second = tomorrow_at(9) + DAY
    without = f"EXDATE:{second:%Y%m%dT%H%M%SZ}"

    put(account, work, "series", 9, "RRULE:FREQ=DAILY;COUNT=3", without)
    read(connection)

    assert starts() == [tomorrow_at(9), tomorrow_at(9) + 2 * DAY]
    assert blocked() == [("series", False)] * 2


def test_an_event_that_reappears_in_a_calendar_of_another_account_is_kept_no_more(
    tenant: Tenant, account: ICloudAccount, work: str, connection: Connection
) -> None:
    href = put(account, work, "moved", 9)
    read(connection)
    account.server.delete(href)
    read(connection)
    assert blocked() == [("moved", True)]
    other = ICloudAccount(account.server)
    elsewhere = other.calendar()
    put(other, elsewhere, "moved", 14)
    second = other.connect(tenant.owner, tenant.sub_account)
    choose_conflicts(
        configuration_of(tenant.owner, tenant.sub_account),
        [remote(connection, work), remote(second, elsewhere)],
    )

    read(second)

    assert blocked() == [("moved", False)]
    assert starts() == [tomorrow_at(14)]


@pytest.mark.parametrize("happens", HAPPENINGS)
def test_what_is_kept_is_frozen_and_what_was_released_stays_released(
    tenant: Tenant,
    account: ICloudAccount,
    work: str,
    connection: Connection,
    happens: Callable[[Tenant], None],
) -> None:
    href = put(account, work, "gone", 9, "RRULE:FREQ=DAILY")
    put(account, work, "standing", 11, "RRULE:FREQ=DAILY")
    read(connection)
    account.server.delete(href)
    read(connection)
    release(BlockedSlot.objects.get(title="gone", starts_at=tomorrow_at(9) + DAY))
    kept, standing = BlockedSlot.objects.kept(), BlockedSlot.objects.filter(title="standing")
    before, last = list(kept.values()), standing.latest("starts_at").starts_at
    assert len(before) > 50

    ten_days_later(tenant, happens)

    assert list(kept.values()) == before
    assert standing.latest("starts_at").starts_at > last


def test_a_linked_calendar_that_does_not_block_keeps_nothing(
    tenant: Tenant, account: ICloudAccount, work: str
) -> None:
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=work, conflicts=[account.calendar("home")]
    )
    href = put(account, work, "shown", 9)
    read(connection)
    assert blocked() == [("shown", False)]

    account.server.delete(href)
    read(connection)

    assert blocked() == []


def test_unticking_the_linked_calendar_lets_go_of_what_it_keeps(
    tenant: Tenant, account: ICloudAccount, work: str
) -> None:
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=work, conflicts=[work]
    )
    href = put(account, work, "kept", 9)
    put(account, work, "standing", 10)
    read(connection)
    account.server.delete(href)
    read(connection)
    assert blocked() == [("kept", True), ("standing", False)]

    choose_conflicts(configuration_of(tenant.owner, tenant.sub_account), [])

    assert blocked() == [("standing", False)]


def test_an_account_that_is_connected_anew_begins_with_the_careful_settings(
    tenant: Tenant, account: ICloudAccount, connection: Connection
) -> None:
    change_deletion_rules(connection, frees=True, cancels=True, now=timezone.now())
    disconnect(connection)

    again = account.connect(tenant.owner, tenant.sub_account)

    assert again.pk == connection.pk
    assert (again.frees_deleted, again.cancels_deleted) == (False, False)
