"""docs/busy-time.md and the case files say the same."""

import re
from pathlib import Path

from tests.integrations.caldav.oracle import DIFFERENT, UNASKED
from tests.integrations.caldav.spans import SPANS

TEXT = (Path(__file__).parents[3] / "docs" / "busy-time.md").read_text()
CASES, DIFFERENCES = TEXT.split("## Where `recurring-ical-events` differs")


def rows(text: str) -> list[list[str]]:
    """The cells of every row but the heads of tables."""
    lines = re.findall(r"^\| (`.*) \|$", text, re.MULTILINE)
    return [line.split(" | ") for line in lines]


def test_every_case_file_has_one_row_that_says_what_it_holds_what_becomes_of_it_and_why() -> None:
    cases = rows(CASES)

    assert sorted(name.strip("`") for name, *_ in cases) == sorted(SPANS)
    assert [row for row in cases if len(row) != 4 or not all(cell.strip() for cell in row)] == []
    assert len(cases) >= 130


def test_the_known_differences_are_those_the_tests_know() -> None:
    differences = rows(DIFFERENCES)

    named = [name for files, *_ in differences for name in re.findall(r"`(\w+)`", files)]
    assert sorted(named) == sorted(DIFFERENT | UNASKED)
    assert [row for row in differences if len(row) != 3] == []
