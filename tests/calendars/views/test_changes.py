"""Guests move and cancel their own appointments, by their private link."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from calendars.models import Appointment, Calendar, HistoryEntry, Mail, Meeting, OutboxItem
from calendars.services.booking import book
from calendars.services.cancelling import cancel
from tests.calendars.scenes import MONDAY_NINE, NOW, block, wish
from tests.calendars.views.pages import text_of, words_of
from tests.conftest import Tenant

TUESDAY_TEN = "2026-03-03T09:00:00Z"


@pytest.fixture
def appointment(calendar: Calendar) -> Appointment:
    return book(wish(calendar, name="Gina"), now=NOW)


@pytest.fixture
def page(appointment: Appointment) -> str:
    return f"/appointments/{appointment.token}/"


def offered(response: Any) -> list[str]:
    """The times that can be chosen."""
    inputs = re.findall(r"<input[^>]*name=\"start\"[^>]*>", text_of(response))
    values = [re.findall(r'value="([^"]+)"', tag)[0] for tag in inputs if "disabled" not in tag]
    return [str(value) for value in values]


def everything() -> list[Any]:
    models = (Appointment, Meeting, HistoryEntry, Mail, OutboxItem)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("what", ["reschedule/", "cancel/"])
def test_looking_changes_nothing(client: Client, page: str, what: str) -> None:
    before = everything()

    answers = [
        client.get(page + what),
        client.head(page + what),
        client.get(page + what, {"start": TUESDAY_TEN, "reason": "No"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert everything() == before


@pytest.mark.parametrize("what", ["reschedule/", "cancel/"])
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_nothing_but_looking_and_sending_is_known(
    client: Client, page: str, what: str, method: str
) -> None:
    assert getattr(client, method)(page + what).status_code == 405


def test_a_guest_moves_their_appointment(page: str, appointment: Appointment) -> None:
    strict = Client(enforce_csrf_checks=True)
    seen = strict.get(page + "reschedule/", {"date": "2026-03-03"})

    answer = strict.post(page + "reschedule/", {"start": offered(seen)[2]})

    told = text_of(strict.get(answer["Location"]))
    assert (answer.status_code, answer["Location"]) == (302, page)
    appointment.refresh_from_db()
    assert appointment.meeting.starts_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert "Tuesday 3 March 2026, 10:00" in told
    assert "Moved from" in told
    assert "Monday 2 March 2026, 09:00" in told
    assert not strict.cookies


def test_moved_twice_to_the_same_time_is_moved_once(
    client: Client, page: str, appointment: Appointment
) -> None:
    answers = [client.post(page + "reschedule/", {"start": TUESDAY_TEN}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert appointment.history.filter(kind="moved").count() == 1


def test_the_time_one_has_is_named_and_shown_and_cannot_be_chosen(
    client: Client, page: str
) -> None:
    seen = client.get(page + "reschedule/")

    assert "Now: " in text_of(seen)
    assert "Monday 2 March 2026, 09:00" in text_of(seen)
    assert "Yours now" in text_of(seen)
    assert offered(seen)[0] == "2026-03-02T08:30:00Z"


def test_ones_own_time_does_not_stand_in_the_way(
    client: Client, page: str, appointment: Appointment
) -> None:
    Calendar.objects.update(interval=timedelta(minutes=15))

    answer = client.post(page + "reschedule/", {"start": "2026-03-02T08:15:00Z"})

    appointment.refresh_from_db()
    assert answer.status_code == 302
    assert appointment.meeting.starts_at == MONDAY_NINE + timedelta(minutes=15)


def test_times_are_in_the_guests_zone_until_they_ask_for_another(client: Client, page: str) -> None:
    Appointment.objects.update(guest_time_zone="America/New_York")

    own = text_of(client.get(page + "reschedule/"))
    other = text_of(client.get(page + "reschedule/", {"tz": "Asia/Tokyo", "date": "2026-03-03"}))

    assert "Times in America/New_York" in own
    assert "Monday 2 March 2026, 03:00" in own
    assert "Times in Asia/Tokyo" in other
    assert "Monday 2 March 2026, 17:00" in other
    assert ">\n17:30</label>" in other
    assert 'name="date" value="2026-03-03"' in other


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "\0", "x" * 10_000])
def test_an_unknown_zone_is_said_and_the_guests_own_is_shown(
    client: Client, page: str, zone: str
) -> None:
    seen = client.get(page + "reschedule/", {"tz": zone})

    assert seen.status_code == 200
    assert "We don’t know that time zone" in text_of(seen)
    assert "Times in Europe/Berlin" in text_of(seen)


def test_a_time_just_taken_is_answered_with_fresh_ones(
    client: Client, page: str, calendar: Calendar
) -> None:
    book(wish(calendar, datetime(2026, 3, 3, 9, tzinfo=UTC), email="o@example.com"), now=NOW)
    before = everything()

    answer = client.post(page + "reschedule/", {"start": TUESDAY_TEN})

    assert answer.status_code == 409
    assert "just taken" in text_of(answer)
    assert offered(answer)[0] == "2026-03-03T08:00:00Z"
    assert TUESDAY_TEN not in offered(answer)
    assert everything() == before


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-03T09:15:00Z",
        "2026-03-03T20:00:00Z",
        "2026-02-23T08:00:00Z",
        "2027-03-01T08:00:00Z",
        "2026-03-03T09:00:00+02:00",
    ],
)
def test_a_time_that_is_not_offered_changes_nothing(client: Client, page: str, start: str) -> None:
    before = everything()

    answer = client.post(page + "reschedule/", {"start": start})

    assert answer.status_code == 409
    assert "cannot be booked" in text_of(answer)
    assert offered(answer)
    assert everything() == before


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"start": ""},
        {"start": "tomorrow"},
        {"start": "2026-03-03T09:00:00"},
        {"start": "2026-03-03T09:00:00.5Z"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"start": "9999-12-31T23:59:59Z"},
        {"start": "2026-03-03T09:00:00Z\0"},
        {"start": "9" * 100_000},
    ],
    ids=lambda data: str(data)[:40],
)
def test_what_is_no_time_changes_nothing(client: Client, page: str, data: dict[str, str]) -> None:
    before = everything()

    answer = client.post(page + "reschedule/", data)

    assert answer.status_code == 422
    assert "Please choose one of the times shown" in text_of(answer)
    assert offered(answer)
    assert everything() == before


def test_a_host_on_leave_leaves_no_times_and_the_page_says_so(
    client: Client, tenant: Tenant, page: str
) -> None:
    block(tenant.owner, tenant.sub_account, NOW, minutes=60 * 24 * 100)

    seen = client.get(page + "reschedule/")

    assert seen.status_code == 200
    assert offered(seen) == []
    assert "No times are free" in text_of(seen)


@pytest.mark.parametrize(
    ("what", "word", "data"),
    [("reschedule/", "rescheduled", {"start": TUESDAY_TEN}), ("cancel/", "cancelled", {})],
)
def test_when_changes_have_closed_the_page_says_since_when_and_whom_to_ask(
    client: Client, page: str, what: str, word: str, data: dict[str, str]
) -> None:
    Calendar.objects.update(changes_close=timedelta(days=1))
    before = everything()

    answers = [client.get(page + what), client.post(page + what, data)]

    assert [answer.status_code for answer in answers] == [409, 409]
    for answer in answers:
        said = words_of(text_of(answer))
        assert f"cannot be {word} here any more" in said
        assert "That was possible until Sunday 1 March 2026, 09:00 (CET, Europe/Berlin)." in said
        assert "Please contact Riverside, or Owner, directly" in said
        assert "@" not in said
    assert everything() == before


@pytest.mark.parametrize(
    ("what", "word", "policy"),
    [
        ("reschedule/", "rescheduled", {"guests_may_reschedule": False}),
        ("reschedule/", "rescheduled", {"is_active": False}),
        ("cancel/", "cancelled", {"guests_may_cancel": False}),
    ],
    ids=str,
)
def test_what_guests_never_may_is_refused_without_a_deadline(
    client: Client, page: str, what: str, word: str, policy: dict[str, Any]
) -> None:
    Calendar.objects.update(**policy)
    before = everything()

    answers = [client.get(page + what), client.post(page + what, {"start": TUESDAY_TEN})]

    assert [answer.status_code for answer in answers] == [409, 409]
    for answer in answers:
        assert f"cannot be {word} here" in text_of(answer)
        assert "any more" not in text_of(answer)
    assert everything() == before


@pytest.mark.parametrize("what", ["reschedule/", "cancel/"])
def test_an_appointment_that_was_cancelled_says_so(
    client: Client, tenant: Tenant, page: str, appointment: Appointment, what: str
) -> None:
    cancel(appointment, by=tenant.admin)

    seen = client.get(page + what)

    assert seen.status_code == 409
    assert "This appointment was cancelled" in text_of(seen)
    assert "/book/riverside/" in text_of(seen)


def test_a_cancelled_appointment_is_not_moved(
    client: Client, tenant: Tenant, page: str, appointment: Appointment
) -> None:
    cancel(appointment, by=tenant.admin)
    before = everything()

    answer = client.post(page + "reschedule/", {"start": TUESDAY_TEN})

    assert answer.status_code == 409
    assert "This appointment was cancelled" in text_of(answer)
    assert everything() == before


def test_the_cancel_page_shows_what_will_be_cancelled(client: Client, page: str) -> None:
    seen = text_of(client.get(page + "cancel/"))

    assert "Cancel this appointment?" in seen
    assert "Consultation" in seen
    assert "Monday 2 March 2026, 09:00" in seen
    assert "<dd>Owner</dd>" in seen


def test_a_guest_cancels_and_tells_the_host_why(
    tenant: Tenant, page: str, appointment: Appointment
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get(page + "cancel/")

    answer = strict.post(page + "cancel/", {"reason": "I am ill"})

    told = text_of(strict.get(answer["Location"]))
    appointment.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert appointment.status == "cancelled"
    assert Mail.objects.get(kind="cancelled", to=tenant.owner).reason == "I am ill"
    assert appointment.history.get(kind="cancelled").note == "I am ill"
    assert "This appointment was cancelled" in told
    assert 'href="/book/riverside/consultation/"' in told
    assert not strict.cookies


def test_no_reason_has_to_be_given(client: Client, page: str, appointment: Appointment) -> None:
    client.post(page + "cancel/")

    appointment.refresh_from_db()
    assert appointment.status == "cancelled"


def test_cancelled_twice_is_cancelled_once(
    client: Client, page: str, appointment: Appointment
) -> None:
    answers = [client.post(page + "cancel/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert appointment.history.filter(kind="cancelled").count() == 1


def test_control_characters_in_a_reason_become_spaces_and_lines_stay_lines(
    client: Client, page: str, appointment: Appointment
) -> None:
    client.post(page + "cancel/", {"reason": "one\r\ntwo\x0bthree\x1b[31m\u2028four"})

    assert appointment.history.get(kind="cancelled").note == "one\ntwo\nthree [31m\nfour"


def test_a_line_end_counts_once_in_a_reason(
    client: Client, page: str, appointment: Appointment
) -> None:
    answer = client.post(page + "cancel/", {"reason": "x" * 249 + "\r\n" + "y" * 250})

    assert answer.status_code == 302
    assert len(appointment.history.get(kind="cancelled").note) == 500


@pytest.mark.parametrize("reason", ["x" * 501, "x\0", "x" * 1_000_000], ids=["501", "NUL", "huge"])
def test_a_reason_that_is_not_right_cancels_nothing(client: Client, page: str, reason: str) -> None:
    before = everything()

    answer = client.post(page + "cancel/", {"reason": reason})

    assert answer.status_code == 422
    assert "Please check what you entered" in text_of(answer)
    assert everything() == before


@pytest.mark.parametrize(
    ("what", "data"),
    [("reschedule/", {"start": TUESDAY_TEN}), ("cancel/", {"reason": "Kept reason"})],
)
def test_changes_from_one_address_are_limited(
    client: Client, page: str, settings: Settings, what: str, data: dict[str, str]
) -> None:
    settings.BOOKING_RATE = 2
    for number in (8, 9):
        client.post(page + "reschedule/", {"start": f"2026-03-05T0{number}:00:00Z"})
    before = everything()

    answer = client.post(page + what, data)

    assert answer.status_code == 429
    assert "tried too often" in text_of(answer)
    assert "Kept reason" in text_of(answer) or what == "reschedule/"
    assert everything() == before
    assert client.post(page + what, data, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_no_link_of_another_appointment_reaches_this_one(
    client: Client, calendar: Calendar, page: str, appointment: Appointment
) -> None:
    other = book(wish(calendar, MONDAY_NINE + timedelta(hours=1), email="o@example.com"), now=NOW)

    client.post(f"/appointments/{other.token}/cancel/")

    appointment.refresh_from_db()
    assert appointment.status == "confirmed"
