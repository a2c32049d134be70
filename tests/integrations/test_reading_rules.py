"""What blocks of a calendar by its reading rules, over a real CalDAV server."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from calendars.models import BlockedSlot, BusySource
from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.models import (
    ConflictCalendar,
    Connection,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.services import leasing
from integrations.services.applying import apply
from integrations.services.configuring import choose_conflicts, choose_linked, configuration_of
from integrations.services.disconnecting import pause
from integrations.services.pulling import pull
from integrations.services.reading_rules import NoLongerChosen, change_rules
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, remote, utc_event
from tests.jobs import work_off

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
ME = "mailto:Ana@iCloud.test"


@pytest.fixture
def work(tenant: Tenant, account: ICloudAccount) -> str:
    """The path of the owner's conflict calendar, which is read already and empty."""
    path = account.calendar()
    connection = account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    # Radicale knows no addresses of its users.
    connection.remote_account.addresses = ["mailto:ana@icloud.test", "/1/principal/"]
    connection.remote_account.save(update_fields=["addresses"])
    work_off()
    return path


def read() -> None:
    pull(Connection.objects.select_related("remote_account").get())


def put(account: ICloudAccount, work: str, *events: str) -> None:
    """Have these on the server, and read."""
    for number, ics in enumerate(events):
        account.server.put(f"{work}{number}.ics", ics)
    read()


def blocked() -> list[str]:
    """Titles of what blocks, in order of time."""
    return [slot.title for slot in BlockedSlot.objects.blocking().order_by("starts_at", "title")]


def spans(*, is_busy: bool = True) -> list[tuple[datetime, datetime]]:
    slots = BlockedSlot.objects.filter(is_busy=is_busy).order_by("starts_at")
    return [(slot.starts_at, slot.ends_at) for slot in slots]


def change(rules: ReadingRules) -> None:
    """Change the settings and let the worker do what follows."""
    change_rules(ConflictCalendar.objects.get(), rules)
    work_off()


def timed(title: str, hour: int, *lines: str) -> str:
    start = tomorrow_at(hour)
    return utc_event(title, start, start + HOUR, *lines, summary=title)


def invitation(title: str, hour: int, answer: str) -> str:
    return timed(title, hour, f"ATTENDEE;PARTSTAT={answer}:{ME}")


def whole_day(title: str, days: int, *lines: str) -> str:
    day = (tomorrow_at(9) + days * DAY).astimezone(BERLIN).date()
    start, end = (f";VALUE=DATE:{one:%Y%m%d}" for one in (day, day + DAY))
    return event(title, start, end, *lines, summary=title)


def changed(uid: str, original: datetime, *lines: str) -> str:
    """An occurrence of a series that is otherwise than the others."""
    body = [f"UID:{uid}", f"RECURRENCE-ID:{original:%Y%m%dT%H%M%SZ}", *lines]
    return "\r\n".join(["BEGIN:VEVENT", *body, "END:VEVENT"])


def at(start: datetime, *lines: str) -> list[str]:
    """The lines of an event that lasts an hour from there."""
    return [
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + HOUR:%Y%m%dT%H%M%SZ}",
        "SUMMARY:One",
        *lines,
    ]


def daily(uid: str, start: datetime, count: int, *lines: str, overrides: Sequence[str] = ()) -> str:
    stamp = "%Y%m%dT%H%M%SZ"
    return event(
        uid,
        f":{start.strftime(stamp)}",
        f":{(start + HOUR).strftime(stamp)}",
        f"RRULE:FREQ=DAILY;COUNT={count}",
        *lines,
        summary="All",
        overrides=overrides,
    )


