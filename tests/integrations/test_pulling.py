"""Reading a connection, over a real CalDAV server."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Member
from calendars.models import Appointment, BlockedSlot, Contact
from integrations.caldav.errors import Throttled, Unauthorized
from integrations.caldav.ics import uid_of
from integrations.caldav.reading import Listed, Page
from integrations.models import Connection, RemoteEvent, SyncRun
from integrations.services.configuring import choose_conflicts, configuration_of
from integrations.services.disconnecting import disconnect, pause
from integrations.services.leasing import take
from integrations.services.pulling import begin, pull
from integrations.services.scheduling import sync_soon
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, remote, utc_event
from tests.jobs import queued, work_off

TOMORROW = (timezone.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)
BERLIN_TIME = ";TZID=Europe/Berlin:"


def read(connection: Connection) -> SyncRun:
    fresh = Connection.objects.select_related("remote_account").get(pk=connection.pk)
    reading = pull(fresh)
    assert reading is not None
    return reading.run


def slots(tenant: Tenant) -> list[tuple[datetime, datetime, bool, str]]:
    rows = BlockedSlot.objects.within(tenant.sub_account).filter(user=tenant.owner)
    return [(row.starts_at, row.ends_at, row.is_busy, row.title) for row in rows]


def test_events_become_blocked_slots_and_neither_appointments_nor_contacts(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    guest = "ATTENDEE;CN=Guest:mailto:guest@example.com"
    account.server.put(
        f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR, guest, summary="Dentist")
    )
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    read(connection)

    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Dentist")]
    assert (Appointment.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_free_event_is_shown_and_does_not_block(tenant: Tenant, account: ICloudAccount) -> None:
    work = account.calendar()
    free = utc_event("a", TOMORROW, TOMORROW + HOUR, "TRANSP:TRANSPARENT", summary="Gym")
    account.server.put(f"{work}a.ics", free)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    read(connection)

    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, False, "Gym")]
    assert not BlockedSlot.objects.blocking().exists()


def test_the_linked_calendar_unticked_is_read_and_shown_but_does_not_block(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, linked=work, conflicts=[]
    )

    read(connection)

    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]
    assert not BlockedSlot.objects.blocking().exists()


def test_changes_of_time_title_and_freedom_are_followed(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR, summary="Before"))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)

    later = TOMORROW + 3 * HOUR
    after = utc_event("a", later, later + 2 * HOUR, "TRANSP:TRANSPARENT", summary="After")
    account.server.put(f"{work}a.ics", after)
    read(connection)

    assert slots(tenant) == [(later, later + 2 * HOUR, False, "After")]


def test_recurring_all_day_floating_and_zoned_events_block_their_true_time(
    tenant: Tenant, account: ICloudAccount
) -> None:
    day = TOMORROW.date()
    work = account.calendar()
    put = account.server.put
    put(
        f"{work}day.ics",
        event("day", f";VALUE=DATE:{day:%Y%m%d}", f";VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"),
    )
    put(f"{work}floating.ics", event("floating", f":{day:%Y%m%d}T100000", f":{day:%Y%m%d}T110000"))
    zone = ";TZID=America/New_York"
    put(
        f"{work}zoned.ics",
        event("zoned", f"{zone}:{day:%Y%m%d}T100000", f"{zone}:{day:%Y%m%d}T110000"),
    )
    put(
        f"{work}series.ics",
        event(
            "series",
            f":{day:%Y%m%d}T200000Z",
            f":{day:%Y%m%d}T203000Z",
            "RRULE:FREQ=DAILY;COUNT=3",
            f"EXDATE:{day + timedelta(days=1):%Y%m%d}T200000Z",
        ),
    )
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    read(connection)

    berlin, york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    midnight = datetime(day.year, day.month, day.day, tzinfo=berlin)
    next_midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=berlin)
    evening = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    assert sorted((start, end) for start, end, _, _ in slots(tenant)) == sorted(
        [
            (midnight, next_midnight),
            (midnight.replace(hour=10), midnight.replace(hour=11)),
            (
                datetime(day.year, day.month, day.day, 10, tzinfo=york),
                datetime(day.year, day.month, day.day, 11, tzinfo=york),
            ),
            (evening, evening + timedelta(minutes=30)),
            (evening + timedelta(days=2), evening + timedelta(days=2, minutes=30)),
        ]
    )


def test_series_with_changes_block_their_true_time_through_a_clock_change(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    weekly = event(
        "weekly",
        f"{BERLIN_TIME}20260323T090000",
        f"{BERLIN_TIME}20260323T100000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        f"EXDATE{BERLIN_TIME}20260406T090000",
        f"RDATE{BERLIN_TIME}20260325T110000",
        overrides=changed(
            "weekly", ":20260413T070000Z", f"{BERLIN_TIME}20260414T150000", "DURATION:PT2H"
        ),
    )
    evenings = event(
        "evenings",
        ";TZID=America/New_York:20260327T200000",
        ";TZID=America/New_York:20260327T210000",
        "RRULE:FREQ=DAILY;COUNT=4",
        overrides=changed(
            "evenings",
            ";RANGE=THISANDFUTURE;TZID=America/New_York:20260329T200000",
            ";TZID=America/New_York:20260329T210000",
            "DURATION:PT1H",
        ),
    )
    weekend = event("weekend", ";VALUE=DATE:20260328", ";VALUE=DATE:20260330")
    in_the_gap = event("gap", ":20260329T023000", ":20260329T033000")
    outlook = ";TZID=Eastern Standard Time:20260402T"
    windows = event("windows", f"{outlook}120000", f"{outlook}130000")
    nowhere = event("nowhere", ";TZID=Nowhere:20260403T120000", ";TZID=Nowhere:20260403T130000")
    for ics in (weekly, evenings, weekend, in_the_gap, windows, nowhere):
        account.server.put(f"{work}{uid_of(ics)}.ics", ics)

    with time_machine.travel(datetime(2026, 3, 16, 8, tzinfo=UTC), tick=False):
        connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
        read(connection)

    assert sorted(
        f"{start:%m-%dT%H:%M} {end:%m-%dT%H:%M}" for start, end, _, _ in slots(tenant)
    ) == [
        "03-23T08:00 03-23T09:00",
        "03-25T10:00 03-25T11:00",
        "03-27T23:00 03-29T22:00",
        "03-28T00:00 03-28T01:00",
        "03-29T00:00 03-29T01:00",
        "03-29T01:30 03-29T02:30",
        "03-30T01:00 03-30T02:00",
        "03-30T07:00 03-30T08:00",
        "03-31T01:00 03-31T02:00",
        "04-02T16:00 04-02T17:00",
        "04-03T10:00 04-03T11:00",
        "04-14T13:00 04-14T15:00",
    ]


def changed(uid: str, original: str, starts: str, length: str) -> list[str]:
    """A changed occurrence of a series, as lines."""
    lines = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", "SUMMARY:Changed", length]
    return ["BEGIN:VEVENT", *lines, f"RECURRENCE-ID{original}", f"DTSTART{starts}", "END:VEVENT"]


def test_an_idle_poll_is_one_request_however_many_calendars_are_read(
    tenant: Tenant, account: ICloudAccount
) -> None:
    paths = [account.calendar(name) for name in ("one", "two", "three", "four")]
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=paths)
    read(connection)
    account.server.clear()

    run = read(connection)

    assert account.server.requests == [("PROPFIND", account.home)]
    assert (run.requests, run.events_changed, run.result) == (1, 0, SyncRun.Result.DONE)


@pytest.mark.parametrize(("events", "requests"), [(1, 3), (50, 3), (51, 4), (130, 4)])
def test_a_changed_calendar_costs_a_poll_a_delta_and_a_multiget_per_fifty(
    tenant: Tenant, account: ICloudAccount, events: int, requests: int
) -> None:
    work = account.calendar()
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    for number in range(events):
        start = TOMORROW + number * HOUR
        account.server.put(f"{work}{number}.ics", utc_event(f"e{number}", start, start + HOUR))
    account.server.clear()

    run = read(connection)

    assert len(account.server.requests) == requests <= 1 + 1 + -(-events // 50)
    assert (run.requests, run.events_changed) == (requests, events)
    assert len(slots(tenant)) == events


def test_only_the_changed_event_is_fetched_again(tenant: Tenant, account: ICloudAccount) -> None:
    work = account.calendar()
    for number in range(20):
        start = TOMORROW + number * HOUR
        account.server.put(f"{work}{number}.ics", utc_event(f"e{number}", start, start + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    before = {row.href: row.pk for row in RemoteEvent.objects.all()}

    account.server.put(f"{work}7.ics", utc_event("e7", TOMORROW - HOUR, TOMORROW))
    run = read(connection)

    assert (run.requests, run.events_changed) == (3, 1)
    assert {row.href: row.pk for row in RemoteEvent.objects.all()} == before
    assert (TOMORROW - HOUR, TOMORROW, True, "Busy") in slots(tenant)


def test_a_token_the_server_forgot_is_answered_by_comparing_etags(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    for number in range(3):
        start = TOMORROW + number * HOUR
        account.server.put(f"{work}{number}.ics", utc_event(f"e{number}", start, start + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    connection.calendars.update(
        sync_token="http://radicale.org/ns/sync/" + "0" * 64, poll_marker="old"
    )
    account.server.put(f"{work}new.ics", utc_event("new", TOMORROW - HOUR, TOMORROW))
    account.server.delete(f"{work}0.ics")

    run = read(connection)

    assert (run.requests, run.events_changed, run.events_gone) == (4, 1, 1)
    kept = BlockedSlot.objects.get(starts_at=TOMORROW)
    assert kept.deleted_remotely_at is not None


def test_a_deleted_event_stays_blocked_with_its_label_and_a_free_one_goes(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}busy.ics", utc_event("busy", TOMORROW, TOMORROW + HOUR))
    free = utc_event("free", TOMORROW, TOMORROW + HOUR, "TRANSP:TRANSPARENT")
    account.server.put(f"{work}free.ics", free)
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)

    account.server.delete(f"{work}busy.ics")
    account.server.delete(f"{work}free.ics")
    read(connection)

    kept = BlockedSlot.objects.get()
    assert (kept.starts_at, kept.is_busy, kept.deleted_remotely_at is not None) == (
        TOMORROW,
        True,
        True,
    )
    assert not RemoteEvent.objects.exists()


@pytest.mark.parametrize("target", ["first", "second"])
def test_an_event_moved_to_another_calendar_read_is_not_kept_as_deleted(
    tenant: Tenant, account: ICloudAccount, target: str
) -> None:
    paths = {name: account.calendar(name) for name in ("first", "second")}
    source = next(path for name, path in paths.items() if name != target)
    moved = utc_event("moved", TOMORROW, TOMORROW + HOUR)
    account.server.put(f"{source}a.ics", moved)
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=list(paths.values())
    )
    read(connection)

    account.server.delete(f"{source}a.ics")
    account.server.put(f"{paths[target]}a.ics", moved)
    read(connection)

    slot = BlockedSlot.objects.get()
    assert slot.deleted_remotely_at is None
    assert slot.source == remote(connection, paths[target]).busy_source


def test_an_unreachable_server_leaves_every_block_and_says_since_when(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)

    account.server.stop_process()
    try:
        run = read(connection)
    finally:
        account.server.restart_process()

    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]
    connection.refresh_from_db()
    assert run.result == SyncRun.Result.FAILED
    assert (connection.state, connection.problem, connection.failures) == (
        "connected",
        "unreachable",
        1,
    )
    assert connection.failing_since is not None
    assert connection.next_poll_at > timezone.now()

    read(connection)
    again = Connection.objects.get()
    assert (again.problem, again.failures, again.failing_since) == ("", 0, None)


def test_a_refused_password_is_tried_once_more_after_an_hour_and_then_no_more(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    account.server.add_user(account.apple_id, "revoked-revoked")

    read(connection)
    connection.refresh_from_db()
    assert (connection.state, connection.problem) == ("connected", "refused")
    assert timedelta(minutes=59) < connection.next_poll_at - timezone.now() <= timedelta(minutes=60)

    read(connection)
    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT
    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]
    assert not Connection.objects.due(timezone.now() + timedelta(days=365)).exists()


def test_an_event_that_cannot_be_read_is_listed_and_its_neighbours_are_read(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    endless = utc_event("endless", TOMORROW, TOMORROW + HOUR, "RRULE:FREQ=SECONDLY")
    account.server.put(f"{work}endless.ics", endless)
    account.server.put(f"{work}good.ics", utc_event("good", TOMORROW + HOUR, TOMORROW + 2 * HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])

    read(connection)

    assert [(start, end) for start, end, _, _ in slots(tenant)] == [
        (TOMORROW, TOMORROW + HOUR),
        (TOMORROW + HOUR, TOMORROW + 2 * HOUR),
    ]
    odd = RemoteEvent.objects.exclude(parse_state=RemoteEvent.Parse.OK).get()
    assert odd.uid == "endless"
    assert odd.problem


def test_a_crash_between_facts_and_consequences_loses_nothing(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    read(connection)
    # As if the worker had died after storing facts and token, before applying them.
    BlockedSlot.objects.all().delete()
    RemoteEvent.objects.update(is_applied=False)

    run = read(connection)

    assert run.requests == 1
    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]


def test_an_account_in_other_hands_is_left_alone(tenant: Tenant, account: ICloudAccount) -> None:
    work = account.calendar()
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    assert take(connection.remote_account) is not None
    account.server.clear()

    assert pull(connection) is None

    assert account.server.requests == []


def test_someone_removed_from_the_sub_account_is_not_read_any_more(
    tenant: Tenant, account: ICloudAccount
) -> None:
    connection = account.connect(tenant.owner, tenant.sub_account)
    now = timezone.now() + timedelta(minutes=1)
    assert list(Connection.objects.due(now)) == [connection]

    Member.objects.filter(user=tenant.owner).delete()

    assert not Connection.objects.due(now).exists()


def test_the_same_account_in_two_sub_accounts_blocks_in_both(
    tenant: Tenant, other_tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connections = [
        account.connect_and_choose(place.owner, place.sub_account, conflicts=[work])
        for place in (tenant, other_tenant)
    ]

    for connection in connections:
        read(connection)

    assert slots(tenant) == slots(other_tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]


class Meanwhile:
    """Does something between a pull's messages, as people do while a server speaks."""

    def __init__(self, connection: Connection) -> None:
        fresh = Connection.objects.select_related("remote_account").get(pk=connection.pk)
        reading = begin(fresh)
        assert reading is not None
        self.reading = reading

    def listen(self, act: Callable[[], None], *, before: type[Listed] | type[Page]) -> None:
        talk, reply = self.reading.conversation(), None
        acted = False
        with contextlib.suppress(StopIteration):
            while True:
                message = talk.send(reply)
                if isinstance(message, before) and not acted:
                    act()
                    acted = True
                reply = self.reading.receive(message)


