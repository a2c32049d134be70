"""Reading pages as a visitor does."""

import re
from html import unescape
from typing import Any


def text_of(response: Any) -> str:
    """The page with its entities resolved."""
    return unescape(response.content.decode())


def words_of(page: str) -> str:
    """What a page says to its reader: without tags, and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
