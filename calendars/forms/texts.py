"""Texts from strangers: no control characters get past these."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# C0 and C1 controls, and the separators that some readers take for line ends.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def validate_one_line(text: str) -> None:
    if _CONTROLS.search(text):
        raise ValidationError(_("Please leave out line breaks and control characters."))


def validate_ascii(text: str) -> None:
    if not text.isascii():
        raise ValidationError(_("Please write the address with plain letters only."))


def plain_lines(text: str) -> str:
    """The text with ordinary line ends and no other control characters."""
    lines = _LINE_ENDS.sub("\n", text).split("\n")
    return "\n".join(_CONTROLS.sub(" ", line) for line in lines)
