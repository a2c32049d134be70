from datetime import timedelta

import pytest

from calendars.models import BusySource, Calendar, OutboxItem
from calendars.services.horizons import expand_soon, extend_feeds
from calendars.services.outbox import want, want_each
from tests.calendars.scenes import NOW, make_calendar, make_source
from tests.conftest import Tenant

EXPAND = OutboxItem.Effect.EXPAND


def wanted() -> dict[int, int]:
    """The feeds to be expanded, each with how often that was wanted."""
    rows = OutboxItem.objects.due(NOW).filter(effect=EXPAND)
    return dict(rows.values_list("subject", "revision"))


@pytest.mark.parametrize(
    ("days", "is_wanted"),
    [(None, True), (299, True), (300, True), (301, False), (365, False)],
)
def test_feeds_that_end_before_the_horizon_are_wanted_further(
    *, tenant: Tenant, frozen: None, days: int | None, is_wanted: bool
) -> None:
    until = None if days is None else NOW + timedelta(days=days)
    source = make_source(tenant.owner, tenant.sub_account, expanded_until=until)

    extend_feeds(make_calendar(tenant.sub_account, [tenant.owner], horizon=300))

    assert wanted() == ({source.pk: 1} if is_wanted else {})


def test_the_furthest_calendar_of_a_host_decides_how_far_is_wanted(
    tenant: Tenant, calendar: Calendar
) -> None:
    make_calendar(tenant.sub_account, [tenant.owner], slug="far", horizon=300)
    source = make_source(tenant.owner, tenant.sub_account, expanded_until=NOW + timedelta(days=200))

    extend_feeds(calendar)

    assert wanted() == {source.pk: 1}


def test_feeds_of_others_and_of_other_sub_accounts_are_left_alone(
    tenant: Tenant, other_tenant: Tenant, frozen: None
) -> None:
    soon = NOW + timedelta(days=10)
    mine, shown = (
        make_source(tenant.owner, tenant.sub_account, expanded_until=soon, is_blocking=blocks)
        for blocks in (True, False)
    )
    make_source(tenant.mate, tenant.sub_account, expanded_until=soon)
    make_source(tenant.owner, other_tenant.sub_account, expanded_until=soon)

    extend_feeds(make_calendar(tenant.sub_account, [tenant.owner]))

    assert wanted() == {mine.pk: 1, shown.pk: 1}


def test_a_calendar_that_cannot_be_booked_needs_no_more_than_the_least(
    tenant: Tenant, frozen: None
) -> None:
    make_source(tenant.owner, tenant.sub_account, expanded_until=NOW + timedelta(days=61))

    extend_feeds(make_calendar(tenant.sub_account, [tenant.owner], horizon=300, is_active=False))

    assert wanted() == {}


def test_wanted_again_a_feed_is_due_again_and_no_longer_parked(
    tenant: Tenant, frozen: None
) -> None:
    source = make_source(tenant.owner, tenant.sub_account)
    expand_soon([source])
    OutboxItem.objects.update(settled_revision=1, parked_at=NOW, problem="Odd.", attempts=3)

    expand_soon([source])

    assert wanted() == {source.pk: 2}
    row = OutboxItem.objects.get()
    assert (row.sub_account, row.problem, row.attempts) == (tenant.sub_account, "", 0)


def test_many_subjects_are_wanted_like_one(tenant: Tenant, frozen: None) -> None:
    here = tenant.sub_account
    want(EXPAND, 7, sub_account=here)

    want_each(EXPAND, dict.fromkeys(range(1, 1201), here.pk))

    assert wanted() == {**dict.fromkeys(range(1, 1201), 1), 7: 2}


def test_nothing_to_expand_rings_nobody(tenant: Tenant, frozen: None) -> None:
    expand_soon(BusySource.objects.none())

    assert not OutboxItem.objects.exists()
