"""Content lines as they stand in a file (RFC 5545 3.1): folded, each with its own line end.

For changing single lines of somebody else's file: joined again, all others are what they were.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PHYSICAL = re.compile(r"[^\n]*\n|[^\n]+\Z")
_LINE_END = re.compile(r"\r{0,2}\n\Z")  # CR CR LF occurs, too
_HEAD = re.compile(r'([A-Za-z0-9-]+)(?:;[^=;:"]*=(?:"[^"]*"|[^";:])*)*:')
_MOST_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: its `content` without folds, as in `written`, and how that ends."""

    written: str
    content: str
    end: str

    @property
    def name(self) -> str:
        """The property's name in capitals; empty where this is no content line."""
        found = _HEAD.match(self.content)
        return found[1].upper() if found else ""

    @property
    def head(self) -> str:
        """Name and parameters, with the colon before the value."""
        found = _HEAD.match(self.content)
        return found[0] if found else ""

    @property
    def value(self) -> str:
        return self.content[len(self.head) :]

    def saying(self, content: str) -> "Line":
        """Another content, folded anew, with the same line end."""
        return Line(fold(content, end=self.end) + self.end, content, self.end)


def split_lines(ics: str) -> list[Line]:
    """All lines of a file. Their `written` texts joined are the file."""
    lines: list[Line] = []
    for physical in _PHYSICAL.findall(ics):
        line = _line(physical)
        if lines and physical[0] in " \t":
            last = lines.pop()
            line = Line(last.written + physical, last.content + line.content[1:], line.end)
        lines.append(line)
    return lines


def join_lines(lines: Iterable[Line]) -> str:
    return "".join(line.written for line in lines)


def fold(content: str, *, end: str) -> str:
    """At most 75 octets a line, its end not counted, and no character cut in two."""
    parts, size = [], 0
    for character in content:
        width = len(character.encode())
        if size + width > _MOST_OCTETS:
            parts.append(f"{end} ")
            size = 1
        parts.append(character)
        size += width
    return "".join(parts)


def _line(physical: str) -> Line:
    found = _LINE_END.search(physical)
    end = found[0] if found else ""
    return Line(physical, physical.removesuffix(end), end)
