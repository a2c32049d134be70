"""An agency's colour on public pages: the shades that can be read, whatever the colour is.

Contrast is that of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of the relative luminances.
https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

BLACK, WHITE = "#000000", "#ffffff"
TEXT = 4.5  # WCAG 2.2, 1.4.3
STEPS = 50
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """What tokens.css paints pages with, and how a colour is told from it."""

    surface: str
    grounds: tuple[str, ...]  # all that text can stand on
    ink: str  # towards which a colour is moved until it can be read
    tint: float  # how much of the colour is in a soft ground


LIGHT = Theme("#ffffff", ("#ffffff", "#f6f5f1", "#efede7"), BLACK, 0.1)
DARK = Theme("#1b1e28", ("#1b1e28", "#12141b", "#252935"), WHITE, 0.16)


def is_colour(text: str) -> bool:
    """Whether it is written as colours are stored: `#` and six digits or letters from a to f."""
    return _COLOUR.fullmatch(text) is not None


def validate_colour(text: str) -> None:
    if not is_colour(text.lower()):
        raise ValidationError(
            "“%(text)s” is not a colour. Write # and six digits or letters from a to f, such as"
            " #0b7a75.",
            params={"text": text},
        )


def tokens(colour: str, theme: Theme) -> dict[str, str]:
    """The custom properties of a theme that have a brand's colour, as `#rrggbb`."""
    shade = legible(colour, on=theme.grounds, towards=theme.ink)
    # Of the lighter one: a soft ground of a dark colour would not be seen in the dark.
    soft = mix(theme.surface, max(colour, shade, key=luminance), theme.tint)
    text = text_on(colour)
    ink = legible(colour, on=(*theme.grounds, soft), towards=theme.ink)
    return {
        "--accent": colour,
        "--accent-hover": mix(colour, BLACK if text == WHITE else WHITE, 0.15),
        "--on-accent": text,
        "--accent-edge": ink,
        "--accent-ink": ink,
        "--accent-soft": soft,
        "--focus": ink,
    }


def text_on(colour: str) -> str:
    """White where it can be read on the colour, else black, which then can."""
    return WHITE if contrast(WHITE, colour) >= TEXT else BLACK


def legible(colour: str, *, on: tuple[str, ...], towards: str) -> str:
    """The shade nearest to the colour that can be read on each of these grounds."""
    shades = (mix(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next(shade for shade in shades if min(contrast(shade, ground) for ground in on) >= TEXT)


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black and white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """From 0, black, to 1, white. https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: str, other: str, share: float) -> str:
    """One colour with a share, from 0 to 1, of the other."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
