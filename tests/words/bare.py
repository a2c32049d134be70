"""Words in a template that are marked for nobody to translate."""

import re
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

SPOKEN = {"alt", "aria-label", "data-label", "data-offer", "placeholder", "title"}
# The last four are what Apple shows as a password in a drawing.
NAMES = {"Daybook", "iCloud", "abcd", "efgh", "ijkl", "mnop"}
# Elements whose text is written to be read by machines.
_CODE = {"code", "style"}
# Blocks that hold no text.
_QUIET = {"block page_class", "block shell_state"}
# A name with dots in it is an address.
_WORD = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?!\.?\w)")
_GIVEN = re.compile(r'\b(?:title|text|label|action_label)="([^"]*)"')
# Stands where a tag of the template stood: it ends no attribute and is no word.
_HOLE = "¤"


def bare_words(template: str) -> list[str]:
    """In the order in which they stand there. What a template hands to another one counts."""
    text, given = _outside_of_translations(template)
    reader = _Reader()
    reader.feed(text)
    return [
        word for said in (*reader.said, *given) for word in _WORD.findall(said) if word not in NAMES
    ]


def _outside_of_translations(template: str) -> tuple[str, list[str]]:
    text, given, inside = "", list[str](), ""
    for token in Lexer(template).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if name in {"blocktranslate", "comment"} or token.contents in _QUIET:
            inside = name
        elif name == f"end{inside}":
            inside = ""
        elif inside:
            continue
        elif token.token_type == TokenType.TEXT:
            text += token.contents
        elif name == "include":
            given += _GIVEN.findall(token.contents)
        text += _HOLE if name else ""
    return text, given


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code |= tag in _CODE
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_code &= tag not in _CODE

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self.said.append(data)

    def handle_decl(self, decl: str) -> None:
        """A document type is no word."""
