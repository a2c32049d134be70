"""How far feeds of busy time reach: with the horizon and the days, and without a request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Member, User
from calendars.engine.slots import Reason
from calendars.models import BlockedSlot, BusySource, Calendar, OutboxItem
from calendars.services.availability import load
from calendars.services.horizons import expand_soon
from calendars.services.hosting import add_host
from integrations.models import Connection, RemoteCalendar, RemoteEvent
from integrations.services import leasing
from integrations.services.claiming import claim_next
from integrations.services.delivering import deliver_due
from integrations.services.disconnecting import disconnect, pause
from integrations.services.expanding import carry_expansion
from integrations.services.pulling import pull
from integrations.tasks import extend
from tests.bookings import make_calendar, tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, utc_event
from tests.jobs import work_off

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
SignIn = Callable[[User], Client]


@pytest.fixture
def series(tenant: Tenant, account: ICloudAccount) -> ICloudAccount:
    """The owner's conflict calendar with one event each day, read just now; asked nothing since."""
    path, start = account.calendar(), tomorrow_at(9)
    endless = utc_event("daily", start, start + HOUR, "RRULE:FREQ=DAILY")
    account.server.put(f"{path}daily.ics", endless)
    account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    work_off()
    account.server.clear()
    return account


def calendar_of(host: User, tenant: Tenant, **fields: Any) -> Calendar:
    """A calendar with one host, as it stands: nothing was asked for when it was made."""
    calendar = make_calendar(tenant.sub_account, host)
    Calendar.objects.filter(pk=calendar.pk).update(**fields)
    calendar.refresh_from_db()
    return calendar


def reach() -> tuple[int, int]:
    """How many days ahead are expanded: by what the feed says, and by its last slot."""
    last = BlockedSlot.objects.order_by("starts_at").last()
    until = BusySource.objects.get().expanded_until
    assert last is not None
    assert until is not None
    return _days_to(until), _days_to(last.ends_at)


def _days_to(moment: datetime) -> int:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return (moment - midnight) // DAY


def edited(calendar: Calendar, **changes: str) -> dict[str, str]:
    """What the calendar's form sends."""
    values = {
        "name": calendar.name,
        "slug": calendar.slug,
        "kind": calendar.kind,
        "time_zone": calendar.time_zone,
        "duration": "30",
        "interval": "30",
        "buffer_before": "0",
        "buffer_after": "0",
        "notice": "0",
        "notice_unit": "hours",
        "horizon": str(calendar.horizon),
        "horizon_unit": calendar.horizon_unit,
        "changes_close": "0",
        "changes_close_unit": "hours",
        "seats": "1",
        "look_busy": "0",
        "mode": "availability",
        "reminds_before": "24",
        "reminds_before_unit": "hours",
    }
    return {**values, **changes}


def page_of(calendar: Calendar) -> str:
    return f"/s/riverside/settings/calendars/{calendar.pk}/"


def test_a_longer_horizon_extends_the_feeds_of_its_hosts_at_once(
    tenant: Tenant, series: ICloudAccount, signed_in: SignIn
) -> None:
    calendar = calendar_of(tenant.owner, tenant)
    assert reach() == (91, 90)

    answer = signed_in(tenant.owner).post(
        page_of(calendar), edited(calendar, horizon="300", horizon_unit="days")
    )
    jobs = work_off()

    assert (answer.status_code, jobs) == (302, ["integrations.tasks.deliver_due"])
    assert reach() == (331, 330)
    assert series.server.requests == []


def test_a_host_of_a_longer_calendar_gets_feeds_as_long(
    tenant: Tenant, series: ICloudAccount
) -> None:
    calendar = calendar_of(tenant.mate, tenant, horizon=10, horizon_unit="months")

    add_host(calendar, Member.objects.get(user=tenant.owner), priority=2)
    work_off()

    assert reach() == (341, 340)
    assert series.server.requests == []


def test_a_calendar_that_is_switched_on_extends_the_feeds_of_its_hosts(
    tenant: Tenant, series: ICloudAccount, signed_in: SignIn
) -> None:
    calendar = calendar_of(tenant.owner, tenant, horizon=300, is_active=False)

    signed_in(tenant.owner).post(f"{page_of(calendar)}activate/")
    work_off()

    assert reach() == (331, 330)


def test_in_the_admin_a_longer_horizon_and_a_new_host_extend_feeds(
    tenant: Tenant, series: ICloudAccount, signed_in: SignIn
) -> None:
    calendar = calendar_of(tenant.mate, tenant, horizon=300)
    admin = signed_in(tenant.agency_admin)

    host = {"calendar": calendar.pk, "user": tenant.owner.pk, "priority": 2, "position": 1}
    assert admin.post("/admin/calendars/calendarhost/add/", host).status_code == 302
    work_off()
    assert reach() == (331, 330)

    page = f"/admin/calendars/calendar/{calendar.pk}/change/"
    form = admin.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    inlines = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
    inline = {f"calendarhost_set-{name}": number for name, number in inlines.items()}
    sent = {name: "" if value is None else value for name, value in sent.items()}
    answer = admin.post(page, {**sent, "horizon": 400, **inline})
    assert answer.status_code == 302
    work_off()
    assert reach() == (431, 430)


def test_a_horizon_that_feeds_reach_already_wants_nothing(
    tenant: Tenant, series: ICloudAccount, signed_in: SignIn
) -> None:
    calendar = calendar_of(tenant.owner, tenant)

    signed_in(tenant.owner).post(page_of(calendar), edited(calendar, horizon="80"))

    assert not OutboxItem.objects.exists()


