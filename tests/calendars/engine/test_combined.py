from collections.abc import Sequence

import pytest

from calendars.engine.combined import windows_for_all
from calendars.engine.hours import Window

MINUTE, HOUR = 60, 3600


def window(opens: float, closes: float) -> Window:
    """Open between two hours of the first day of all."""
    return Window(round(opens * HOUR), round(closes * HOUR), round(closes * HOUR), 0)


TEN_PAST_NINE, TEN_PAST_TEN = window(9 + 1 / 6, 12), window(10 + 1 / 6, 14)


MORNING = window(9, 12)
CASES: list[tuple[list[list[Window]], list[tuple[int, int]]]] = [
    ([[MORNING]], [(540, 720)]),
    ([[MORNING], [window(10, 14)]], [(600, 720)]),
    ([[MORNING], [TEN_PAST_TEN]], [(630, 720)]),
    ([[TEN_PAST_NINE], [MORNING]], [(550, 720)]),
    ([[MORNING], [window(9, 10), window(11, 14)]], [(540, 600), (660, 720)]),
    ([[MORNING], [window(10, 14)], [window(8, 11)]], [(600, 660)]),
    ([[MORNING], [window(13, 14)]], []),
    ([[MORNING], []], []),
    ([[], [MORNING]], []),
    ([[window(9, 11)], [window(10.75, 11)]], []),
]


@pytest.mark.parametrize(("services", "found"), CASES)
def test_services_are_open_together_on_the_grid_of_the_first(
    services: Sequence[Sequence[Window]], found: list[tuple[int, int]]
) -> None:
    both = windows_for_all(services, interval=30 * MINUTE)

    assert [(one.start // MINUTE, one.end // MINUTE) for one in both] == found


def test_a_meeting_lasts_as_long_as_all_services_are_open() -> None:
    [both] = windows_for_all([[MORNING], [window(8, 11)]], interval=30 * MINUTE)

    assert both == Window(9 * HOUR, 11 * HOUR, 11 * HOUR, 0)


def test_nothing_cannot_be_combined() -> None:
    with pytest.raises(ValueError, match="Nothing is combined"):
        windows_for_all([], interval=MINUTE)
