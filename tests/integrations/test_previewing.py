"""What other reading settings would change, over a real CalDAV server."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.caldav.blocking import AllDay, ReadingRules
from integrations.models import ConflictCalendar
from integrations.services.previewing import Preview, preview
from tests.bookings import tomorrow_at
from tests.conftest import Tenant
from tests.icloud import ICloudAccount, event, utc_event
from tests.jobs import work_off

HOUR = timedelta(hours=1)


def chosen_with(tenant: Tenant, account: ICloudAccount, *events: str) -> ConflictCalendar:
    path = account.calendar()
    for number, ics in enumerate(events):
        account.server.put(f"{path}{number}.ics", ics)
    account.connect_and_choose(tenant.owner, tenant.sub_account, conflicts=[path])
    work_off()
    return ConflictCalendar.objects.get()


def timed(title: str, hour: int, *lines: str, days: int = 0) -> str:
    start = tomorrow_at(hour) + timedelta(days=days)
    return utc_event(title, start, start + HOUR, *lines, summary=title)


def told(shown: Preview) -> dict[str, list[Any]]:
    return {
        "blocks": [(one.title, one.starts_at, one.ends_at) for one in shown.blocks],
        "opens": [(one.title, one.starts_at, one.ends_at) for one in shown.opens],
    }


def test_a_preview_names_the_time_that_would_open_and_changes_nothing(
    tenant: Tenant, account: ICloudAccount
) -> None:
    chosen = chosen_with(
        tenant,
        account,
        timed("Maybe", 9, "STATUS:TENTATIVE"),
        timed("Sure", 11),
        timed("Maybe later", 9, "STATUS:TENTATIVE", days=40),
    )
    account.server.clear()

    shown = preview(chosen, ReadingRules(tentative_blocks=False), now=timezone.now())

    nine = tomorrow_at(9)
    assert told(shown) == {"blocks": [], "opens": [("Maybe", nine, nine + HOUR)]}
    assert account.server.requests == []
    assert ConflictCalendar.objects.get().rules == ReadingRules()


def test_a_preview_names_the_time_that_would_be_blocked(
    tenant: Tenant, account: ICloudAccount
) -> None:
    day = tomorrow_at(0).date() + timedelta(days=2)
    start, end = (f";VALUE=DATE:{one:%Y%m%d}" for one in (day, day + timedelta(days=1)))
    fair = event("fair", start, end, "TRANSP:TRANSPARENT", summary="Fair")
    chosen = chosen_with(tenant, account, fair)

    shown = preview(chosen, ReadingRules(all_day=AllDay.BUSY), now=timezone.now())

    assert [(one.title, one.all_day) for one in shown.blocks] == [("Fair", True)]
    assert shown.opens == ()


def test_the_dialog_shows_the_preview_before_anything_is_saved(
    tenant: Tenant, account: ICloudAccount, signed_in: Callable[[User], Client]
) -> None:
    chosen = chosen_with(tenant, account, timed("Maybe", 9, "STATUS:TENTATIVE"))
    page = f"/s/riverside/settings/calendars/configuration/conflicts/{chosen.remote_calendar_id}/"
    sent = {
        "all_day": "follow",
        "unanswered_blocks": "yes",
        "tentative_blocks": "no",
        "travel_counts": "yes",
        "preview": "yes",
    }

    answer = signed_in(tenant.owner).post(page, sent)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Will be open" in text
    assert "Maybe" in text
    assert "Nothing is saved yet" in text
    assert ConflictCalendar.objects.get().rules == ReadingRules()
