"""What somebody wrote into a text of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.caldav.texts import added, paragraphs

OWN = "Gwen\ngwen@guest.test\n\nSecond floor"


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (OWN, ""),
        ("", ""),
        (f"{OWN}\n\nTea", "Tea"),
        (f"{OWN}\nTea\n\n\n\nMilk", "Tea\n\nMilk"),
        ("Tea\nGwen", "Tea"),
        ("Tea", "Tea"),
        ("Gwen\nGwen", "Gwen"),  # ours is there once
        (" Gwen \n  Tea", "Tea"),
    ],
)
def test_lines_that_are_not_ours_were_added(theirs: str, expected: str) -> None:
    assert added(theirs, OWN) == expected


def test_a_line_of_any_version_of_ours_was_not() -> None:
    assert added("Gwen\nOtto\nTea", "Gwen", "Gwen\nOtto") == "Tea"


LINES = st.lists(st.text("ab\N{HOT BEVERAGE}", max_size=4), max_size=6)


@given(LINES, LINES)
def test_what_is_added_below_comes_back_whole(own: list[str], more: list[str]) -> None:
    ours = {line for line in own if line}
    lines = [line for line in more if line and line not in ours]

    text = paragraphs("\n".join([*own, "", *lines]))

    assert added(text, "\n".join(own)) == "\n".join(lines)
