"""Reading pages as somebody does whose browser asks for German."""

import re
from typing import Any

from tests.calendars.views.pages import text_of, words_of

# Of Swiss German there is no catalog: German is nearest.
LANGUAGE = {"Accept-Language": "de-CH, de;q=0.9, en;q=0.8"}
# Words that German does not have.
ENGLISH = re.compile(
    r"\b(a|and|anyone|appointment|are|at|book|cancel|choose|from|is|it|of|or|the|this|"
    r"time|times|to|when|with|you|your)\b",
    re.IGNORECASE,
)


def read(answer: Any) -> str:
    """What a German page says; it says nothing in English."""
    without_zones = re.sub(r"(?s)<select.*?</select>", "", text_of(answer))
    said = words_of(without_zones)
    assert english_in(said) == []
    assert '<html lang="de">' in text_of(answer)
    assert answer["Content-Language"] == "de"
    assert "Accept-Language" in answer["Vary"]
    return said


def english_in(text: str) -> list[str]:
    """English words of a text, addresses of pages aside."""
    return ENGLISH.findall(re.sub(r"https?:\S+", "", text))