def test_by_default_only_what_was_declined_or_says_it_is_free_is_free(
    account: ICloudAccount, work: str
) -> None:
    put(
        account,
        work,
        invitation("Accepted", 8, "ACCEPTED"),
        invitation("Declined", 9, "DECLINED"),
        invitation("Unanswered", 10, "NEEDS-ACTION"),
        invitation("Maybe", 11, "TENTATIVE"),
        timed("Planned", 12, "STATUS:TENTATIVE"),
        timed("Free", 13, "TRANSP:TRANSPARENT"),
        timed("Free in Outlook", 14, "X-MICROSOFT-CDO-BUSYSTATUS:FREE"),
        timed("Cancelled", 15, "STATUS:CANCELLED"),
    )

    assert blocked() == ["Accepted", "Unanswered", "Maybe", "Planned"]
    shown = BlockedSlot.objects.filter(is_busy=False).order_by("starts_at")
    assert [slot.title for slot in shown] == ["Declined", "Free", "Free in Outlook"]


def test_unanswered_and_tentative_events_leave_time_open_where_the_settings_say_so(
    account: ICloudAccount, work: str
) -> None:
    put(
        account,
        work,
        invitation("Accepted", 8, "ACCEPTED"),
        invitation("Unanswered", 9, "NEEDS-ACTION"),
        invitation("Maybe", 10, "TENTATIVE"),
        timed("Planned", 11, "STATUS:TENTATIVE"),
    )

    change(ReadingRules(unanswered_blocks=False))
    assert blocked() == ["Accepted", "Maybe", "Planned"]

    change(ReadingRules(tentative_blocks=False))
    assert blocked() == ["Accepted", "Unanswered"]


def test_all_day_events_follow_themselves_or_always_block_or_never_do(
    account: ICloudAccount, work: str
) -> None:
    put(
        account,
        work,
        timed("Timed", 9),
        whole_day("Holiday", 1, "TRANSP:TRANSPARENT"),
        whole_day("Fair", 2, "TRANSP:OPAQUE"),
        whole_day("Unsaid", 3),
    )
    assert blocked() == ["Timed", "Fair", "Unsaid"]

    change(ReadingRules(all_day=AllDay.BUSY))
    assert blocked() == ["Timed", "Holiday", "Fair", "Unsaid"]

    change(ReadingRules(all_day=AllDay.IGNORE))
    assert blocked() == ["Timed"]


def test_travel_time_blocks_unless_it_does_not_count(account: ICloudAccount, work: str) -> None:
    there = "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT45M"
    back = "X-APPLE-TRAVEL-RETURN-DURATION;VALUE=DURATION:PT30M"
    put(account, work, timed("Client", 10, there, back))
    start, end = tomorrow_at(10), tomorrow_at(11)
    assert spans() == [(start - timedelta(minutes=45), end + timedelta(minutes=30))]

    change(ReadingRules(travel_counts=False))
    assert spans() == [(start, end)]


def test_each_occurrence_blocks_by_its_owners_answer_to_it(
    account: ICloudAccount, work: str
) -> None:
    first = tomorrow_at(9)
    answers = ["DECLINED", "NEEDS-ACTION", "TENTATIVE"]
    overrides = [
        changed(
            "s",
            first + number * DAY,
            *at(first + number * DAY, f"ATTENDEE;PARTSTAT={answer}:{ME}"),
        )
        for number, answer in enumerate(answers, start=1)
    ]
    put(
        account, work, daily("s", first, 4, f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}", overrides=overrides)
    )
    days = [(first + number * DAY, first + number * DAY + HOUR) for number in range(4)]
    assert (spans(), spans(is_busy=False)) == ([days[0], days[2], days[3]], [days[1]])

    change(ReadingRules(unanswered_blocks=False, tentative_blocks=False))
    assert (spans(), spans(is_busy=False)) == ([days[0]], days[1:])


def test_an_address_learned_later_counts_for_answers_read_before(
    account: ICloudAccount, work: str
) -> None:
    addresses = RemoteAccount.objects.get().addresses
    RemoteAccount.objects.update(addresses=[])
    put(account, work, invitation("Declined", 9, "DECLINED"))
    assert blocked() == ["Declined"]

    RemoteAccount.objects.update(addresses=addresses)
    read()

    assert blocked() == []


