"""The page of time that is kept of deleted events, and releasing all of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from calendars.models import BlockedSlot
from tests.calendars.scenes import MONDAY_NINE, NOW, block, make_source
from tests.calendars.views.pages import text_of
from tests.conftest import Tenant

WEEK = "/s/riverside/calendar/"
KEPT = "/s/riverside/calendar/kept/"
DAY = timedelta(days=1)
SignIn = Callable[[User], Client]


@pytest.fixture
def kept(tenant: Tenant, frozen: None) -> list[BlockedSlot]:
    """A deleted appointment with a lawyer, and a deleted series of three."""
    source = make_source(tenant.owner, tenant.sub_account)
    fields: dict[str, Any] = {"source": source, "deleted_remotely_at": NOW}
    block(tenant.mate, tenant.sub_account, MONDAY_NINE, deleted_remotely_at=NOW, title="Theirs")
    return [
        block(
            tenant.owner, tenant.sub_account, MONDAY_NINE, key="lawyer", title="Lawyer", **fields
        ),
        *[
            block(
                tenant.owner,
                tenant.sub_account,
                MONDAY_NINE + day * DAY,
                key="series",
                title="Stand-up",
                **fields,
            )
            for day in (1, 2, 8)
        ],
    ]


def left() -> list[str]:
    rows = BlockedSlot.objects.order_by("starts_at").values_list("title", flat=True)
    return list(rows)


def seen_at(page: str) -> str:
    """What the question remembers of when it was asked."""
    return page.split('name="seen_at" value="')[1].split('"', maxsplit=1)[0]


def test_the_page_lists_ones_own_deleted_events_with_their_labels(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    client = signed_in(tenant.owner)
    week = text_of(client.get(WEEK, {"date": "2026-03-02"}))

    page = text_of(client.get(KEPT))

    assert f'href="{KEPT}"' in week
    assert "4 times still blocked" in page
    assert "Monday 2 March 2026, 09:00" in page
    assert "3 times, 3 March 2026 – 10 March 2026" in page
    assert page.count("Deleted in iCloud on 1 March 2026") == 2
    assert "Theirs" not in page


def test_colleagues_and_agency_admins_read_nothing_of_it(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    theirs = text_of(signed_in(tenant.admin).get(KEPT))

    assert "Nothing is kept" in theirs
    assert "Lawyer" not in theirs


def test_one_event_is_released_with_all_its_times(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    answer = signed_in(tenant.owner).post(f"{KEPT}{kept[1].pk}/release/", follow=True)

    assert "3 times are free again." in text_of(answer)
    assert left() == ["Theirs", "Lawyer"]


def test_an_event_that_still_stands_is_not_released(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    standing = block(
        tenant.owner, tenant.sub_account, MONDAY_NINE, key="standing", source=kept[0].source
    )

    answer = signed_in(tenant.owner).post(f"{KEPT}{standing.pk}/release/", follow=True)

    assert "still stands in its calendar" in text_of(answer)
    assert BlockedSlot.objects.count() == 6


def test_releasing_all_asks_first_and_says_how_many(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    client = signed_in(tenant.owner)
    page = text_of(client.get(KEPT))
    question = text_of(client.get(f"{KEPT}release/"))
    assert len(left()) == 5

    answer = client.post(f"{KEPT}release/", {"seen_at": seen_at(question)}, follow=True)

    assert f'href="{KEPT}release/"' in page
    assert "4 times of 2 deleted events can be booked at once" in question
    assert "4 times are free again." in text_of(answer)
    assert left() == ["Theirs"]


def test_what_was_deleted_after_the_question_is_not_released(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    client = signed_in(tenant.owner)
    question = text_of(client.get(f"{KEPT}release/"))
    later = NOW + timedelta(minutes=1)
    BlockedSlot.objects.filter(title="Lawyer").update(deleted_remotely_at=later)

    with time_machine.travel(later + timedelta(minutes=1), tick=False):
        answer = client.post(f"{KEPT}release/", {"seen_at": seen_at(question)}, follow=True)

    assert "3 times are free again." in text_of(answer)
    assert "More was deleted meanwhile." in text_of(answer)
    assert left() == ["Theirs", "Lawyer"]


@pytest.mark.parametrize("sent", [{}, {"seen_at": "whenever"}])
def test_without_having_been_asked_nothing_is_released(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot], sent: dict[str, str]
) -> None:
    answer = signed_in(tenant.owner).post(f"{KEPT}release/", sent)

    assert answer.status_code == 422
    assert len(left()) == 5


def test_a_second_click_finds_nothing_more(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    client = signed_in(tenant.owner)
    sent = {"seen_at": NOW.isoformat()}
    client.post(f"{KEPT}release/", sent)

    answer = client.post(f"{KEPT}release/", sent, follow=True)

    assert "Nothing is kept any more" in text_of(answer)


def test_a_colleagues_event_is_out_of_reach(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    answer = signed_in(tenant.mate).post(f"{KEPT}{kept[0].pk}/release/")

    assert answer.status_code == 404
    assert len(left()) == 5


def test_many_events_are_counted_and_not_all_listed(
    tenant: Tenant, signed_in: SignIn, kept: list[BlockedSlot]
) -> None:
    for number in range(101):
        block(
            tenant.owner,
            tenant.sub_account,
            MONDAY_NINE,
            key=str(number),
            source=kept[0].source,
            deleted_remotely_at=NOW,
        )

    page = text_of(signed_in(tenant.owner).get(KEPT))

    assert "105 times still blocked" in page
    assert page.count('type="submit">Release') == 100
    assert "And 3 more events." in page
