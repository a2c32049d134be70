from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from calendars.forms.wall_clock import WallClockField

BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str) -> datetime | None:
    field = WallClockField(required=False, is_exact=True)
    field.zone = BERLIN
    value: datetime | None = field.clean(text)
    return value


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T09:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (" 2026-03-02 09:00 ", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-07-02T09:00:00", datetime(2026, 7, 2, 7, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of the two
        ("", None),
    ],
)
def test_a_time_is_read_by_the_clock_of_its_reader(text: str, at: datetime | None) -> None:
    assert read(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-03-29T02:30",  # skipped by the clock
        "2026-03-02T09:00Z",
        "2026-03-02T09:00:01",
        "2026-03-02T09:00:00.5",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "\0",
        "2026-02-30T09:00",
    ],
)
def test_what_is_no_such_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(text)
