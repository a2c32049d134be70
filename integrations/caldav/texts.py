"""TEXT values (RFC 5545 3.3.11): taking the escapes out, and making strange text harmless."""

import re
from collections import Counter

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_MANY_BREAKS = re.compile("\n(?:[ \t]*\n)+")
# Control characters have no meaning in a title, and lone surrogates cannot be encoded.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def unescape(value: str) -> str:
    """The text a raw value stands for."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escape(text: str) -> str:
    """A line of text as a raw value. It has no line break in it: see `one_line`."""
    return re.sub(r"[\\;,]", r"\\\g<0>", text)


def paragraphs(text: str) -> str:
    """Text of several lines: every kind of line break becomes LF, control characters go."""
    return _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text)).strip()


def added(text: str, *own: str) -> str:
    """What somebody wrote into a text of ours: its lines that none of our own versions has."""
    ours: Counter[str] = Counter()
    for version in own:
        ours |= Counter(line.strip() for line in version.split("\n"))
    lines = []
    for line in text.split("\n"):
        if line.strip() and ours[line.strip()]:
            ours[line.strip()] -= 1
        else:
            lines.append(line)
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str, *, limit: int | None = None) -> str:
    """Text on one line: breaks and tabs become spaces; at most `limit` characters."""
    if limit is not None:
        text = text[: limit * 4]  # enough to fill the limit, and no work for a title of megabytes
    return " ".join(paragraphs(text).replace("\t", " ").split("\n"))[:limit].strip()