@pytest.mark.parametrize("before", [Listed, Page])
def test_disconnecting_while_a_sync_runs_stands(
    tenant: Tenant, account: ICloudAccount, before: type[Listed] | type[Page]
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    meanwhile = Meanwhile(connection)

    meanwhile.listen(lambda: disconnect(connection), before=before)
    meanwhile.reading.finish()

    connection.refresh_from_db()
    assert (connection.state, connection.secret, connection.problem) == ("disconnected", "", "")
    assert not BlockedSlot.objects.exists()
    assert not RemoteEvent.objects.exists()


def test_a_failing_sync_does_not_undo_a_pause(tenant: Tenant, account: ICloudAccount) -> None:
    connection = account.connect_and_choose(
        tenant.owner, tenant.sub_account, conflicts=[account.calendar()]
    )
    meanwhile = Meanwhile(connection)

    pause(connection)
    meanwhile.reading.fail(Unauthorized())

    connection.refresh_from_db()
    assert connection.state == Connection.State.PAUSED


def test_unticking_and_ticking_anew_during_a_sync_reads_everything_again(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    account.server.put(f"{work}a.ics", utc_event("a", TOMORROW, TOMORROW + HOUR))
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    meanwhile = Meanwhile(connection)

    def change_of_mind() -> None:
        choose_conflicts(configuration, [])
        choose_conflicts(configuration, [remote(connection, work)])

    meanwhile.listen(change_of_mind, before=Page)
    meanwhile.reading.finish()
    assert remote(connection, work).sync_token == ""

    read(connection)

    assert slots(tenant) == [(TOMORROW, TOMORROW + HOUR, True, "Busy")]


def test_an_account_that_asked_for_a_pause_is_not_asked_by_anybody(
    tenant: Tenant, account: ICloudAccount
) -> None:
    work = account.calendar()
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[work])
    meanwhile = Meanwhile(connection)
    meanwhile.reading.fail(Throttled(retry_after=600))
    account.server.clear()

    fresh = Connection.objects.select_related("remote_account").get(pk=connection.pk)
    assert pull(fresh) is None

    assert account.server.requests == []
    fresh.refresh_from_db()
    assert fresh.next_poll_at - timezone.now() > timedelta(minutes=9)


def test_a_refused_connection_is_not_asked_sooner_by_impatience(
    tenant: Tenant, account: ICloudAccount
) -> None:
    connection = account.connect(tenant.owner, tenant.sub_account)
    work_off()
    Connection.objects.update(problem=Connection.Problem.REFUSED)

    sync_soon(connection)

    assert queued() == []
