"""Rows in states that those of the world are not in: made by hand, bare, in trouble."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import SubAccount, User
from calendars.models import (
    BlockedSlot,
    BusySource,
    Calendar,
    CalendarGroup,
    Contact,
    Meeting,
    MeetingHost,
)
from integrations.models import (
    Connection,
    OwnerEdit,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
    SyncRun,
)
from tests.architecture.rows import SPAN, Rows, by_model
from tests.icloud import utc_event

PROBLEM = "iCloud said something that nobody expected, at some length, and will say it again."


def make_series(sub_account: SubAccount, user: User) -> BlockedSlot:
    """Two times blocked by hand, together; returns one of them."""
    together = {"sub_account": sub_account, "user": user, "made_together": uuid.uuid4()}
    days = [timezone.now() + timedelta(days=ahead) for ahead in (1, 8)]
    slots = [
        BlockedSlot(**together, title="Choir", starts_at=day, ends_at=day + timedelta(hours=1))
        for day in days
    ]
    return BlockedSlot.objects.bulk_create(slots)[0]


def make_editable(rows: Rows) -> BlockedSlot:
    """Time of an event that its owner can change here; it has not been."""
    calendar, starts_at, ends_at = rows[RemoteCalendar], SPAN["starts_at"], SPAN["ends_at"]
    event = RemoteEvent.objects.create(
        remote_calendar=calendar,
        href="choir.ics",
        etag="one",
        uid="choir",
        raw=utc_event("choir", starts_at, ends_at, summary="Choir"),
    )
    return BlockedSlot.objects.create(
        sub_account=rows[SubAccount],
        user=rows[User],
        source=rows[BusySource],
        key=str(event.pk),
        title="Choir",
        **SPAN,
    )


def bare_rows(sub_account: SubAccount, user: User) -> Rows:
    """What has pages of its own, with nothing in it and no more said of it than must be."""
    here: dict[str, Any] = {"sub_account": sub_account}
    account = RemoteAccount.objects.create(principal_path="/bare/principal/")
    rows: list[models.Model] = [
        sub_account,
        Contact.objects.create(**here, name="Nobody"),
        CalendarGroup.objects.create(**here, name="Bare", slug="bare"),
        Calendar.objects.create(**here, name="Bare", slug="bare"),
        Connection.objects.create(
            **here, user=user, remote_account=account, account_name="bare@icloud.test"
        ),
    ]
    return by_model(rows)


def bring_trouble(rows: Rows) -> None:
    """Whatever can be wrong with these rows is."""
    now = timezone.now()

    def change(model: type[models.Model], **said: Any) -> None:
        model._base_manager.filter(pk=rows[model].pk).update(**said)

    failing = {"problem": Connection.Problem.UNREACHABLE, "failing_since": now - timedelta(hours=2)}
    change(Connection, **failing)
    change(RemoteCalendar, can_write=False, missing_since=now, doubted_since=now)
    change(RemoteEvent, parse_state=RemoteEvent.Parse.UNREADABLE, problem=PROBLEM)
    change(OwnerEdit, state=OwnerEdit.State.GIVEN_UP, problem=PROBLEM)
    change(SyncRun, result=SyncRun.Result.FAILED, finished_at=now, problem=PROBLEM)
    change(BlockedSlot, deleted_remotely_at=now, may_have_moved=True)
    refused = {"copy": MeetingHost.Copy.REFUSED, "copy_problem": PROBLEM}
    change(MeetingHost, is_overlapping=True, **refused)
    _overlap(rows)


def _overlap(rows: Rows) -> None:
    """Another meeting of the same host's at the same time."""
    buffers = {"buffer_before": timedelta(0), "buffer_after": timedelta(0)}
    other = Meeting.objects.create(
        sub_account=rows[SubAccount], calendar=rows[Calendar], **buffers, **SPAN
    )
    MeetingHost.objects.create(meeting=other, user=rows[User], is_overlapping=True)