def test_another_rule_and_moved_and_cancelled_occurrences_are_followed(
    account: ICloudAccount, work: str
) -> None:
    first = tomorrow_at(9)
    put(account, work, daily("s", first, 4))
    days = [(first + number * DAY, first + number * DAY + HOUR) for number in range(5)]
    assert spans() == days[:4]

    later = first + DAY + 5 * HOUR
    overrides = [
        changed("s", first + DAY, *at(later)),
        changed("s", first + 2 * DAY, *at(first + 2 * DAY, "STATUS:CANCELLED")),
    ]
    put(account, work, daily("s", first, 5, overrides=overrides))
    assert spans() == [days[0], (later, later + HOUR), days[3], days[4]]

    put(account, work, daily("s", first, 3, f"EXDATE:{first:%Y%m%dT%H%M%SZ}"))
    assert spans() == days[1:3]


def test_other_settings_take_effect_in_the_worker_without_asking_icloud(
    account: ICloudAccount, work: str
) -> None:
    put(account, work, timed("Planned", 9, "STATUS:TENTATIVE"))
    read_at = BusySource.objects.get().last_read_at
    account.server.clear()

    change_rules(ConflictCalendar.objects.get(), ReadingRules(tentative_blocks=False))
    assert blocked() == ["Planned"]  # nothing opens before it is known

    assert work_off() == ["integrations.tasks.deliver_due"]
    assert blocked() == []
    assert account.server.requests == []
    assert BusySource.objects.get().last_read_at == read_at


def test_each_calendar_has_settings_of_its_own(tenant: Tenant, account: ICloudAccount) -> None:
    paths = [account.calendar("one"), account.calendar("two")]
    for path in paths:
        account.server.put(f"{path}a.ics", timed(path[-4:-1], 9, "STATUS:TENTATIVE"))
    account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=paths)
    work_off()

    two = ConflictCalendar.objects.get(remote_calendar__path=paths[1])
    change_rules(two, ReadingRules(tentative_blocks=False))
    work_off()

    assert blocked() == ["one"]


def test_a_linked_calendar_that_is_not_ticked_is_shown_by_the_usual_rules(
    tenant: Tenant, account: ICloudAccount, work: str
) -> None:
    put(account, work, timed("Planned", 9, "STATUS:TENTATIVE"))
    configuration = configuration_of(tenant.owner, tenant.sub_account)
    calendar = remote(Connection.objects.get(), work)
    choose_linked(configuration, calendar)
    change(ReadingRules(tentative_blocks=False))
    assert spans(is_busy=False) != []
    pause(Connection.objects.get())  # nothing depends on another sync

    choose_conflicts(configuration, [])
    work_off()

    assert (blocked(), spans(is_busy=False)) == ([], [])  # shown as busy, and blocks nothing
    assert BlockedSlot.objects.get().is_busy is True


def test_settings_changed_while_events_are_expanded_are_not_lost(
    account: ICloudAccount, work: str
) -> None:
    put(account, work, timed("Planned", 9, "STATUS:TENTATIVE"))
    RemoteEvent.objects.update(is_applied=False)
    calendar = RemoteCalendar.objects.select_related("busy_source").get(path=work)
    chosen = ConflictCalendar.objects.get()
    lease = leasing.take(calendar.connection.remote_account)
    assert lease is not None

    def meanwhile() -> None:
        change_rules(chosen, ReadingRules(tentative_blocks=False))
        work_off()  # the account is in other hands: it has to wait

    apply(calendar, now=timezone.now(), guard=meanwhile)
    assert blocked() == ["Planned"]
    leasing.release(calendar.connection.remote_account, lease)

    read()
    assert blocked() == []


def test_a_calendar_unticked_meanwhile_keeps_no_settings(tenant: Tenant, work: str) -> None:
    chosen = ConflictCalendar.objects.get()
    choose_conflicts(configuration_of(tenant.owner, tenant.sub_account), [])

    with pytest.raises(NoLongerChosen):
        change_rules(chosen, ReadingRules(travel_counts=False))
