"""Texts from strangers: no control characters get past these, and line ends count once."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# C0 and C1 controls, and the separators that some readers take for line ends.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class LinesField(forms.CharField):
    """Counts the end of a line as one character, as browsers do, though they send two."""

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value)).replace("\r\n", "\n")


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
