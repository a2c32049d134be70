"""Telephone numbers are found however somebody writes them."""

import re

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace

FEWEST_DIGITS = 3  # fewer are in every number


def digits_to_find(text: str) -> str:
    """The digits of what may be part of a telephone number; empty where it is none."""
    digits = re.sub(r"\D", "", text)
    has_letters = re.search(r"[^\W\d]", text)
    return digits if len(digits) >= FEWEST_DIGITS and not has_letters else ""


def digits_of(field: str) -> Combinable:
    """A telephone number's column without what people write between its digits."""
    bare: Combinable = F(field)
    for sign in " -/().":
        bare = Replace(bare, Value(sign), Value(""))
    return bare