def test_a_feed_that_was_unread_as_its_horizon_grew_reaches_as_far(
    tenant: Tenant, series: ICloudAccount
) -> None:
    BusySource.objects.update(expanded_until=None)
    calendar = calendar_of(tenant.mate, tenant, horizon=300)

    add_host(calendar, Member.objects.get(user=tenant.owner), priority=2)
    work_off()

    assert reach() == (331, 330)


def test_what_the_same_feed_is_wanted_for_twice_is_done_once(
    tenant: Tenant, series: ICloudAccount
) -> None:
    for _ in range(2):
        expand_soon(BusySource.objects.all())

    assert deliver_due(seconds=10) == 1

    row = OutboxItem.objects.get()
    assert (row.effect, row.revision, row.settled_revision) == ("expand", 2, 2)


def test_a_shorter_horizon_and_a_longer_one_again_leave_no_gap(
    tenant: Tenant, series: ICloudAccount, signed_in: SignIn
) -> None:
    calendar = calendar_of(tenant.owner, tenant, horizon=300)
    connection = Connection.objects.select_related("remote_account").get()
    pull(connection)
    assert reach() == (331, 330)
    Calendar.objects.update(horizon=60)
    RemoteEvent.objects.update(is_applied=False)  # as if it had been edited
    pull(connection)
    assert reach() == (91, 90)

    signed_in(tenant.owner).post(page_of(calendar), edited(calendar, horizon="300"))
    work_off()

    assert reach() == (331, 330)


@pytest.mark.parametrize("state", ["paused", "resting", "refused"])
def test_feeds_reach_further_day_by_day_where_nothing_is_read(
    state: str, tenant: Tenant, series: ICloudAccount
) -> None:
    connection = Connection.objects.select_related("remote_account").get()
    if state == "paused":
        pause(connection)
    elif state == "resting":
        leasing.rest(connection.remote_account, until=timezone.now() + 30 * DAY)
    else:
        Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)
    read_at = BusySource.objects.get().last_read_at

    with time_machine.travel(timezone.now() + 10 * DAY):
        assert reach() == (81, 80)
        extend()
        work_off()
        assert reach() == (91, 90)

    assert series.server.requests == []
    assert BusySource.objects.get().last_read_at == read_at


def test_a_feed_that_was_read_today_is_left_to_its_syncs(
    tenant: Tenant, series: ICloudAccount
) -> None:
    extend()

    assert not OutboxItem.objects.exists()


def test_whole_days_of_a_paused_calendar_follow_their_owner_to_another_zone(
    tenant: Tenant, account: ICloudAccount
) -> None:
    path, day = account.calendar(), (tomorrow_at(9) + 3 * DAY).date()
    dates = (f";VALUE=DATE:{one:%Y%m%d}" for one in (day, day + DAY))
    account.server.put(f"{path}day.ics", event("day", *dates))
    account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    work_off()
    pause(Connection.objects.get())

    Member.objects.filter(user=tenant.owner).update(time_zone="Asia/Tokyo")
    with time_machine.travel(timezone.now() + DAY):
        extend()
        work_off()

    start = datetime.combine(day, datetime.min.time(), tzinfo=ZoneInfo("Asia/Tokyo"))
    slot = BlockedSlot.objects.get()
    assert (slot.starts_at, slot.ends_at) == (start, start + DAY)


def test_an_account_in_other_hands_is_waited_for(tenant: Tenant, series: ICloudAccount) -> None:
    account = Connection.objects.get().remote_account
    lease = leasing.take(account)
    assert lease is not None
    calendar_of(tenant.owner, tenant, horizon=300)
    expand_soon(BusySource.objects.all())

    assert deliver_due(seconds=10) == 1
    row = OutboxItem.objects.get()
    assert (row.settled_revision, row.attempts, reach()) == (0, 0, (91, 90))

    leasing.release(account, lease)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert deliver_due(seconds=10) == 1
    assert reach() == (331, 330)
    assert Connection.objects.get().remote_account.lease_until is None


def test_a_long_expansion_makes_room_for_others_and_goes_on_where_it_stopped(
    tenant: Tenant, series: ICloudAccount
) -> None:
    calendar, start = RemoteCalendar.objects.get(), tomorrow_at(12)
    RemoteEvent.objects.bulk_create(
        RemoteEvent(
            remote_calendar=calendar,
            href=f"{number}.ics",
            raw=utc_event(f"e{number}", start, start + HOUR),
        )
        for number in range(450)
    )
    expand_soon(BusySource.objects.all())
    claim = claim_next()
    assert claim is not None

    carry_expansion(claim, seconds=0)
    assert RemoteEvent.objects.unapplied().count() == 50
    assert OutboxItem.objects.due(timezone.now()).count() == 1

    assert deliver_due(seconds=10) == 1
    assert RemoteEvent.objects.unapplied().count() == 0
    assert not OutboxItem.objects.due(timezone.now()).exists()


def test_a_feed_that_is_gone_wants_nothing_any_more(tenant: Tenant, series: ICloudAccount) -> None:
    expand_soon(BusySource.objects.all())
    disconnect(Connection.objects.get())

    assert deliver_due(seconds=10) == 1

    row = OutboxItem.objects.get()
    assert (row.settled_revision, row.problem) == (1, "")


def test_slots_beyond_what_is_expanded_are_stale_until_it_is(
    tenant: Tenant, series: ICloudAccount
) -> None:
    calendar = calendar_of(tenant.owner, tenant, horizon=300)
    far = tomorrow_at(13) + 200 * DAY
    asked = (int(far.timestamp()), int((far + HOUR).timestamp()))

    def reason() -> object:
        offer = load(calendar, asked=asked, now=timezone.now())
        return offer.verdict(asked[0]).reason

    assert reason() is Reason.STALE
    expand_soon(BusySource.objects.all())
    work_off()
    assert reason() is None
