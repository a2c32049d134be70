from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calendars.forms.appointments import CancelForm, GuestForm, TimeForm

BERLIN = ZoneInfo("Europe/Berlin")
NINE = "2026-03-02T08:00:00Z"


def test_another_time_counts_in_place_of_one_that_is_offered() -> None:
    form = TimeForm({"start": NINE, "other": "2026-03-02T20:00"}, zone=BERLIN)

    assert form.is_valid()
    assert form.wanted_at == datetime(2026, 3, 2, 19, tzinfo=UTC)


def test_one_of_them_is_needed() -> None:
    form = TimeForm({"start": "", "other": ""}, zone=BERLIN)

    assert form.errors == {"start": ["Please choose a time, or write another one."]}


def test_insisting_counts_for_the_time_it_was_shown_for_alone() -> None:
    same = TimeForm({"start": NINE, "anyway": NINE}, zone=BERLIN)
    another = TimeForm({"start": NINE, "other": "2026-03-02T20:00", "anyway": NINE}, zone=BERLIN)

    assert [form.is_valid() and form.is_anyway for form in (same, another)] == [True, False]


def test_the_time_insisted_on_counts_where_no_time_is_chosen_or_written() -> None:
    alone = TimeForm({"anyway": NINE}, zone=BERLIN)
    chosen = TimeForm({"start": "2026-03-02T09:00:00Z", "anyway": NINE}, zone=BERLIN)
    misread = TimeForm({"other": "soon", "anyway": NINE}, zone=BERLIN)

    assert [form.is_valid() and form.is_anyway for form in (alone, chosen, misread)] == [
        *(True, False, False),
    ]
    assert alone.wanted_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert misread.errors == {"other": ["Enter a date and a time, such as 2026-03-02T09:00."]}


def test_texts_are_kept_plain() -> None:
    sent = {"start": NINE, "name": "G", "email": "", "phone": "", "notes": "a\r\nb\x07"}
    form = GuestForm(sent, zone=BERLIN)
    reason = CancelForm({"reason": "a\r\nb\x07"})

    assert form.is_valid()
    assert reason.is_valid()
    assert form.guest(time_zone="UTC").notes == "a\nb "
    assert reason.cleaned_data["reason"] == "a\nb "


def test_a_line_end_counts_once_in_notes_and_in_a_reason() -> None:
    notes, reason = "x" * 999 + "\r\n" + "y" * 1000, "x" * 249 + "\r\n" + "y" * 250

    form = GuestForm({"start": NINE, "name": "Gina", "notes": notes}, zone=BERLIN)
    cancel = CancelForm({"reason": reason})

    assert (form.errors, cancel.errors) == ({}, {})
    assert len(form.guest(time_zone="UTC").notes) == 2000
    assert len(cancel.cleaned_data["reason"]) == 500


@pytest.mark.parametrize(
    ("field", "text"),
    [("name", ""), ("name", "a\nb"), ("email", "nobody"), ("phone", "1\x07"), ("host", "x")],
)
def test_what_is_not_right_is_said(field: str, text: str) -> None:
    form = GuestForm({"start": NINE, "name": "Gina", field: text}, zone=BERLIN)

    assert set(form.errors) == {field}
