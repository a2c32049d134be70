from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django_q.models import OrmQ

from calendars.models import BlockedSlot, BusySource
from integrations.caldav.discovery import CalendarKind
from integrations.models import (
    CalendarConfiguration,
    Connection,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.services.configuring import (
    GONE,
    NOT_SAID,
    NOT_YOURS,
    READ_ONLY,
    Choice,
    NotSelectable,
    choice_of,
    choose_conflicts,
    choose_linked,
    configuration_of,
    offered,
)
from integrations.services.connecting import record_listing
from integrations.services.disconnecting import disconnect
from tests.conftest import Tenant
from tests.integrations.conftest import listing, named
from tests.passwords import PASSWORD

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def configuration(tenant: Tenant, connection: Connection) -> CalendarConfiguration:
    """The owner's, over an account with one calendar of each sort."""
    record_listing(
        connection,
        [
            listing("/1/home/", "Home"),
            listing("/1/work/", "Work"),
            listing("/1/team/", "Team", can_write=False, is_shared=True),
            listing("/1/odd/", "Odd", can_write=None),
            listing("/1/fixtures/", "Fixtures", kind=CalendarKind.SUBSCRIBED),
            listing("/1/tasks/", "Tasks", kind=CalendarKind.REMINDERS),
        ],
        now=NOW,
    )
    return configuration_of(tenant.owner, tenant.sub_account)


def read(connection: Connection) -> dict[str, bool]:
    """The names of the calendars that are read, and whether each blocks."""
    rows = connection.calendars.exclude(busy_source=None)
    return dict(rows.values_list("name", "busy_source__is_blocking"))


def choose(configuration: CalendarConfiguration, names: Sequence[str]) -> None:
    calendars = RemoteCalendar.objects.filter(name__in=names)
    choose_conflicts(configuration, list(calendars))


def test_the_linked_calendar_is_a_conflict_calendar_by_default(
    tenant: Tenant, connection: Connection, configuration: CalendarConfiguration
) -> None:
    work = named(connection, "Work")

    choose_linked(configuration, work)

    assert choice_of(tenant.owner, tenant.sub_account) == Choice(work, (work,))
    assert read(connection) == {"Work": True}
    source = BusySource.objects.get()
    assert (source.user, source.sub_account) == (tenant.owner, tenant.sub_account)
    assert (source.name, source.last_read_at) == ("Work", None)
    assert OrmQ.objects.count() == 1


def test_unticked_the_linked_calendar_is_read_without_blocking(
    tenant: Tenant, connection: Connection, configuration: CalendarConfiguration
) -> None:
    work = named(connection, "Work")
    choose_linked(configuration, work)

    choose(configuration, [])
    choose_linked(configuration, work)

    assert choice_of(tenant.owner, tenant.sub_account) == Choice(work, ())
    assert read(connection) == {"Work": False}


def test_ticked_again_it_blocks_at_once_and_keeps_what_was_read(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose_linked(configuration, named(connection, "Work"))
    source = BusySource.objects.get()
    choose(configuration, [])

    choose(configuration, ["Work"])

    assert BusySource.objects.get() == source
    assert read(connection) == {"Work": True}


def test_the_calendar_linked_before_goes_on_blocking_where_it_did(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose_linked(configuration, named(connection, "Work"))

    choose_linked(configuration, named(connection, "Home"))

    assert read(connection) == {"Home": True, "Work": True}


def test_the_calendar_linked_before_is_read_no_longer_where_it_was_unticked(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose_linked(configuration, named(connection, "Work"))
    choose(configuration, ["Team"])

    choose_linked(configuration, None)

    assert read(connection) == {"Team": True}


def test_calendars_no_longer_chosen_leave_nothing_behind(
    tenant: Tenant, connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose(configuration, ["Home", "Team"])
    for calendar in connection.calendars.exclude(busy_source=None):
        calendar.sync_token = calendar.poll_marker = "1"
        calendar.save()
        RemoteEvent.objects.create(remote_calendar=calendar, href="/1.ics", etag='"1"')
        BlockedSlot.objects.create(
            user=tenant.owner,
            sub_account=tenant.sub_account,
            source=calendar.busy_source,
            starts_at=NOW,
            ends_at=NOW.replace(hour=13),
            title=calendar.name,
        )

    choose(configuration, ["Team"])

    home = named(connection, "Home")
    assert (home.busy_source, home.sync_token, home.poll_marker) == (None, "", "")
    assert [event.remote_calendar.name for event in RemoteEvent.objects.all()] == ["Team"]
    assert [slot.title for slot in BlockedSlot.objects.all()] == ["Team"]
    assert named(connection, "Team").sync_token == "1"


def test_saving_the_same_choice_again_reads_nothing_anew(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose(configuration, ["Home"])
    OrmQ.objects.all().delete()

    choose(configuration, ["Home"])

    assert OrmQ.objects.count() == 0


def test_a_paused_connection_is_not_woken_by_a_choice(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    Connection.objects.update(state=Connection.State.PAUSED)

    choose(configuration, ["Home"])

    assert read(connection) == {"Home": True}
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Team", READ_ONLY),
        ("Odd", NOT_SAID),
        ("Fixtures", "A subscribed calendar"),
        ("Tasks", "A reminders list"),
    ],
)
def test_what_cannot_be_linked_is_refused_with_the_reason(
    connection: Connection, configuration: CalendarConfiguration, name: str, reason: str
) -> None:
    with pytest.raises(NotSelectable) as refusal:
        choose_linked(configuration, named(connection, name))

    assert str(refusal.value).startswith(f"{name}: {reason}")
    assert read(connection) == {}


def test_read_only_and_unknown_calendars_can_be_checked(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose(configuration, ["Team", "Odd"])

    assert read(connection) == {"Odd": True, "Team": True}


@pytest.mark.parametrize("name", ["Fixtures", "Tasks"])
def test_what_holds_no_events_cannot_be_checked(
    connection: Connection, configuration: CalendarConfiguration, name: str
) -> None:
    choose(configuration, ["Home"])

    with pytest.raises(NotSelectable):
        choose(configuration, ["Work", name])

    assert read(connection) == {"Home": True}


def test_a_missing_calendar_can_stay_checked_but_not_become_so(
    connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose(configuration, ["Home"])
    RemoteCalendar.objects.update(missing_since=NOW)

    choose(configuration, ["Home"])
    with pytest.raises(NotSelectable) as refusal:
        choose(configuration, ["Home", "Work"])

    assert str(refusal.value) == f"Work: {GONE}"
    assert read(connection) == {"Home": True}


@pytest.mark.parametrize("kind", ["subscribed", "system"])
def test_what_became_of_a_chosen_calendar_does_not_untick_it(
    tenant: Tenant, connection: Connection, configuration: CalendarConfiguration, kind: str
) -> None:
    choose(configuration, ["Home"])
    RemoteCalendar.objects.filter(name="Home").update(kind=kind)

    offers = {calendar.name for calendar in offered(tenant.owner, tenant.sub_account)}
    choose(configuration, ["Home", "Work"])

    assert {"Home", "Work"} <= offers
    assert read(connection) == {"Home": True, "Work": True}


def foreign_calendar(tenant: Tenant, whose: str) -> RemoteCalendar:
    """A calendar that is not the owner's in this sub-account."""
    account = RemoteAccount.objects.create(principal_path=f"/{whose}/")
    connection: Connection = Connection.objects.create(
        user=tenant.mate if whose == "mate" else tenant.owner,
        sub_account=tenant.sub_account,
        remote_account=account,
        account_name=f"{whose}@icloud.com",
        secret=PASSWORD,
        home_path=f"/{whose}/",
    )
    record_listing(connection, [listing(f"/{whose}/home/", "Foreign")], now=NOW)
    if whose == "disconnected":
        disconnect(connection)
    return connection.calendars.get()


@pytest.mark.parametrize("whose", ["mate", "disconnected"])
def test_only_ones_own_connected_calendars_can_be_chosen(
    tenant: Tenant, configuration: CalendarConfiguration, whose: str
) -> None:
    foreign = foreign_calendar(tenant, whose)

    with pytest.raises(NotSelectable, match=NOT_YOURS):
        choose_linked(configuration, foreign)
    with pytest.raises(NotSelectable, match=NOT_YOURS):
        choose_conflicts(configuration, [foreign])

    assert BusySource.objects.count() == 0


def test_ones_own_calendar_in_another_sub_account_cannot_be_chosen(
    tenant: Tenant, other_tenant: Tenant, connection: Connection
) -> None:
    record_listing(connection, [listing("/1/home/")], now=NOW)
    elsewhere = configuration_of(tenant.owner, other_tenant.sub_account)

    with pytest.raises(NotSelectable, match=NOT_YOURS):
        choose_linked(elsewhere, connection.calendars.get())


def test_offered_are_event_calendars_and_missing_ones_still_chosen(
    tenant: Tenant, connection: Connection, configuration: CalendarConfiguration
) -> None:
    choose(configuration, ["Home"])
    RemoteCalendar.objects.filter(name__in=["Home", "Odd"]).update(missing_since=NOW)

    names = [row.name for row in offered(tenant.owner, tenant.sub_account)]

    assert names == ["Home", "Work", "Team"]
