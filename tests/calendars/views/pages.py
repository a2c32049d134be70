"""Reading pages as a visitor does."""

from html import unescape
from typing import Any


def text_of(response: Any) -> str:
    """The page with its entities resolved."""
    return unescape(response.content.decode())
