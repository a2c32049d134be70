import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.brand import DARK, LIGHT, Theme, contrast, legible, mix, text_on, tokens

STEPS = ("00", "40", "80", "c0", "ff")
COLOURS = [f"#{red}{green}{blue}" for red in STEPS for green in STEPS for blue in STEPS]
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def painted(theme: Theme) -> dict[str, str]:
    """What tokens.css says, in that theme."""
    css = (Path(settings.BASE_DIR) / "static/daybook/tokens.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", light))
    return found | (
        dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", dark)) if theme is DARK else {}
    )


def test_contrast_is_measured_as_wcag_says() -> None:
    pairs = [("#000000", "#ffffff"), ("#777777", "#ffffff"), ("#0b7a75", "#0b7a75")]

    assert [round(contrast(*pair), 2) for pair in pairs] == [21.0, 4.48, 1.0]


@pytest.mark.parametrize(
    ("colour", "text"),
    [
        ("#000000", "#ffffff"),
        ("#0b7a75", "#ffffff"),
        ("#767676", "#ffffff"),
        ("#777777", "#000000"),
        ("#ffd400", "#000000"),
        ("#ffffff", "#000000"),
    ],
)
def test_text_on_a_colour_is_white_where_that_can_be_read(colour: str, text: str) -> None:
    assert text_on(colour) == text


def test_a_colour_is_moved_no_further_than_it_takes_to_be_read() -> None:
    assert mix("#ffffff", "#0b7a75", 0.1) == "#e7f2f1"
    assert legible("#0b7a75", on=("#ffffff",), towards="#000000") == "#0b7a75"
    assert legible("#ffd400", on=("#ffffff",), towards="#000000") == "#8a7200"
    assert legible("#0b7a75", on=("#12141b",), towards="#ffffff") == "#2d8d88"


def test_a_colour_has_its_shades_in_the_light_and_in_the_dark() -> None:
    assert tokens("#0b7a75", LIGHT) == {
        "--accent": "#0b7a75",
        "--accent-hover": "#096863",
        "--on-accent": "#ffffff",
        "--accent-edge": "#0b7873",
        "--accent-ink": "#0b7873",
        "--accent-soft": "#e7f2f1",
        "--focus": "#0b7873",
    }
    assert tokens("#0b7a75", DARK) == {
        "--accent": "#0b7a75",
        "--accent-hover": "#096863",
        "--on-accent": "#ffffff",
        "--accent-edge": "#59a5a1",
        "--accent-ink": "#59a5a1",
        "--accent-soft": "#23323a",
        "--focus": "#59a5a1",
    }


@pytest.mark.parametrize("theme", THEMES)
def test_whatever_the_colour_is_all_that_stands_on_a_page_can_be_read(theme: Theme) -> None:
    page = painted(theme)
    worst: dict[str, float] = {}
    for colour in COLOURS:
        own = tokens(colour, theme)
        soft = own["--accent-soft"]
        grounds = [page["--surface"], page["--paper"], page["--sunken"], soft]
        read = {
            "button": contrast(own["--on-accent"], own["--accent"]),
            "button under the mouse": contrast(own["--on-accent"], own["--accent-hover"]),
            "link": min(contrast(own["--accent-ink"], ground) for ground in grounds),
            "outline": min(contrast(own["--focus"], ground) for ground in grounds),
            "edge": min(contrast(own["--accent-edge"], ground) for ground in grounds),
            "text on a soft ground": contrast(page["--ink"], soft),
            "soft text on a soft ground": contrast(page["--ink-soft"], soft),
        }
        worst = {what: min(value, worst.get(what, 21)) for what, value in read.items()}

    assert {what: value for what, value in worst.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_themes_are_those_of_the_style_sheet(theme: Theme) -> None:
    page = painted(theme)

    assert theme.surface == page["--surface"]
    assert theme.grounds == tuple(page[f"--{name}"] for name in ("surface", "paper", "sunken"))
